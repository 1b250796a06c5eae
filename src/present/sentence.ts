import type { Reason, Severity } from '../model/finding.ts';
import type {
  CellWarning,
  ContainerReport,
  EscapedProcess,
  ExceededLimit,
  Held,
  UnknownCause,
  Report,
} from '../model/report.ts';
import { bytesText, controllerText, secondText, spanText } from './words.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

const never = (value: never): string => String(value);

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

/**
 * The one sentence about a container: log, page, table and plugin use it. A text in it that is not
 * ours is bounded and escaped.
 */
export function containerSentence(container: ContainerReport): string {
  const sentence = explanationSentence(container);
  if (container.status !== 'pending' || container.reason === null) return sentence;
  return `${sentence} It is no finding until it lasts.`;
}

function explanationSentence(container: ContainerReport): string {
  const { explanation, kind, pids, reason, status } = container;
  switch (explanation.kind) {
    case 'tracked':
      return 'Garden lists it, and it runs in the cgroup that the kernel shows.';
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
            ? 'Diego takes it for deleted and starts a replacement: the app runs twice.'
            : UNLISTED
        }`
      );
    case 'unowned':
      return `It runs and Garden lists it, but ${unownedSentence(explanation)}`;
    case 'no-cgroup': {
      if (explanation.rootMountPids.length === 0) {
        return explanation.onlyPeas
          ? 'Garden still lists it, and only its Envoy or a health check runs.'
          : `Garden still lists it, nothing runs.${destroySentences(explanation)}`;
      }
      const pidList = list(explanation.rootMountPids.slice(0, 5).map(String));
      const one = explanation.rootMountPids.length === 1;
      return (
        `Its cgroup holds nothing, but ${one ? 'process' : 'processes'} ${pidList} still ` +
        `${one ? 'has' : 'have'} its root filesystem: its limits do not hold there, and what looks at its cgroup does not see ${one ? 'it' : 'them'}.`
      );
    }
    case 'escaped':
      return escapedSentence(explanation.processes);
    case 'partial':
      return (
        `It runs, but is missing in the ${list(explanation.missing.map(controllerText))} ` +
        `${explanation.missing.length === 1 ? 'hierarchy' : 'hierarchies'}: what looks there does not see it.`
      );
    case 'limit-lost':
      return (
        `It holds ${list(explanation.exceeded.map(exceededText))}: ` +
        'gdn throttled it, and the cgroup to which gdn moves it for that has no limit.'
      );
    case 'drill':
      return `This is a drill until ${secondText(explanation.until)}: no container is untracked, somebody tries the way to the pager.`;
    case 'in-transition':
      return 'Garden lists it and has not called it created, or is destroying it: it comes or goes.';
    case 'undecided': {
      const before = status === 'untracked' && reason !== null ? ` It was ${reason} before.` : '';
      return `This pass could not tell: ${oneLine(explanation.why, 400)}.${before}`;
    }
    default:
      return never(explanation);
  }
}

function escapedSentence(processes: readonly EscapedProcess[]): string {
  const one = processes.length === 1;
  const pids = `${one ? 'Process' : 'Processes'} ${list(processes.map(({ pid }) => String(pid)))}`;
  const cgroups = [...new Set(processes.map(({ cgroup }) => oneLine(textOfBytes(cgroup), 200)))];
  const outside =
    `${pids} ${one ? 'has' : 'have'} its root filesystem, but ${one ? 'runs' : 'run'} outside of its cgroup, ` +
    `in ${list(cgroups)}`;
  const commands = processes.flatMap(({ enteredBy }) => enteredBy ?? []);
  const [command] = commands;
  return command !== undefined && commands.length === processes.length
    ? `${outside}: somebody entered the container from outside with ${oneLine(command, 200)}.`
    : `${outside}: its limits do not hold there, and what looks at its cgroup does not see ${one ? 'it' : 'them'}.`;
}

const A_MINUTE = 60_000;

function unownedSentence({
  rep,
  milliseconds,
}: Extract<ContainerReport['explanation'], { kind: 'unowned' }>): string {
  switch (rep) {
    case 'newer':
      return (
        'Garden lost its properties and rep has restarted since: Diego will never remove it. ' +
        'It is never stopped, restarted or routed to.'
      );
    case 'older':
      return (
        'Garden lost its properties. Diego still has it and should remove it within a minute' +
        (milliseconds < A_MINUTE ? '.' : `; it has not for ${spanText(milliseconds / 1000)}.`)
      );
    case 'none':
      return 'Garden lost its properties, and no rep runs on this cell: nothing of Diego removes it.';
    default:
      return never(rep);
  }
}

/** Why its destroy does not come to its end, and what that leads to. */
function destroySentences({
  destroy,
  stopsRep,
}: Extract<ContainerReport['explanation'], { kind: 'no-cgroup' }>): string {
  const processes = (destroy?.processes ?? [])
    .slice(0, 3)
    .map(({ pid, comm, state, startedAt }) => {
      const age = spanText(
        Math.max(0, Date.parse(destroy?.at ?? '') - Date.parse(startedAt)) / 1000,
      );
      const sleep = state === 'D' ? 'in uninterruptible sleep ' : '';
      return `${oneLine(comm, 15)} (process ${pid}) ${sleep}for ${age}`;
    });
  return [
    ...(processes.length > 0 ? [`Processes of the host that name it: ${list(processes)}.`] : []),
    ...((destroy?.mounts ?? 0) > 0
      ? ['Its root filesystem is still mounted (mountinfo of gdn).']
      : []),
    ...(stopsRep ? ['A rep that restarts exits at each start until its destroy works.'] : []),
  ]
    .map((sentence) => ` ${sentence}`)
    .join('');
}

/** Other tools may see it: those that find containers by their cgroups. */
const UNLISTED = 'Diego does not manage it, and no tool that takes its list from Garden sees it.';

const amountText = (resource: ExceededLimit['resource'], amount: number): string =>
  resource === 'memory' ? bytesText(amount) : plural(amount, 'thread');

const exceededText = ({ resource, holds, limit }: ExceededLimit): string =>
  `${amountText(resource, holds)}${resource === 'memory' ? ' of memory' : ''} with a limit of ` +
  (resource === 'memory' ? bytesText(limit) : String(limit));

/** A warning of the cell; it is in no container's sentence. */
export function warningSentence({ containers, worst, holds }: CellWarning): string {
  const one = containers === 1;
  return (
    `${plural(containers, 'throttled container')} ${one ? 'runs without its' : 'run without their'} limits, ` +
    `because gdn moved ${one ? 'it' : 'them'} to ${one ? 'a cgroup that has' : 'cgroups that have'} none. ` +
    `${oneLine(worst, 256)} holds ${exceededText(holds)}.`
  );
}

const unknownBasis = {
  'garden-directory': "it stands in a cgroup directory of Garden's",
  remembered: 'Garden listed it before',
  ancestry: 'Garden started a process in it',
} as const;

/** What to do about a finding; the runbook says it at length. */
export function whatToDo({ explanation, severity }: ContainerReport): string | null {
  switch (explanation.kind) {
    case 'no-cgroup':
      return REASON_TEXTS['no-cgroup'].advice[
        explanation.rootMountPids.length === 0 ? 'warning' : 'critical'
      ];
    case 'escaped':
      return REASON_TEXTS.escaped.advice[severity ?? 'critical'];
    case 'unknown-to-garden':
      return REASON_TEXTS['unknown-to-garden'].advice[
        explanation.left === 'peas' || explanation.left === 'garden-init' ? 'warning' : 'critical'
      ];
    case 'unowned':
      return explanation.rep === 'older'
        ? 'Look in the log of rep for the destroy that fails, and whether the BBS is up: without it rep retries nothing.'
        : REASON_TEXTS.unowned.advice.critical;
    case 'limit-lost':
      return REASON_TEXTS['limit-lost'].advice.critical;
    case 'partial':
      return REASON_TEXTS.partial.advice.critical;
    case 'drill':
      return 'Nothing: acknowledge it, and see that it arrived where it should.';
    case 'tracked':
    case 'in-transition':
    case 'undecided':
      return null;
    default:
      return never(explanation);
  }
}

interface ReasonText {
  /** For a legend. */
  readonly meaning: string;
  /** For an alert, which knows no more of a container than its labels. */
  readonly alert: Readonly<Record<Severity, string>>;
  /** For the person at the cell. */
  readonly advice: Readonly<Record<Severity, string>>;
}

const always = (text: string): Readonly<Record<Severity, string>> => ({
  warning: text,
  critical: text,
});

const NOT_RECOGNISED =
  'Not recognised: do not recreate the cell; capture, isolate, snapshot, then decide.';
const BY_HAND =
  'curl --unix-socket /var/vcap/data/garden/garden.sock -X DELETE http://garden/containers/HANDLE';
const MOVED = `Look what moved its processes (rollcall explain). ${NOT_RECOGNISED} Moved on purpose: restart the app instance.`;

/**
 * What each reason means and what to do, without knowledge of the container itself. No advice names
 * a restart of Garden: beside a living rep, even a graceful one crashes every app of the cell.
 */
export const REASON_TEXTS: Readonly<Record<Reason, ReasonText>> = {
  'unknown-to-garden': {
    meaning:
      'it runs, and Garden does not list it (a warning if only garden-init or a side process is left). Find out whose it is first.',
    alert: {
      warning:
        'Garden does not list it, and only its init process or a process beside the app still runs.',
      critical:
        'It runs, but Garden does not list it: Diego does not manage it, and no tool that takes its list from Garden sees it. Find out whose it is before you recreate the cell.',
    },
    advice: {
      warning: `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: recreate the cell when it suits, which moves its apps first; Garden cannot delete it (404).`,
      critical: `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: see that cf app shows all instances, then recreate the cell, which moves its apps first; Garden cannot delete it (404). A worker that runs twice is urgent.`,
    },
  },
  unowned: {
    meaning:
      'Garden lost its properties. A living rep removes it within about a minute, one that started later never does. Find out whose it is first.',
    alert: always(
      'It runs and Garden lists it, but Garden lost its properties and Diego has not removed it: the app may run twice. Find out whose it is before you recreate the cell.',
    ),
    advice: always(
      `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: see that cf app shows all instances and that rep and BBS are up, then delete it (${BY_HAND}) or recreate the cell, which moves its apps first. A worker that runs twice is urgent.`,
    ),
  },
  escaped: {
    meaning:
      'a process of it runs outside of its cgroup (critical), or somebody entered it from outside.',
    alert: {
      warning:
        'Somebody entered the container from outside; rollcall explain names the command. The nsenter of an operator is harmless, and the finding ends with it.',
      critical:
        'A process of it left its cgroup: no limit of the container holds for it, and what looks at its cgroup does not see it. Find out what moved it before you recreate the cell.',
    },
    advice: {
      warning: `Ask whoever ran that command; with an operator's nsenter the finding ends. ${NOT_RECOGNISED}`,
      critical: `Look what moved the process (rollcall explain). ${NOT_RECOGNISED} Moved on purpose: recreate the cell when it suits.`,
    },
  },
  'limit-lost': {
    meaning: 'it was throttled on cgroup v2 and holds more than its limits allow.',
    alert: {
      warning:
        'gdn moved throttled containers to cgroups without their limits: one of them can take the memory of the cell.',
      critical:
        'It was throttled, lost its limits by that and holds more than they allow: other apps of the cell can run out of memory.',
    },
    advice: always(
      'Restart the app instance: its new container begins with its limits. It happens again while gdn throttles on cgroup v2.',
    ),
  },
  partial: {
    meaning: 'it runs, but is missing in a hierarchy: what looks there does not see it.',
    alert: always(
      'It runs, but is missing in a cgroup hierarchy where it should be: limits do not hold there, and what looks there does not see it.',
    ),
    advice: always(MOVED),
  },
  'no-cgroup': {
    meaning:
      'Garden lists it and nothing runs: its destroy probably fails. Critical: it runs outside of its cgroup.',
    alert: {
      warning:
        'Garden still lists it, and nothing runs in it: its destroy probably fails. If rep is restarted meanwhile, it exits at each start until that destroy works.',
      critical:
        'Its cgroup is empty, but a process elsewhere has its root filesystem: no limit of it holds there, and what looks at its cgroup does not see it. Find out what moved it before you recreate the cell.',
    },
    advice: {
      warning:
        "Look why its destroy fails (Garden's log), and end what hangs in it: Diego tries again every 30 seconds. Until then do not restart rep, which would exit at each start. If it cannot be mended, recreate the cell.",
      critical: MOVED,
    },
  },
};

const HIDDEN_BY = {
  'pid-namespace':
    "This process is in a pid namespace of its own: under bpm set unsafe.host_pid_namespace: true, elsewhere run in the cell's.",
  unknown: "Run as root in the cell's own pid namespace.",
} as const;

/** Why nothing could be compared, for a person: what is wrong, and what to change. */
export function unknownSentence(cause: UnknownCause): string {
  switch (cause.kind) {
    case 'no-properties':
      return `Could not tell: Garden answers its list, and no question about a container. ${oneLine(cause.why, 400)}`;
    case 'garden-unavailable':
      return `Could not tell: Garden's list cannot be read. ${oneLine(cause.why, 400)}`;
    case 'no-hierarchy':
      return `Could not tell: no cgroup hierarchy can be used. ${oneLine(cause.why, 600)}`;
    case 'unreadable':
      return (
        `Could not tell: the cgroup ${oneLine(textOfBytes(cause.path), 200)} cannot be read (${oneLine(cause.errno, 40)}), ` +
        'and containers could be in it. Run as root or as the user vcap of the cell.'
      );
    case 'cut':
      return (
        `Could not tell: there is more below the cgroup ${oneLine(textOfBytes(cause.path), 200)} ` +
        'than one pass reads. Remove the directories there that hold nothing (rmdir refuses the others).'
      );
    case 'processes-hidden':
      return `Could not tell: Garden answers, but no process of gdn or of a container is visible. ${HIDDEN_BY[cause.by ?? 'unknown']}`;
    case 'own-namespace':
      return (
        'Could not tell: this process is in a cgroup namespace of its own, and from there nothing tells where the cgroups ' +
        'of gdn are. Run in the cgroup namespace of the cell, as bpm does, with unsafe.host_pid_namespace: true.'
      );
    case 'no-anchor':
      return cause.gdns === 'several'
        ? "Could not tell: several processes called gdn run, and nothing shows which of them is this cell's Garden. " +
            'Find out which one does not belong here: ps -C gdn -o pid,lstart,args.'
        : 'Could not tell: gdn is not visible, and several Garden directories hold running containers. ' +
            'Run where the process gdn is visible.';
    case 'look-failed':
      return `Could not tell: the pass failed. ${oneLine(cause.why, 400)}`;
    default:
      return never(cause);
  }
}

/** The report in one sentence. */
export function verdictSentence(report: Report): string {
  if (report.unknownCause !== null) {
    const { garden } = report;
    const since =
      report.unknownCause.kind === 'garden-unavailable' && garden.state === 'unavailable'
        ? ` Unavailable since ${secondText(garden.since)}.`
        : '';
    return `${unknownSentence(report.unknownCause)}${since}`;
  }
  const containers = report.containers.filter(({ drill }) => !drill);
  const drills = report.containers.length - containers.length;
  const drill = drills === 0 ? '' : 'A drill is under way. ';
  return drill + comparedSentence(containers, report.held);
}

/** What is not decided yet, and about what nothing could be. */
function pendingSentences(containers: readonly ContainerReport[]): string {
  const doubts = containers.flatMap(({ explanation }) =>
    explanation.kind === 'undecided' ? [explanation.why] : [],
  );
  const pending = containers.filter(
    ({ status, explanation }) => status === 'pending' && explanation.kind !== 'undecided',
  ).length;
  const lasting =
    pending === 0
      ? ''
      : ` ${plural(pending, 'difference has', 'differences have')} not lasted yet.`;
  const [why] = doubts;
  return why === undefined
    ? lasting
    : `${lasting} ${doubts.length} could not be decided: ${oneLine(why, 300)}.`;
}

/** Only where something is held; the memory is left out where the kernel did not tell. */
function heldSentence({ memoryBytes, pids }: Held, untracked: number): string {
  if (pids === 0 && (memoryBytes ?? 0) === 0) return '';
  const memory = memoryBytes === null ? [] : [`${bytesText(memoryBytes)} of memory`];
  const what = list([...memory, plural(pids, 'process', 'processes')]);
  return ` ${untracked === 1 ? 'It holds' : 'They hold'} ${what} that Diego does not count.`;
}

function comparedSentence(containers: readonly ContainerReport[], held: Held): string {
  const count = (status: ContainerReport['status']): number =>
    containers.filter((container) => container.status === status).length;
  const untracked = count('untracked');
  const more = pendingSentences(containers);
  if (untracked > 0) {
    const reasons = new Map<string, number>();
    for (const { status, reason } of containers) {
      if (status === 'untracked' && reason !== null) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    const parts = [...reasons].map(([reason, times]) => `${times} ${reason}`);
    return `${untracked} of ${plural(containers.length, 'container')} ${untracked === 1 ? 'is' : 'are'} untracked: ${list(parts)}.${heldSentence(held, untracked)}${more}`;
  }
  if (containers.length === 0) return 'Garden lists no container, and none runs.';
  const tracked = count('tracked');
  return tracked === containers.length
    ? `All ${plural(tracked, 'container')} that Garden lists run, and none runs that it does not list.`
    : `${tracked} of ${plural(containers.length, 'container')} are tracked.${more}`;
}
