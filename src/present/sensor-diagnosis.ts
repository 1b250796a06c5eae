import type { ContainerView, DiagnosisView } from '../model/report-view.ts';
import {
  code,
  facts,
  note,
  omittedNote,
  sentence,
  steps,
  type Blocks,
  type Fact,
  type Tone,
} from './document/blocks.ts';
import { appText, listText } from './names.ts';

/* What is wrong with a sensor, what to change, and which instances it concerns, in this order. */

/** More are only in the JSON, and after --missed. */
const MAX_INSTANCES = 8;
/** A page of an agent of another version may have more. */
const MAX_PARTS = 40;

/** What names a container for people. */
export type Instance = Pick<ContainerView, 'handle' | 'app' | 'kind'>;

export interface Instances {
  readonly all: readonly Instance[];
  /** Whether to list them however many there are. */
  readonly isWhole: boolean;
}

/**
 * @param running how many containers run here; null: not known
 * @param tone of what is wrong
 */
export function diagnosisBlocks(
  { wrong, notes, remedies, gaps }: DiagnosisView,
  instances: Instances & { readonly running: number | null },
  tone?: Tone,
): Blocks {
  const parts = gaps.slice(0, MAX_PARTS);
  const limits = parts.filter(({ isKnownLimit }) => isKnownLimit);
  const others = parts.filter(({ isKnownLimit }) => !isKnownLimit);
  return [
    sentence(wrong, tone),
    notes.map(note),
    remedies.slice(0, MAX_PARTS).map(remedyBlocks),
    remedies.length === 0 && others.length > 0 && sentence(NOTHING_TO_CHANGE),
    gapBlocks(others, instances),
    limits.length > 0 && sentence('Known limits:', 'strong'),
    gapBlocks(limits, instances),
  ];
}

const NOTHING_TO_CHANGE = 'rollcall knows no setting that changes this.';

const remedyBlocks = ({ versions, steps: all }: DiagnosisView['remedies'][number]): Blocks => [
  sentence(`What to change${versions === '' ? '' : `, ${versions}`}:`, 'strong'),
  steps(all.map(({ action, setting }) => ({ action, command: setting, result: null }))),
];

const gapBlocks = (
  gaps: DiagnosisView['gaps'],
  { all, isWhole, running }: Parameters<typeof diagnosisBlocks>[1],
): Blocks => {
  const byHandle = new Map(all.map((one) => [one.handle, one]));
  return gaps.map(({ why, versions, containers }) => {
    const shown = isWhole ? containers : containers.slice(0, MAX_INSTANCES);
    const of = versions.length === 0 ? '' : ` (${listText(versions)})`;
    const reason = `${why.replace(/\.$/, '')}${of}`;
    const isAll = containers.length > 1 && containers.length === running;
    if (isAll && !isWhole && containers.every(({ id }) => id === null))
      return sentence(`${reason}: all ${running} containers.`);
    return [
      sentence(`${reason}:`),
      facts(shown.map((container) => factOf(container, byHandle.get(container.handle)))),
      omittedNote(containers.length - shown.length, '; rollcall sensors --missed lists them all.'),
    ];
  });
};

const factOf = (
  { handle, id }: DiagnosisView['gaps'][number]['containers'][number],
  instance: Instance | undefined,
): Fact => [nameOf(instance), [code(handle), id === null ? null : [' as ', code(id)]]];

/** `billing/1`; without an app, what it is. */
const nameOf = (instance: Instance | undefined): string =>
  instance === undefined ? 'container' : (appText(instance) ?? instance.kind.replaceAll('-', ' '));
