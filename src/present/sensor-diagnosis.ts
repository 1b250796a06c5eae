import type { ContainerView, DiagnosisView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import {
  code,
  facts,
  note,
  sentence,
  steps,
  type Block,
  type Fact,
  type Text,
  type Tone,
} from './document/blocks.ts';
import { appText, listText } from './names.ts';

/* What is wrong with a sensor, what to change, and which instances it concerns, in this order. */

const MAX_TEXT = 700;
const MAX_NAME = 60;
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

/** @param tone of what is wrong */
export function diagnosisBlocks(
  { wrong, notes, remedies, gaps }: DiagnosisView,
  instances: Instances,
  tone?: Tone,
): readonly Block[] {
  const parts = gaps.slice(0, MAX_PARTS);
  const limits = parts.filter(({ isKnownLimit }) => isKnownLimit);
  const others = parts.filter(({ isKnownLimit }) => !isKnownLimit);
  return [
    sentence(oneLine(wrong, MAX_TEXT), tone),
    ...notes.map((one) => note(oneLine(one, MAX_TEXT))),
    ...remedies.slice(0, MAX_PARTS).flatMap(remedyBlocks),
    ...(remedies.length === 0 && others.length > 0 ? [sentence(NOTHING_TO_CHANGE)] : []),
    ...gapBlocks(others, instances),
    ...(limits.length === 0 ? [] : [sentence('Known limits:', 'strong')]),
    ...gapBlocks(limits, instances),
  ];
}

const NOTHING_TO_CHANGE = 'rollcall knows no setting that changes this.';

const remedyBlocks = ({
  versions,
  steps: all,
}: DiagnosisView['remedies'][number]): readonly Block[] => [
  sentence(`What to change${versions === '' ? '' : `, ${oneLine(versions, MAX_NAME)}`}:`, 'strong'),
  steps(
    all.map(({ action, setting }) => ({
      action: oneLine(action, MAX_TEXT),
      command: setting === null ? null : oneLine(setting, MAX_TEXT),
      result: null,
    })),
  ),
];

const gapBlocks = (gaps: DiagnosisView['gaps'], instances: Instances): readonly Block[] => {
  const byHandle = new Map(instances.all.map((one) => [one.handle, one]));
  return gaps.flatMap(({ why, versions, containers }) => {
    const shown = instances.isWhole ? containers : containers.slice(0, MAX_INSTANCES);
    const more = containers.length - shown.length;
    const of = versions.length === 0 ? '' : ` (${listText(versions.map(bounded))})`;
    return [
      sentence(`${oneLine(why, MAX_TEXT).replace(/\.$/, '')}${of}:`),
      facts(shown.map((container) => factOf(container, byHandle.get(container.handle)))),
      ...(more === 0
        ? []
        : [note(`… and ${more} more; rollcall sensors --missed lists them all.`)]),
    ];
  });
};

const bounded = (text: string): string => oneLine(text, MAX_NAME);

function factOf(
  { handle, id }: DiagnosisView['gaps'][number]['containers'][number],
  instance: Instance | undefined,
): Fact {
  const value: Text = id === null ? code(handle) : [code(handle), ' as ', code(id, MAX_NAME)];
  return [nameOf(instance), value];
}

/** `billing/1`; without an app, what it is. */
const nameOf = (instance: Instance | undefined): string =>
  instance === undefined
    ? '-'
    : (appText(instance, MAX_NAME) ?? oneLine(instance.kind, MAX_NAME).replaceAll('-', ' '));
