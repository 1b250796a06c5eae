import type { CellIdentity } from '../../model/cell-identity.ts';
import {
  isDifference,
  severityOf,
  type Difference,
  type Reason,
  type Severity,
} from '../../model/finding.ts';
import type { AppIdentity } from '../../model/garden.ts';
import type { ContainerReport } from '../../model/report.ts';
import type { AdviceView } from '../../model/report-view.ts';
import { oneLine } from '../../model/text.ts';
import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import { isPlainName } from '../names.ts';
import { NO_CGROUP_CASES, STUCK_CASES } from './destroy-cases.ts';
import { UNKNOWN_CASES, UNOWNED_CASES } from './lost-cases.ts';
import { ESCAPED_CASES, LIMIT_CASES, PARTIAL_CASES } from './moved-cases.ts';
import { textOf, type About, type Case, type Names } from './step.ts';

/** What to do about each reason: the first case that holds for a container. */
const ADVICE: { readonly [R in Reason]: readonly Case<R>[] } = {
  'unknown-to-garden': UNKNOWN_CASES,
  unowned: UNOWNED_CASES,
  'no-cgroup': NO_CGROUP_CASES,
  stuck: STUCK_CASES,
  escaped: ESCAPED_CASES,
  'limit-lost': LIMIT_CASES,
  partial: PARTIAL_CASES,
};

export const casesOf = <R extends Reason>(reason: R): readonly Case<R>[] => ADVICE[reason];

/** What stands in a command where nothing is known. */
const PLACEHOLDERS: Names = {
  handle: 'HANDLE',
  app: 'APP',
  instance: 'NUMBER',
  space: 'SPACE',
  org: 'ORG',
  deployment: 'DEPLOYMENT',
  cell: 'diego_cell/INDEX',
};

const plain = (name: string | null, otherwise: string): string =>
  name !== null && isPlainName(name) ? name : otherwise;

function namesOf(
  { handle, app }: { readonly handle: string; readonly app: AppIdentity | null },
  cell: CellIdentity | null,
): Names {
  return {
    handle: isPlainName(handle) ? handle : null,
    app: plain(app?.name ?? null, PLACEHOLDERS.app),
    instance:
      app?.index === undefined || app.index === null ? PLACEHOLDERS.instance : `${app.index}`,
    space: plain(app?.spaceName ?? null, PLACEHOLDERS.space),
    org: plain(app?.organizationName ?? null, PLACEHOLDERS.org),
    deployment: plain(cell?.deployment ?? null, PLACEHOLDERS.deployment),
    cell:
      cell !== null && isPlainName(cell.group) ? `${cell.group}/${cell.index}` : PLACEHOLDERS.cell,
  };
}

/** A drill needs nothing on the cell. */
const DRILL: AdviceView = {
  urgency: 'Nothing to mend: somebody is testing the alert path, and the drill ends by itself.',
  steps: [
    {
      action: 'Check that the alert arrived where it should.',
      command: `${TYPED_ON_CELL} drill --undo`,
      result: 'The alert arrived → this command ends the drill at once.',
    },
  ],
};

interface Reader extends Pick<About, 'explained'> {
  /** For the commands of bosh; null outside BOSH. */
  readonly cell: CellIdentity | null;
}

/** What to do about a finding; null if it is not one. */
export function adviceOn(container: ContainerReport, reader: Reader): AdviceView | null {
  const { status, explanation, reason } = container;
  if (status !== 'untracked') return null;
  if (isDifference(explanation)) return adviceFor(explanation.kind, explanation, container, reader);
  switch (explanation.kind) {
    case 'drill':
      return DRILL;
    case 'intermittent':
      return reason === null ? null : adviceFor(reason, null, container, reader);
    case 'tracked':
    case 'in-transition':
    case 'undecided':
      return null;
    default:
      return explanation satisfies never;
  }
}

const adviceFor = <R extends Reason>(
  reason: R,
  difference: Difference<R> | null,
  container: ContainerReport,
  { cell, explained }: Reader,
): AdviceView =>
  adviceAbout(reason, {
    severity: container.severity ?? severityOf(reason),
    kind: container.kind,
    difference,
    names: namesOf(container, cell),
    pids: container.processes.map(({ pid }) => pid),
    explained,
  });

/** What to do where neither the container nor its evidence is known. */
export const adviceWithoutContainer = (reason: Reason, severity: Severity): AdviceView =>
  adviceAbout(reason, aboutAny(severity));

/** Any container with a finding of this severity. */
export const aboutAny = (severity: Severity): About & { readonly difference: null } => ({
  severity,
  kind: null,
  difference: null,
  names: PLACEHOLDERS,
  pids: [],
  explained: null,
});

function adviceAbout<R extends Reason>(reason: R, about: About<R>): AdviceView {
  const chosen = casesOf(reason).find(
    ({ when, severity = about.severity }) => severity === about.severity && when(about),
  );
  if (chosen === undefined) throw new Error(`no advice about ${reason}`);
  return adviceOfCase(chosen, about);
}

/** The steps of a case for this container, with the numbers of steps that other steps name. */
export function adviceOfCase<R extends Reason>(one: Case<R>, about: About<R>): AdviceView {
  const steps = one.steps.filter(({ when }) => when?.(about) ?? true);
  return {
    urgency: textOf(one.urgency, about),
    steps: steps.map((step) => ({
      action: (step.recreatesCell ? othersFirst(about) : '') + textOf(step.action, about),
      command: step.command === undefined ? null : textOf(step.command, about),
      result: step.result === undefined ? null : withNumbers(textOf(step.result, about), steps),
    })),
  };
}

const MAX_OTHERS = 3;
const MAX_HANDLE = 80;

/** What must be done before the cell is recreated, and with it its other findings. */
function othersFirst({ explained }: About): string {
  const others = explained?.otherFindings ?? [];
  if (others.length === 0) return '';
  const more = others.length - MAX_OTHERS;
  const handles =
    others
      .slice(0, MAX_OTHERS)
      .map((handle) => oneLine(handle, MAX_HANDLE))
      .join(', ') + (more > 0 ? ` and ${more} more` : '');
  const findings = others.length === 1 ? 'finding' : 'findings';
  return `First explain the other ${findings} here (one capture has all): ${handles}. `;
}

/** `{capture}` is the number of the step of that name. */
const withNumbers = (result: string, steps: readonly { readonly name: string }[]): string =>
  result.replaceAll(/\{([a-z-]+)\}/g, (_, name: string) => {
    const at = steps.findIndex((step) => step.name === name);
    if (steps[at] === undefined) throw new Error(`no step ${name}`);
    return String(at + 1);
  });
