import type { HostProcess } from '../model/destroy.ts';
import type { DestroyRetry, Difference } from '../model/finding.ts';
import { oneLine } from '../model/text.ts';
import { listText } from './names.ts';
import { spanText } from './quantities.ts';

export function noCgroupSentence(difference: Difference<'no-cgroup'>): string {
  const { rootMountPids, onlyPeas } = difference;
  if (rootMountPids === null || rootMountPids.length === 0) {
    const what = onlyPeas ? 'and only its Envoy or a health check runs' : 'but nothing runs';
    return `Garden still lists it, ${what}.${destroySentences(difference)}`;
  }
  const pids = listText(rootMountPids.slice(0, 5).map(String));
  const one = rootMountPids.length === 1;
  return (
    `Its cgroup is empty, but ${one ? 'process' : 'processes'} ${pids} still ` +
    `${one ? 'has' : 'have'} its root filesystem: its limits do not apply there, and whatever watches its cgroup does not see ${one ? 'it' : 'them'}.`
  );
}

const RETRY_SENTENCES: Readonly<Record<Exclude<DestroyRetry, 'at-start'>, string>> = {
  rep: 'Its destroy fails, and rep retries it.',
  'health-check':
    'It is a health check of rep, which tries three times to destroy it in each health check ' +
    '(every 10 minutes by default). While that fails, rep calls the cell unhealthy, and Diego ' +
    'starts nothing on it.',
  nobody: 'Nobody tries to destroy it again.',
  perhaps:
    'Garden lost its properties: gdn has died since it was made, perhaps in the middle of its destroy.',
  hanging: 'Its destroy hangs in such a process, and no other attempt begins.',
};

const CHECK_ERROR = '"garden_health_checker exited with error"';

/** What a rep that starts does, by where it tries to destroy the container. */
const START_SENTENCES = {
  destroy:
    'Each rep that starts tries to destroy it first, and exits if that fails: Diego starts ' +
    'nothing on this cell.',
  'health-check': `Each rep that starts tries to destroy it in its first health check, and exits with ${CHECK_ERROR} if that fails.`,
} as const;

/** What happens if the rep that runs is restarted. */
const RESTART_SENTENCES = {
  destroy: 'If rep restarts, it exits at each start until this container is destroyed.',
  'health-check': `If rep restarts, it exits with ${CHECK_ERROR} until this container is destroyed.`,
} as const;

/** Who destroys it, and what that means for rep. */
function retrySentences({ retry, stopsRep }: Difference<'no-cgroup'>): readonly string[] {
  if (retry === 'at-start') return stopsRep === null ? [] : [START_SENTENCES[stopsRep]];
  const who = RETRY_SENTENCES[retry];
  return stopsRep === null ? [who] : [who, RESTART_SENTENCES[stopsRep]];
}

/** A comm with the command of a runc, the longest of which is `checkpoint`. */
const MAX_HOST_NAME = 26;

/** At most three processes, with their age at that time. */
export const processTexts = (processes: readonly HostProcess[], at: string): readonly string[] =>
  processes.slice(0, 3).map(({ pid, name, state, startedAt }) => {
    // The state is one sample, so it does not show since when the process has slept.
    const sleep = state === 'D' ? ', in uninterruptible sleep' : '';
    return `${oneLine(name, MAX_HOST_NAME)} (process ${pid}${sleep}, started ${ageText(startedAt, at)} ago)`;
  });

export const ageText = (startedAt: string, at: string): string =>
  spanText(Math.max(0, Date.parse(at) - Date.parse(startedAt)) / 1000);

/** Why its destroy does not complete, and what that leads to. */
function destroySentences(difference: Difference<'no-cgroup'>): string {
  const { destroy } = difference;
  const processes = processTexts(destroy?.processes ?? [], destroy?.at ?? '');
  return [
    ...(processes.length > 0 ? [`Host processes that name it: ${listText(processes)}.`] : []),
    ...((destroy?.mounts ?? 0) > 0
      ? ["Its root filesystem is still mounted (gdn's mountinfo)."]
      : []),
    ...retrySentences(difference),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('');
}
