import type { DestroyEvidence, HostProcess } from '../model/destroy.ts';
import type { DestroyRetry, Difference } from '../model/finding.ts';
import { oneLine } from '../model/text.ts';
import { listText } from './names.ts';
import { secondsBetween, spanText } from './quantities.ts';
import { mountedSentence, outsideSentence, processWords } from './reason-sentences.ts';

export function noCgroupSentence(difference: Difference<'no-cgroup'>): string {
  const { rootMountPids, onlyPeas } = difference;
  if (rootMountPids === null || rootMountPids.length === 0) {
    const what = onlyPeas ? 'but only its Envoy or a health check runs' : 'but nothing runs in it';
    return `Garden still lists this container, ${what}.${destroySentences(difference)}`;
  }
  const { subject, have, them } = processWords(rootMountPids.slice(0, MAX_PIDS));
  return `The cgroup of this container is empty, but ${subject} still ${have} the container's root filesystem. ${outsideSentence(them)}`;
}

/** More would say nothing more. */
const MAX_PIDS = 5;

const RETRY_SENTENCES: Readonly<Record<Exclude<DestroyRetry, 'at-start'>, string>> = {
  rep: 'The destroy fails, and rep retries it.',
  'health-check':
    'The container is a health check of rep. In each health check (every 10 minutes by default), rep tries ' +
    'three times to destroy the container. While that fails, rep calls the cell unhealthy, and Diego starts ' +
    'nothing on the cell.',
  nobody: 'Nobody tries to destroy it again.',
  perhaps:
    "Garden lost the container's properties: gdn has died since the container was made, perhaps in the middle of the destroy.",
  hanging: 'So the destroy hangs, and no other attempt begins.',
  unknown: 'So it is unknown who tries to destroy it again.',
  'perhaps-hanging':
    'If gdn waits for such a process, the destroy hangs, and no other attempt begins.',
};

const CHECK_ERROR = '"garden_health_checker exited with error"';

/** What a rep that starts does, by where it tries to destroy the container. */
const START_SENTENCES = {
  destroy:
    'Each rep that starts tries to destroy the container first, and exits if that fails. So Diego starts ' +
    'nothing on this cell.',
  'health-check': `Each rep that starts tries to destroy the container in its first health check. If that fails, rep exits with ${CHECK_ERROR}.`,
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

/** With its age at that time. */
const processText = ({ pid, name, state, startedAt }: HostProcess, at: string): string => {
  // The state is one sample, so it does not show since when the process has slept.
  const sleep = state === 'D' ? ', in uninterruptible sleep' : '';
  return `${oneLine(name, MAX_HOST_NAME)} (process ${pid}${sleep}, started ${elapsedText(startedAt, at)} ago)`;
};

/** 0 s if the clock went backwards. */
export const elapsedText = (startedAt: string, at: string): string =>
  spanText(secondsBetween(startedAt, at) ?? 0);

/** What only root can see (proc_pid_fd(5) needs the access mode of ptrace). */
export const ONLY_ROOT_SEES =
  'Only root can see whether another process holds a pipe that gdn reads.';

/** What a search that was cut leaves open. */
const NOT_ALL_SEARCHED =
  'The host has more processes than one search reads, so others may keep gdn waiting.';

/** What gdn waits for, or may; none: nothing shows that it waits. */
export function waitSentences(evidence: DestroyEvidence): readonly string[] {
  const { processes, omitted, at, hasWorked, isCut, pipesRead } = evidence;
  const ofPart = (part: HostProcess['part']) => processes.filter((one) => one.part === part);
  const textsOf = (part: HostProcess['part']) => ofPart(part).map((one) => processText(one, at));
  const [working, holding, left] = [ofPart('works'), textsOf('holds'), textsOf('left')];
  const more = omitted > 0 ? `, and ${omitted} more` : '';
  const sentences = [
    ...(working.length > 0 ? [`gdn waits for ${treeText(working, at)}${more}.`] : []),
    ...(holding.length > 0
      ? [
          `${listText(holding)} ${holding.length === 1 ? 'is not below gdn, and holds' : 'are not below gdn, and hold'} a pipe that gdn reads.`,
        ]
      : []),
    ...(left.length > 0
      ? [
          `${listText(left)} ${left.length === 1 ? 'is' : 'are'} left of what gdn started for this container, and may hold a pipe that gdn reads.`,
        ]
      : []),
  ];
  if (isCut) return [...sentences, NOT_ALL_SEARCHED];
  return sentences.length === 0 && hasWorked && !pipesRead
    ? [`All that gdn started for this container has ended. ${ONLY_ROOT_SEES}`]
    : sentences;
}

/** Each process that gdn started itself, with all that are below it. */
function treeText(working: readonly HostProcess[], at: string): string {
  const isBelow = (one: HostProcess): boolean =>
    working.some(({ pid }) => pid === one.parentPid && pid !== one.pid);
  const roots = working.filter((one) => !isBelow(one));
  const below = working.filter(isBelow).map((one) => processText(one, at));
  const started = listText(roots.map((one) => processText(one, at)));
  if (below.length === 0) return started;
  return `${started}, with ${listText(below)} below ${roots.length === 1 ? 'it' : 'them'}`;
}

/** Why its destroy does not complete, and what that leads to. */
function destroySentences(difference: Difference<'no-cgroup'>): string {
  const { destroy } = difference;
  const naming = (destroy?.processes ?? [])
    .filter(({ part }) => part === 'names' || part === 'stays')
    .map((one) => processText(one, destroy?.at ?? ''));
  return [
    ...(naming.length > 0 ? [`Host processes that name the container: ${listText(naming)}.`] : []),
    ...((destroy?.mounts ?? 0) > 0 ? [mountedSentence(true)] : []),
    ...(destroy === null ? [] : waitSentences(destroy)),
    ...retrySentences(difference),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('');
}
