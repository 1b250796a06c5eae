import type { NamedContainer, WhoseAnswer, WhoseView } from '../model/answers.ts';
import { oneLine } from '../model/text.ts';
import { MAX_HANDLE } from './names.ts';

/** The longest id that is shown whole. */
const MAX_ID = 200;

/** One line for each id. */
export const whoseText = ({ answers }: WhoseView): string =>
  answers.map(({ id, sentence }) => `${oneLine(id, MAX_ID)}: ${sentence}\n`).join('');

type Answered = Omit<WhoseAnswer, 'id' | 'sentence'>;

/** @param knownSince since when the agent knows ended containers; null: no agent answered */
export function whoseSentence(
  { answer, container, handles }: Answered,
  knownSince: string | null,
): string {
  switch (answer) {
    case 'named':
      return container === null ? 'named' : containerText(container);
    case 'ambiguous':
      return `ambiguous, it may be ${handles.map((one) => oneLine(one, MAX_HANDLE)).join(' or ')}`;
    case 'unnameable':
      return 'a sensor gives this id to processes of many containers or of the host';
    case 'not-found':
      return knownSince === null
        ? 'no container here has it now; only the agent knows those that have ended'
        : `no container has it, nor one that ended in the last hour and since ${knownSince}`;
    case 'unread':
      return 'unknown: the kernel or Garden could not be read';
  }
}

function containerText(one: NamedContainer): string {
  const { app, appId, index, space, spaceId, org, orgId, kind, pea, handle, status } = one;
  const instance = app === null ? null : index === null ? app : `${app}/${index}`;
  const names = [
    withGuid('app', instance, appId),
    withGuid('space', space, spaceId),
    withGuid('org', org, orgId),
  ].filter((text) => text !== null);
  const what = pea === null ? `${kind} ${handle}` : `pea ${pea} of ${handle}`;
  const ended = one.ended === null ? [] : [`ended ${one.ended}`];
  return [...names, what, status ?? 'not compared yet', `since ${one.since}`, ...ended].join(', ');
}

const withGuid = (what: string, name: string | null, guid: string | null): string | null => {
  if (name === null && guid === null) return null;
  return `${what} ${name ?? '?'}${guid === null ? '' : ` (${guid})`}`;
};
