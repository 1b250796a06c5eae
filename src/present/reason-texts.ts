import {
  isDifference,
  severityOf,
  type DestroyRetry,
  type Difference,
  type Reason,
  type Severity,
} from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';
import { isPlainName } from './names.ts';
import {
  escapedSentence,
  limitLostSentence,
  noCgroupSentence,
  partialSentence,
  stuckSentence,
  unknownSentence,
  unownedSentence,
  type Sentenced,
} from './reason-sentences.ts';

/** Where the operator's runbook has the section of a reason; null: no runbook is configured. */
export const runbookLink = (runbookUrl: string | null, reason: string): string | null =>
  runbookUrl === null ? null : `${runbookUrl}#${reason}`;

/** What to do about a finding; the runbook says it at length. */
export function whatToDo(container: ContainerReport): string | null {
  const advice = adviceFor(container);
  return advice === null ? null : filledIn(advice, container);
}

/** The same for `explain`, which answers what the advice elsewhere sends people to. */
export function whatToDoNext(container: ContainerReport): string | null {
  const advice = adviceFor(container)?.replace(ASK_WHOSE, '').replace(ASK_EXPLAIN, '') ?? null;
  return advice === null ? null : filledIn(advice, container);
}

/** A handle that is more than a name stands in no command, and none deletes what may still serve. */
function filledIn(advice: string, { handle, kind, reason, severity }: ContainerReport): string {
  const isPlain = isPlainName(handle);
  const isWork = kind === 'app-instance' || kind === 'task';
  const mayServe = isWork && reason === 'unowned' && severity === 'critical';
  const byRunbook = ` through Garden (rollcall runbook ${reason ?? ''})`;
  const text = isPlain && !mayServe ? advice : advice.replace(BY_COMMAND, byRunbook);
  return isPlain ? text.replaceAll('HANDLE', handle) : text;
}

function adviceFor({ explanation, reason, severity }: ContainerReport): string | null {
  if (isDifference(explanation)) return adviceOn(explanation.kind, explanation, severity);
  switch (explanation.kind) {
    case 'drill':
      return 'Nothing: check that the alert arrived where it should.';
    case 'intermittent':
      return reason === null ? null : REASON_TEXTS[reason].advice[severity ?? severityOf(reason)];
    case 'tracked':
    case 'in-transition':
    case 'undecided':
      return null;
    default:
      return explanation satisfies never;
  }
}

function adviceOn<R extends Reason>(
  reason: R,
  difference: Difference<R>,
  severity: Severity | null,
): string {
  const { advice, adviceFor: adviceBy } = REASON_TEXTS[reason];
  return adviceBy?.(difference) ?? advice[severity ?? severityOf(reason)];
}

/** @param difference with this reason */
export const differenceSentence = <R extends Reason>(
  reason: R,
  difference: Difference<R>,
  container: Sentenced,
): string => REASON_TEXTS[reason].sentence(difference, container);

/** For README.md and docs/interfaces.md. */
interface ReasonDocs {
  readonly summary: string;
  /** In the terms of the contract. */
  readonly definition: string;
  /** When it has its second severity. */
  readonly otherSeverity?: string;
  /** What else the contract says, in Markdown. */
  readonly details: string;
  /** What Diego does about it. */
  readonly diego: string;
}

interface ReasonText<R extends Reason> {
  readonly docs: ReasonDocs;
  /** For a legend. */
  readonly meaning: string;
  /** About one container: what the pass found out. */
  readonly sentence: (difference: Difference<R>, container: Sentenced) => string;
  /** For an alert, which knows how many containers of a cell have this reason, but not which. */
  readonly alert: Readonly<Record<Severity, string>>;
  /** For the person at the cell. */
  readonly advice: Readonly<Record<Severity, string>>;
  /** The advice where more than the severity decides it; null: it does not. */
  readonly adviceFor?: (difference: Difference<R>) => string | null;
  /** The containers that stay pending in a check that is too short to report them. */
  readonly inShortCheck?: string;
}

const always = (text: string): Readonly<Record<Severity, string>> => ({
  warning: text,
  critical: text,
});

const NOT_RECOGNISED =
  'Not recognised: do not recreate the cell; capture, isolate, take a snapshot, then decide.';
const BY_COMMAND =
  ' (curl --unix-socket /var/vcap/data/garden/garden.sock -X DELETE http://garden/containers/HANDLE)';
/** What a recreated cell waits for. */
const RECREATE =
  'recreate the cell: rep moves its apps first, and a hanging destroy makes it wait for its whole evacuation timeout (600 s by default)';
const DELETE = `delete it${BY_COMMAND}, which removes it at once or says what blocks it`;
const ASK_EXPLAIN = ' (rollcall explain HANDLE)';
const ASK_WHOSE = `Find out whose it is${ASK_EXPLAIN}. `;
const WHOSE = ASK_WHOSE + NOT_RECOGNISED;
const ALL_INSTANCES = 'Recognised: check that cf app shows all instances, then';

/** By what rep does about it. */
const UNOWNED_ADVICE: Readonly<Record<Difference<'unowned'>['rep'], string>> = {
  newer: `${WHOSE} ${ALL_INSTANCES} ${DELETE}; or ${RECREATE}. A worker that runs twice is urgent.`,
  older:
    "Look in rep's log for the failing destroy, and check that the BBS is up: without it, rep does not retry.",
  'gives-up': `${WHOSE} Recognised: ${DELETE}. A restart of rep does not help.`,
  none: `${WHOSE} ${ALL_INSTANCES} ${DELETE}. If rep exits at each start with "max containers reached", such containers fill its limit, and it starts once they are deleted. A worker that runs twice is urgent.`,
};

/** By who retries its destroy; only for one in which nothing runs, also outside its cgroup. */
const NO_CGROUP_ADVICE: Readonly<Record<DestroyRetry, string>> = {
  rep: `Find out why its destroy fails (Garden's log) and end what blocks it: rep retries every 30 seconds. Until then do not restart rep, which would exit at each start. If nothing helps, ${RECREATE}.`,
  nobody: `Nobody retries: ${DELETE}.`,
  perhaps: `If it stays for more than a minute, ${DELETE}. A restart of rep does not help.`,
  hanging: `End the process that hangs, and the destroy ends within seconds; in state D it ends only when what it waits for answers. Until then Garden answers "already being destroyed" to every other attempt; do not restart rep. If nothing helps, ${RECREATE}.`,
};
/** What may answer, or stop waiting, where nothing shows which of them it is. */
const END_ANY_WAIT =
  'bring the NFS or FUSE server back, umount -f the mount, or echo 1 >/sys/fs/fuse/connections/N/abort';
const stuckAdvice = (endWait: string): string =>
  `End what they wait for: ${endWait}. Then ${DELETE}. If nothing helps, only a reboot of the VM ends them: ${RECREATE}.`;

/** By what the container has mounted. */
function stuckAdviceFor({ wait }: Difference<'stuck'>): string | null {
  const servers = wait?.servers ?? [];
  if (servers.length === 0) return null;
  const ends = servers.map((server) =>
    server.kind === 'nfs'
      ? 'bring its NFS server back, or umount -f the mount'
      : `bring its FUSE server back, or echo 1 >/sys/fs/fuse/connections/${server.connection}/abort`,
  );
  return stuckAdvice(ends.join('; '));
}
const NOT_SEARCHED =
  'Run rollcall explain HANDLE: this pass did not search for processes that left its cgroup.';
const MOVED = `Find out what moved its processes${ASK_EXPLAIN}. ${NOT_RECOGNISED} Moved on purpose: restart the app instance.`;

/**
 * What each reason means and what to do about it, without knowledge of the container itself. No
 * advice mentions a restart of Garden: beside a running rep, even a graceful one crashes every app
 * on the cell.
 */
export const REASON_TEXTS: { readonly [R in Reason]: ReasonText<R> } = {
  'unknown-to-garden': {
    docs: {
      summary: 'It runs, but Garden does not list it.',
      definition: 'it or a pea is live, and neither list of the pass has it',
      otherSeverity: 'if the app has ended, or by name only',
      details:
        "a part that cannot be read counts as live. The app itself has ended if only peas are left, or only garden-init, pid 1 of the container's pid namespace. It is one by name only if memory never saw the handle listed, and neither the root filesystem nor the helper of the first five processes is the handle's; most of their other hierarchies must then name another path, unless the root filesystem or helper of each is another's.",
      diego: 'replaces it, but never removes it',
    },
    meaning:
      'it runs, and Garden does not list it (a warning if only garden-init or a side process is left, or only the name suggests a container). Find out whose it is first.',
    sentence: unknownSentence,
    alert: {
      warning:
        'Garden does not list a container of which only the init process or a side process still runs, or a live directory that only its name calls a container.',
      critical:
        "A container runs that Garden does not list: Diego does not manage it, and no tool that relies on Garden's list sees it. Find out whose it is before you recreate the cell.",
    },
    advice: {
      warning: `${WHOSE} Recognised: Garden cannot delete it (404), so, when convenient, ${RECREATE}.`,
      critical: `${WHOSE} ${ALL_INSTANCES} ${RECREATE}. Garden cannot delete it (404). A worker that runs twice is urgent.`,
    },
  },
  unowned: {
    docs: {
      summary: 'It runs, but Garden lost its properties.',
      definition: 'live and listed, but Garden lost its properties',
      otherSeverity: 'if only garden-init is left',
      details:
        "two successive lists have the container, and the `/properties` answer between them was null. A container with `garden.*` keys alone never had an owner: it is tracked, and a warning of the cell. The loss is permanent if rep started after the container's init; otherwise rep, if it runs, removes an app or a task within about a minute; any other kind it tries to destroy three times and then forgets. With an older rep an app or a task must last 4 grace periods and at least 120 s, without a rep 4 grace periods, and the sentence says so.",
      diego: 'removes an app or task if rep is older than it',
    },
    meaning:
      'Garden lost its properties. A rep that started before it removes an app or a task within about a minute; one that started later never does (a warning if only garden-init is left). Find out whose it is first.',
    sentence: unownedSentence,
    alert: {
      warning:
        'Only the init process of a container still runs whose properties Garden lost; rep does not remove it.',
      critical:
        'A container runs whose properties Garden lost, and Diego has not removed it: the app may run twice. Find out whose it is before you recreate the cell.',
    },
    advice: always(UNOWNED_ADVICE.newer),
    adviceFor: ({ rep }) => UNOWNED_ADVICE[rep],
    inShortCheck: 'containers that rep may still remove',
  },
  'no-cgroup': {
    docs: {
      summary: 'Garden lists it, but nothing runs.',
      definition: 'listed, and nothing is live',
      otherSeverity: 'if a process uses its root filesystem',
      details:
        'it does not apply while its properties exist and Garden does not call it created (`garden.state=created`). On cgroup v2, `cgroup.events` must also say that nothing but peas populates its cgroups, because from Linux 6.19 on `cgroup.procs` leaves out a process that is exiting; otherwise the container is undecided. Processes that use its root filesystem are searched only for such candidates. The sentence says who destroys it: rep retries (it has an owner, and rep runs); nobody does (no rep runs, its properties are lost and rep started after gdn or after the container was first seen, or it is no container of Diego); rep perhaps does (its properties are lost under an older rep); or the destroy hangs (a child of gdn names it and is a minute old).',
      diego: 'retries it while rep knows it',
    },
    meaning:
      'Garden lists it, but nothing runs: its destroy failed or hangs. Critical: it runs outside its cgroup.',
    sentence: noCgroupSentence,
    alert: {
      warning:
        'Garden lists a container in which nothing runs: its destroy failed or hangs. rollcall explain says whether rep retries it; then a rep that restarts exits at each start.',
      critical:
        "A container's cgroup is empty, but a process elsewhere has its root filesystem, without its limits, and whatever watches cgroups does not see it. Find out what moved it before you recreate the cell.",
    },
    advice: { warning: NO_CGROUP_ADVICE.rep, critical: MOVED },
    adviceFor: ({ rootMountPids, retry }) => {
      if (rootMountPids === null) return NOT_SEARCHED;
      return rootMountPids.length > 0 ? MOVED : NO_CGROUP_ADVICE[retry];
    },
    inShortCheck: 'listed containers without a process',
  },
  stuck: {
    docs: {
      summary: 'Garden lists it and cannot end it.',
      definition:
        'listed and live; each process was killed or is exiting, but has not ended (peas do not count)',
      details:
        'SIGKILL is pending if bit 0x100 is set in `SigPnd` or `ShdPnd` of `/proc/PID/status`. A process is exiting if bit 0x4 (PF_EXITING) is set in the ninth field of `/proc/PID/stat` of all its threads; the kernel then drops SIGKILL, and no mask shows it. Zombies do not count. A container is not `stuck` while one of its processes is stopped or traced from outside, or its cgroup is frozen (`cgroup.events`, `freezer.state`). Nor is it once the first five processes that rollcall saw have all ended: its destroy then makes progress. Every pass must see this of all of its processes, for 180 s. The signals are those of the process and of its main thread; if that thread has ended, of another one. Every 60 s rollcall reads one process of each container. In each pass it reads all processes of the containers that may be stuck, at most 1,024 in all. A container whose processes are not all read is not `stuck`. The sentence says where they wait, whether NFS or FUSE is in the mount table of the container, and whether its root filesystem is still mounted.',
      diego: 'retries it in vain',
    },
    meaning:
      'Garden lists it and cannot end it: its processes were killed or are exiting, and wait for something that does not answer.',
    sentence: stuckSentence,
    alert: always(
      'Garden killed a container, but its processes still run: they wait for something that does not answer, often an NFS or FUSE server. It keeps memory and address, and a drain of the cell waits for it.',
    ),
    advice: always(stuckAdvice(END_ANY_WAIT)),
    adviceFor: stuckAdviceFor,
    inShortCheck: 'killed containers whose processes still run',
  },
  escaped: {
    docs: {
      summary: 'One of its processes runs outside its cgroups.',
      definition: "a process of the container is in none of the container's cgroups",
      otherSeverity: 'if entered from outside',
      details:
        "one process, not a zombie, stays outside. It has the container's root filesystem and is in a deeper pid namespace than gdn, but in no cgroup of the container or its peas. A handle that no list names counts if memory saw it listed, or if the image is in the store of our containers. If every process of a listed container has left, the reason is `no-cgroup`, critical. The warning includes the command.",
      diego: 'does not notice',
    },
    meaning:
      'one of its processes runs outside its cgroup (critical), or somebody entered it from outside.',
    sentence: escapedSentence,
    alert: {
      warning:
        "Somebody entered a container from outside; rollcall explain names the command. An operator's nsenter is harmless, and the finding ends with it.",
      critical:
        "A process left the cgroup of its container: the container's limits do not apply to it, and whatever watches the cgroup does not see it. Find out what moved it before you recreate the cell.",
    },
    advice: {
      warning: `Ask whoever ran that command; an operator's finding ends with the command. ${NOT_RECOGNISED}`,
      critical: `Find out what moved the process${ASK_EXPLAIN}. ${NOT_RECOGNISED} Moved on purpose: when convenient, ${RECREATE}.`,
    },
  },
  'limit-lost': {
    docs: {
      summary:
        'Garden throttled it on cgroup v2, which removed its limits, and it uses more than they allow.',
      definition:
        'the container exceeds a limit that no cgroup enforces any more (v2 with CPU throttling)',
      details:
        'L is the number in `good/H/memory.max` (pids: `good/H/init/pids.max`, else `good/H/pids.max`). Neither `bad/H` nor an ancestor up to the Garden directory has a limit ≤ L, and the usage of the cgroup with L and that of `bad/H`, which may be empty, together exceed L. While they do not exceed L, a process in `bad/H` causes only a warning of the cell (`cell.warnings`).',
      diego: 'does not notice',
    },
    meaning: 'it was throttled on cgroup v2 and uses more than its limits allow.',
    sentence: limitLostSentence,
    alert: {
      warning:
        'gdn moved throttled containers to cgroups without their limits: one of them can use up the memory of the cell.',
      critical:
        'Throttling removed the limits of a container, and it uses more than they allow: other apps of the cell can run out of memory.',
    },
    advice: always(
      'Restart the app instance: its new container starts with its limits. It happens again as long as gdn throttles on cgroup v2.',
    ),
  },
  partial: {
    docs: {
      summary: 'It runs, but is missing from a hierarchy where it should be.',
      definition: 'live, but missing from a hierarchy where it is expected',
      details:
        'a container is expected in a hierarchy if gdn keeps a Garden directory there, or if this incarnation was seen there before. Unreadable is not missing. One pass alone is never enough, even with a short `--settle`.',
      diego: 'does not notice',
    },
    meaning:
      'it runs, but is missing from a hierarchy: whatever watches that hierarchy does not see it.',
    sentence: partialSentence,
    alert: always(
      'A container runs, but is missing from a cgroup hierarchy where it should be: its limits do not apply there, and whatever watches that hierarchy does not see it.',
    ),
    advice: always(MOVED),
  },
};
