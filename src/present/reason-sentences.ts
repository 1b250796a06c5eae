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
  const because = unknownBasis[basis];
  switch (left) {
    case 'hidden':
      return `Its cgroup hides what runs in it, and Garden does not list it: ${because}. ${UNLISTED}`;
    case 'peas':
      return `Garden does not list it, and only its Envoy or a health check still runs: ${because}.`;
    case 'garden-init':
      return (
        'Garden does not list it, and of the container itself only its init process (garden-init) ' +
        `still runs: ${because}.`
      );
    case null:
      return (
        `${plural(pids, 'process runs', 'processes run')} in its cgroup, but Garden does not list it: ` +
        `${because}. ${
          kind === 'app-instance' && runtime === 'runc'
            ? 'Diego considers it gone and starts a replacement: the app runs twice.'
            : UNLISTED
        }`
      );
    default:
      return left satisfies never;
  }
}

const unknownBasis = {
  'garden-directory': "it is in one of Garden's cgroup directories",
  name: "only its name and its place, in one of Garden's cgroup directories, suggest a container",
  remembered: 'Garden listed it before',
  ancestry: 'Garden started a process in it',
} as const;

/** Not "no tool": those that find containers by their cgroups may see it. */
const UNLISTED = "Diego does not manage it, and no tool that relies on Garden's list sees it.";

const A_MINUTE = 60_000;

export const unownedSentence = (
  { rep, left, milliseconds }: Difference<'unowned'>,
  { kind }: Sentenced,
): string =>
  (left === null
    ? 'It runs and Garden lists it, but '
    : 'Only its init process (garden-init) still runs. Garden lists it, but ') +
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
      ? 'Garden lost its properties. It is a health check of rep, which finds its checks by a ' +
        'property: nothing in Diego removes it any more.'
      : 'Garden lost its properties. It is neither an app nor a task: nothing in Diego removes it.',
  newer: (_, kind) =>
    'Garden lost its properties and rep has restarted since: Diego never removes, stops or ' +
    `restarts it.${kind === 'app-instance' ? ' Within a minute Diego also stops routing to it.' : ''}`,
  older: (milliseconds) =>
    'Garden lost its properties. Diego still has it and should ' +
    (milliseconds < A_MINUTE
      ? 'remove it within a minute.'
      : `have removed it within a minute; ${spanText(milliseconds / 1000)} have passed.`),
  none: () =>
    'Garden lost its properties, and no rep runs on this cell: nothing in Diego removes it.',
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
    `Garden lists it, but ${killedText(processes, exiting)}.`,
    ...(waiting.length > 0 ? [`In uninterruptible sleep: ${listText(waiting)}.`] : []),
    ...(asleep.length > 0 ? [`Asleep: ${listText(asleep)}.`] : []),
    ...(servers.length > 0 ? [`It has mounts of ${listText(servers)}.`] : []),
    ...(wait === null || wait.mounts === null
      ? []
      : [
          wait.mounts > 0
            ? "Its root filesystem is still mounted (gdn's mountinfo)."
            : "Its root filesystem is no longer mounted (gdn's mountinfo).",
        ]),
  ].join(' ');
}

function killedText(processes: number, exiting: number): string {
  if (exiting === 0)
    return processes === 1
      ? 'SIGKILL is pending in its only process: it was killed and has not ended'
      : `SIGKILL is pending in each of its ${processes} processes: they were killed and have not ended`;
  const noEffect = 'SIGKILL has no effect on a process that is exiting';
  if (processes === 1) return `its only process is exiting and has not ended: ${noEffect}`;
  return exiting === processes
    ? `each of its ${processes} processes is exiting and has not ended: ${noEffect}`
    : `none of its ${processes} processes ends: SIGKILL is pending in ${processes - exiting}, and ${exiting} ${exiting === 1 ? 'is' : 'are'} exiting (${noEffect})`;
}

const serverText = (server: FileServer): string =>
  server.kind === 'nfs' ? 'NFS' : `FUSE (connection ${server.connection})`;

export function escapedSentence({ processes }: Difference<'escaped'>): string {
  const one = processes.length === 1;
  const pids = `${one ? 'Process' : 'Processes'} ${listText(processes.map(({ pid }) => String(pid)))}`;
  const cgroups = [...new Set(processes.map(({ cgroup }) => oneLine(textOfBytes(cgroup), 200)))];
  const runs = one ? 'runs' : 'run';
  const where = processes.every(({ byGlance }) => byGlance)
    ? 'ran outside its cgroup between two passes'
    : `${runs} outside its cgroup`;
  const outside = `${pids} ${one ? 'has' : 'have'} its root filesystem, but ${where}, in ${listText(cgroups)}`;
  const kept = [...new Set(processes.flatMap((process) => process.kept))].map(controllerText);
  const still =
    kept.length === 0
      ? ''
      : ` Only the ${listText(kept)} ${kept.length === 1 ? 'hierarchy' : 'hierarchies'}, without a controller, still ` +
        `${kept.length === 1 ? 'shows' : 'show'} ${one ? 'it' : 'them'} in its cgroup.`;
  const commands = processes.flatMap(({ enteredBy }) => enteredBy ?? []);
  const [command] = commands;
  return command !== undefined && commands.length === processes.length
    ? `${outside}: somebody entered the container from outside with ${oneLine(command, 200)}.`
    : `${outside}: its limits do not apply there, and whatever watches its cgroup does not see ${one ? 'it' : 'them'}.${still}`;
}

export const limitLostSentence = ({ exceeded }: Difference<'limit-lost'>): string =>
  `It holds ${listText(exceeded.map(exceededText))}: ` +
  'gdn throttled it, and the cgroup for throttled containers has no limit.';

const amountText = (resource: ExceededLimit['resource'], amount: number): string =>
  resource === 'memory' ? bytesText(amount) : plural(amount, 'thread');

export const exceededText = ({ resource, holds, limit }: ExceededLimit): string =>
  `${amountText(resource, holds)}${resource === 'memory' ? ' of memory' : ''} with a limit of ` +
  (resource === 'memory' ? bytesText(limit) : String(limit));

export const partialSentence = ({ missing, pids }: Difference<'partial'>): string => {
  const where = `the ${listText(missing.map(controllerText))} ${missing.length === 1 ? 'hierarchy' : 'hierarchies'}`;
  if (pids === null)
    return `It runs, but is missing from ${where}: whatever watches there does not see it.`;
  const one = pids.length === 1;
  return (
    `${one ? 'Process' : 'Processes'} ${listText(pids.map(String))} of it ${one ? 'has' : 'have'} left its cgroups in ` +
    `${where}: its limits do not apply there, and whatever watches there does not see ${one ? 'it' : 'them'}.`
  );
};
