import type { FileServer } from '../model/destroy.ts';
import type { Difference, ExceededLimit } from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { controllerText, listText } from './names.ts';
import { bytesText, plural, spanText } from './quantities.ts';

/** The parts of a container that a sentence mentions besides its explanation. */
export type Sentenced = Pick<ContainerReport, 'kind' | 'pids'>;

export function unknownSentence(
  { basis, left, runtime }: Difference<'unknown-to-garden'>,
  { kind, pids }: Sentenced,
): string {
  const noun = basis === 'name' ? 'cgroup' : 'container';
  const evidence = BASIS_SENTENCES[basis];
  const unlisted = `Diego does not manage this ${noun}, and no tool that relies on Garden's list sees it.`;
  switch (left) {
    case 'hidden':
      return `Garden does not list this ${noun}, and the processes in it are hidden. ${evidence} ${unlisted}`;
    case 'peas':
      return `Garden does not list this ${noun}, and only its Envoy or a health check still runs. ${evidence}`;
    case 'garden-init':
      return `Garden does not list this ${noun}, and only its init process (garden-init) still runs. ${evidence}`;
    case null: {
      const effect =
        kind === 'app-instance' && runtime === 'runc'
          ? 'Diego considers this container gone and starts a replacement: the app runs twice.'
          : unlisted;
      return `${plural(pids, 'process runs', 'processes run')} in this ${noun}, but Garden does not list it. ${evidence} ${effect}`;
    }
    default:
      return left satisfies never;
  }
}

/** Why it counts as a container of Garden. */
const BASIS_SENTENCES = {
  'garden-directory': "The container's cgroup is in one of Garden's cgroup directories.",
  name: "Only the cgroup's name and place, in one of Garden's cgroup directories, suggest a container.",
  remembered: 'Garden listed this container before.',
  ancestry: 'Garden started a process in this container.',
} as const;

const A_MINUTE = 60_000;

export const unownedSentence = (
  { rep, left, milliseconds }: Difference<'unowned'>,
  { kind }: Sentenced,
): string =>
  (left === null
    ? 'This container runs and Garden lists it, but Garden lost its properties. '
    : 'Only the init process (garden-init) of this container still runs. Garden lists the container, but lost its properties. ') +
  OWNER_LOST[rep](milliseconds, kind);

/** Whether somebody in Diego removes it. */
const OWNER_LOST: Readonly<
  Record<
    Difference<'unowned'>['rep'],
    (milliseconds: number, kind: ContainerReport['kind']) => string
  >
> = {
  never: (_, kind) =>
    kind === 'health-check'
      ? 'The container is a health check of rep, which finds its health checks by a property. So nothing in ' +
        'Diego removes this one any more.'
      : 'The container is neither an app nor a task, so nothing in Diego removes it.',
  newer: (_, kind) =>
    'rep has restarted since, so Diego never removes, stops or restarts the container.' +
    (kind === 'app-instance' ? ' Within a minute Diego also stops routing to the container.' : ''),
  older: (milliseconds) =>
    'Diego still knows the container and should ' +
    (milliseconds < A_MINUTE
      ? 'remove it within a minute.'
      : `have removed it within a minute; ${spanText(milliseconds / 1000)} have passed.`),
  none: () => 'No rep runs on this cell, so nothing in Diego removes the container.',
};

export function stuckSentence({ processes, exiting, wait }: Difference<'stuck'>): string {
  const waitingIn = (letter: string): readonly string[] =>
    (wait?.processes ?? [])
      .filter(({ state }) => state === letter)
      .slice(0, 3)
      .map(({ pid, comm, wchan }) => {
        const where = wchan === null ? '' : `, in ${oneLine(wchan, 64)}`;
        return `${oneLine(comm, 15)} (process ${pid}${where})`;
      });
  const waiting = waitingIn('D');
  const asleep = exiting > 0 ? waitingIn('S') : [];
  const servers = (wait?.servers ?? []).map(serverText);
  return [
    `Garden cannot end this container: ${killedText(processes, exiting)}.`,
    ...(waiting.length > 0 ? [`In uninterruptible sleep: ${listText(waiting)}.`] : []),
    ...(asleep.length > 0 ? [`Asleep: ${listText(asleep)}.`] : []),
    ...(servers.length > 0 ? [`The container has mounts of ${listText(servers)}.`] : []),
    ...(wait === null || wait.mounts === null ? [] : [mountedSentence(wait.mounts > 0)]),
  ].join(' ');
}

/** Whether the root filesystem of a container is mounted, and where to see that. */
export const mountedSentence = (isMounted: boolean): string =>
  `The container's root filesystem is ${isMounted ? 'still' : 'no longer'} mounted: see /proc/$(pidof -s gdn)/mountinfo.`;

function killedText(processes: number, exiting: number): string {
  if (exiting === 0)
    return processes === 1
      ? 'its only process was killed and has not ended (SIGKILL is pending)'
      : `its ${processes} processes were killed and have not ended (SIGKILL is pending in each)`;
  const noEffect = 'SIGKILL has no effect on a process that is exiting';
  if (processes === 1) return `its only process is exiting and has not ended: ${noEffect}`;
  return exiting === processes
    ? `each of its ${processes} processes is exiting and has not ended: ${noEffect}`
    : `none of its ${processes} processes ends: SIGKILL is pending in ${processes - exiting}, and ${exiting} ${exiting === 1 ? 'is' : 'are'} exiting (${noEffect})`;
}

const serverText = (server: FileServer): string =>
  server.kind === 'nfs'
    ? `NFS (device 0:${server.minor})`
    : `FUSE (connection ${server.connection})`;

/** Processes in a sentence: as its subject, with its verb, and in its second half. */
export function processWords(pids: readonly number[]) {
  const one = pids.length === 1;
  return {
    subject: `${one ? 'process' : 'processes'} ${listText(pids.map(String))}`,
    have: one ? 'has' : 'have',
    run: one ? 'runs' : 'run',
    them: one ? 'the process' : 'these processes',
  } as const;
}

/** What is out of a container's cgroup. */
export const outsideSentence = (them: string): string =>
  `The container's limits do not apply to ${them}, and whatever watches the container's cgroup does not see ${them}.`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function escapedSentence({ processes }: Difference<'escaped'>): string {
  const { subject, have, run, them } = processWords(processes.map(({ pid }) => pid));
  const cgroups = [...new Set(processes.map(({ cgroup }) => oneLine(textOfBytes(cgroup), 200)))];
  const where = processes.every(({ byGlance }) => byGlance)
    ? 'ran outside its cgroup between two passes'
    : `${run} outside its cgroup`;
  const outside = `${capital(subject)} ${have} the root filesystem of this container, but ${where}, in ${listText(cgroups)}`;
  const commands = processes.flatMap(({ enteredBy }) => enteredBy ?? []);
  const [command] = commands;
  return command !== undefined && commands.length === processes.length
    ? `${outside}: somebody entered the container from outside with ${oneLine(command, 200)}.`
    : `${outside}. ${outsideSentence(them)}${keptSentence(processes, them)}`;
}

function keptSentence(processes: Difference<'escaped'>['processes'], them: string): string {
  const kept = [...new Set(processes.flatMap((process) => process.kept))].map(controllerText);
  if (kept.length === 0) return '';
  const [hierarchies, has, show] =
    kept.length === 1 ? ['hierarchy', 'has', 'shows'] : ['hierarchies', 'have', 'show'];
  return ` Only the ${listText(kept)} ${hierarchies}, which ${has} no controller, still ${show} ${them} in the container's cgroup.`;
}

export const limitLostSentence = ({ exceeded }: Difference<'limit-lost'>): string =>
  `This container uses ${listText(exceeded.map(exceededText))}. ` +
  'gdn throttled it, and the cgroup for throttled containers has no limit.';

const amountText = (resource: ExceededLimit['resource'], amount: number): string =>
  resource === 'memory' ? bytesText(amount) : plural(amount, 'thread');

export const exceededText = ({ resource, holds, limit }: ExceededLimit): string =>
  `${amountText(resource, holds)}${resource === 'memory' ? ' of memory' : ''} with a limit of ` +
  (resource === 'memory' ? bytesText(limit) : String(limit));

export const partialSentence = ({ missing, pids }: Difference<'partial'>): string => {
  const where = `the ${listText(missing.map(controllerText))} ${missing.length === 1 ? 'hierarchy' : 'hierarchies'}`;
  if (pids === null)
    return `This container runs, but is missing from ${where}. Whatever watches containers there does not see this one.`;
  const { subject, have, them } = processWords(pids);
  return (
    `${capital(subject)} of this container ${have} left its cgroups in ` +
    `${where}. The container's limits there do not apply to ${them}, and whatever watches containers there does not see ${them}.`
  );
};
