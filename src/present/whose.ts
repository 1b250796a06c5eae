import type { EndedKnown, NamedContainer, WhoseAnswer, WhoseView } from '../model/answers.ts';
import { MIN_HANDLE_PREFIX } from '../model/ids.ts';
import { oneLine } from '../model/text.ts';
import { MAX_HANDLE } from './names.ts';

/** The longest id that is shown whole. */
const MAX_ID = 200;

/** One line for each id. */
export const whoseText = ({ answers }: WhoseView): string =>
  answers.map(({ id, sentence }) => `${oneLine(id, MAX_ID)}: ${sentence}\n`).join('');

type Answered = Omit<WhoseAnswer, 'id' | 'sentence'>;

interface Asked {
  readonly isPid: boolean;
  /** Null: no agent answered. */
  readonly ended: EndedKnown | null;
}

export function whoseSentence(
  { answer, by, container, handles, process }: Answered,
  { isPid, ended }: Asked,
): string {
  switch (answer) {
    case 'named': {
      if (container === null) return 'named';
      const text = containerText(container);
      if (by !== 'finding') return text;
      const finding = container.status === 'untracked' ? 'finding escaped' : 'escaped';
      return `runs outside its cgroups (${finding}); its root filesystem is that of ${text}`;
    }
    case 'ambiguous':
      return `ambiguous, it may be ${handles.map((one) => oneLine(one, MAX_HANDLE)).join(' or ')}`;
    case 'unnameable':
      return 'a sensor gives this id to processes of many containers or of the host';
    case 'too-short':
      return `too short: give at least ${MIN_HANDLE_PREFIX} characters of a handle`;
    case 'not-found':
      if (!isPid) return notFoundText(ended);
      return process === null ? 'no process has this pid now' : 'no container has this process';
    case 'unread':
      return 'unknown: the kernel or Garden could not be read';
    case 'no-id':
      return 'not an id that rollcall knows: give a pid, a handle or its beginning, an id of a sensor, a cgroup path, cgroup:ID or app/index';
  }
}

function notFoundText(ended: EndedKnown | null): string {
  if (ended === null)
    return 'no container here has it now; only the agent knows those that have ended';
  return ended === 'last-hour'
    ? 'no container has it, and none that ended in the last hour had it'
    : `no container has it, and none that ended since ${ended.since} (the agent started then) had it`;
}

function containerText(one: NamedContainer): string {
  const { app, appId, index, space, spaceId, org, orgId, kind, pea, handle, status } = one;
  // A task of an app is not an instance of it.
  const instance = app === null || index === null || kind === 'task' ? app : `${app}/${index}`;
  const names = [
    withGuid('app', instance, appId),
    withGuid('space', space, spaceId),
    withGuid('org', org, orgId),
  ].filter((text) => text !== null);
  const what = pea === null ? `${kind} ${handle}` : `pea ${pea} of ${handle}`;
  const ended = one.ended === null ? [] : [`ended ${one.ended}`];
  return [
    ...names,
    what,
    status ?? 'not compared yet',
    `on this cell since ${one.since}`,
    ...ended,
  ].join(', ');
}

const withGuid = (what: string, name: string | null, guid: string | null): string | null => {
  if (name === null && guid === null) return null;
  return `${what} ${name ?? '?'}${guid === null ? '' : ` (${guid})`}`;
};
