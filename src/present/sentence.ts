import { isDifference } from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';
import { oneLine } from '../model/text.ts';
import { differenceSentence } from './reason-texts.ts';
import { secondText } from './quantities.ts';

/** The one sentence about a container, for every view. Foreign text is bounded and escaped. */
export function containerSentence(container: ContainerReport): string {
  const { explanation, inPasses } = container;
  const sentence =
    isDifference(explanation) && inPasses !== null
      ? `${explanationSentence(container)} Seen in ${passesText(inPasses)}.`
      : explanationSentence(container);
  if (container.status !== 'pending' || container.reason === null) return sentence;
  return `${sentence} Only a difference that lasts becomes a finding.`;
}

function explanationSentence(container: ContainerReport): string {
  const { explanation, reason, status, inPasses } = container;
  if (isDifference(explanation)) {
    return differenceSentence(explanation.kind, explanation, container);
  }
  switch (explanation.kind) {
    case 'tracked':
      return 'Garden lists this container, and the kernel shows its processes.';
    case 'intermittent':
      return `This container was ${reason ?? 'untracked'} in ${inPasses === null ? 'earlier passes' : passesText(inPasses)}, but not in this one.`;
    case 'drill':
      return `This is a drill until ${secondText(explanation.until)}: somebody is testing the alert path, and this container does not exist.`;
    case 'in-transition':
      return 'Garden is creating or destroying this container.';
    case 'undecided': {
      const before =
        status === 'untracked' && reason !== null ? ` The container was ${reason} before.` : '';
      return `Not decided in this pass: ${oneLine(explanation.why, 400)}.${before}`;
    }
    default:
      return explanation satisfies never;
  }
}

const passesText = ({ seen, of }: NonNullable<ContainerReport['inPasses']>): string =>
  `${seen} of the last ${of} passes`;
