import type { Difference, EscapedProcess, ExceededLimit } from '../model/finding.ts';
import type { CellWarning, ContainerReport } from '../model/report.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import {
  bytesText,
  controllerText,
  secondText,
  spanText,
  never,
  plural,
  listText,
} from './words.ts';

/**
 * The one sentence about a container, for log, page, table and plugin. A text in it that is not
 * ours is bounded and escaped.
 */
export function containerSentence(container: ContainerReport): string {
  const sentence = explanationSentence(container);
  if (container.status !== 'pending' || container.reason === null) return sentence;
  return `${sentence} Not a finding unless it lasts.`;
}

function explanationSentence(container: ContainerReport): string {
  const { explanation, kind, pids, reason, status } = container;
  switch (explanation.kind) {
    case 'tracked':
      return 'Garden lists it, and the kernel shows its processes.';
    case 'unknown-to-garden':
      if (explanation.left === 'hidden') {
        return (
          'Its cgroup hides what runs in it, and Garden does not list it: ' +
          `${unknownBasis[explanation.basis]}. ${UNLISTED}`
        );
      }
      if (explanation.left === 'peas') {
        return (
          `Garden does not list it, and only its Envoy or a health check still runs: ` +
          `${unknownBasis[explanation.basis]}.`
        );
      }
      if (explanation.left === 'garden-init') {
        return (
          'Garden does not list it, and of the container itself only its init process (garden-init) ' +
          `still runs: ${unknownBasis[explanation.basis]}.`
        );
      }
      return (
        `${plural(pids, 'process runs', 'processes run')} in its cgroup, but Garden does not list it: ` +
        `${unknownBasis[explanation.basis]}. ${
          kind === 'app-instance' && explanation.runtime === 'runc'
            ? 'Diego considers it gone and starts a replacement: the app runs twice.'
            : UNLISTED
        }`
      );
    case 'unowned':
      return `It runs and Garden lists it, but ${unownedSentence(explanation)}`;
    case 'no-cgroup': {
      if (explanation.rootMountPids.length === 0) {
        return explanation.onlyPeas
          ? 'Garden still lists it, and only its Envoy or a health check runs.'
          : `Garden still lists it, but nothing runs.${destroySentences(explanation)}`;
      }
      const pidList = listText(explanation.rootMountPids.slice(0, 5).map(String));
      const one = explanation.rootMountPids.length === 1;
      return (
        `Its cgroup is empty, but ${one ? 'process' : 'processes'} ${pidList} still ` +
        `${one ? 'has' : 'have'} its root filesystem: its limits do not apply there, and whatever watches its cgroup does not see ${one ? 'it' : 'them'}.`
      );
    }
    case 'escaped':
      return escapedSentence(explanation.processes);
    case 'partial':
      return (
        `It runs, but is missing from the ${listText(explanation.missing.map(controllerText))} ` +
        `${explanation.missing.length === 1 ? 'hierarchy' : 'hierarchies'}: whatever watches there does not see it.`
      );
    case 'limit-lost':
      return (
        `It holds ${listText(explanation.exceeded.map(exceededText))}: ` +
        'gdn throttled it, and the cgroup for throttled containers has no limit.'
      );
    case 'drill':
      return `This is a drill until ${secondText(explanation.until)}: somebody is testing the alert path, and no container is untracked.`;
    case 'in-transition':
      return 'Garden is creating or destroying it.';
    case 'undecided': {
      const before = status === 'untracked' && reason !== null ? ` It was ${reason} before.` : '';
      return `Not decided in this pass: ${oneLine(explanation.why, 400)}.${before}`;
    }
    default:
      return never(explanation);
  }
}

function escapedSentence(processes: readonly EscapedProcess[]): string {
  const one = processes.length === 1;
  const pids = `${one ? 'Process' : 'Processes'} ${listText(processes.map(({ pid }) => String(pid)))}`;
  const cgroups = [...new Set(processes.map(({ cgroup }) => oneLine(textOfBytes(cgroup), 200)))];
  const outside =
    `${pids} ${one ? 'has' : 'have'} its root filesystem, but ${one ? 'runs' : 'run'} outside its cgroup, ` +
    `in ${listText(cgroups)}`;
  const commands = processes.flatMap(({ enteredBy }) => enteredBy ?? []);
  const [command] = commands;
  return command !== undefined && commands.length === processes.length
    ? `${outside}: somebody entered the container from outside with ${oneLine(command, 200)}.`
    : `${outside}: its limits do not apply there, and whatever watches its cgroup does not see ${one ? 'it' : 'them'}.`;
}

const A_MINUTE = 60_000;

function unownedSentence({ rep, milliseconds }: Difference<'unowned'>): string {
  switch (rep) {
    case 'newer':
      return (
        'Garden lost its properties and rep has restarted since: Diego will never remove it. ' +
        'Diego never stops it, restarts it or routes to it.'
      );
    case 'older':
      return (
        'Garden lost its properties. Diego still has it and should ' +
        (milliseconds < A_MINUTE
          ? 'remove it within a minute.'
          : `have removed it within a minute; ${spanText(milliseconds / 1000)} have passed.`)
      );
    case 'none':
      return 'Garden lost its properties, and no rep runs on this cell: nothing in Diego removes it.';
    default:
      return never(rep);
  }
}

/** Why its destroy does not complete, and what that leads to. */
function destroySentences({ destroy, stopsRep }: Difference<'no-cgroup'>): string {
  const processes = (destroy?.processes ?? [])
    .slice(0, 3)
    .map(({ pid, comm, state, startedAt }) => {
      const age = spanText(
        Math.max(0, Date.parse(destroy?.at ?? '') - Date.parse(startedAt)) / 1000,
      );
      // The state is one sample, so it does not show since when the process has slept.
      const sleep = state === 'D' ? ', in uninterruptible sleep' : '';
      return `${oneLine(comm, 15)} (process ${pid}${sleep}, started ${age} ago)`;
    });
  return [
    ...(processes.length > 0 ? [`Host processes that name it: ${listText(processes)}.`] : []),
    ...((destroy?.mounts ?? 0) > 0
      ? ["Its root filesystem is still mounted (gdn's mountinfo)."]
      : []),
    ...(stopsRep
      ? ['If rep restarts, it exits at each start until this container is destroyed.']
      : []),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('');
}

/** Not "no tool": those that find containers by their cgroups may see it. */
const UNLISTED = "Diego does not manage it, and no tool that relies on Garden's list sees it.";

const amountText = (resource: ExceededLimit['resource'], amount: number): string =>
  resource === 'memory' ? bytesText(amount) : plural(amount, 'thread');

const exceededText = ({ resource, holds, limit }: ExceededLimit): string =>
  `${amountText(resource, holds)}${resource === 'memory' ? ' of memory' : ''} with a limit of ` +
  (resource === 'memory' ? bytesText(limit) : String(limit));

/** A warning about the cell, which no container's sentence contains. */
export function warningSentence({ containers, worst, holds }: CellWarning): string {
  const one = containers === 1;
  return (
    `${plural(containers, 'throttled container')} ${one ? 'runs without its' : 'run without their'} limits, ` +
    `because gdn moved ${one ? 'it' : 'them'} to ${one ? 'a cgroup that has' : 'cgroups that have'} none. ` +
    `${oneLine(worst, 256)} holds ${exceededText(holds)}.`
  );
}

const unknownBasis = {
  'garden-directory': "it is in one of Garden's cgroup directories",
  remembered: 'Garden listed it before',
  ancestry: 'Garden started a process in it',
} as const;
