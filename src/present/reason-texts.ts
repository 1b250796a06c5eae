import {
  isDifference,
  severityOf,
  type Difference,
  type Reason,
  type Severity,
} from '../model/finding.ts';
import type { ContainerReport } from '../model/report.ts';
import {
  escapedSentence,
  limitLostSentence,
  noCgroupSentence,
  partialSentence,
  unknownSentence,
  unownedSentence,
  type Sentenced,
} from './reason-sentences.ts';

/** Where the operator's runbook has the section of a reason; null: no runbook is configured. */
export const runbookLink = (runbookUrl: string | null, reason: string): string | null =>
  runbookUrl === null ? null : `${runbookUrl}#${reason}`;

/** What to do about a finding; the runbook says it at length. */
export function whatToDo({ explanation, severity }: ContainerReport): string | null {
  if (isDifference(explanation)) return adviceOn(explanation.kind, explanation, severity);
  switch (explanation.kind) {
    case 'drill':
      return 'Nothing: check that the alert arrived where it should.';
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
  const { advice, adviceFor } = REASON_TEXTS[reason];
  return adviceFor?.(difference) ?? advice[severity ?? severityOf(reason)];
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
const BY_HAND =
  'curl --unix-socket /var/vcap/data/garden/garden.sock -X DELETE http://garden/containers/HANDLE';
const DESTROY_FAILS =
  "Find out why its destroy fails (Garden's log) and end what blocks it: Diego retries every 30 seconds. Until then do not restart rep, which would exit at each start. If nothing helps, recreate the cell.";
const MOVED = `Find out what moved its processes (rollcall explain). ${NOT_RECOGNISED} Moved on purpose: restart the app instance.`;

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
      warning: `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: recreate the cell when convenient, which moves its apps first; Garden cannot delete it (404).`,
      critical: `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: check that cf app shows all instances, then recreate the cell, which moves its apps first; Garden cannot delete it (404). A worker that runs twice is urgent.`,
    },
  },
  unowned: {
    docs: {
      summary: 'It runs, but Garden lost its properties.',
      definition: 'live and listed, but Garden lost its properties',
      details:
        "two successive lists have the container, and the `/properties` answer between them was null. A container with `garden.*` keys alone never had an owner: it is tracked, and a warning of the cell. The loss is permanent if rep started after the container's init; otherwise rep, if it runs, removes the container within about a minute. With an older rep it must last 4 grace periods and at least 120 s, without a rep 4 grace periods, and the sentence says so.",
      diego: 'removes it within a minute if rep started before it; otherwise never',
    },
    meaning:
      'Garden lost its properties. A rep that started before it removes it within about a minute; one that started later never does. Find out whose it is first.',
    sentence: unownedSentence,
    alert: always(
      'A container runs whose properties Garden lost, and Diego has not removed it: the app may run twice. Find out whose it is before you recreate the cell.',
    ),
    advice: always(
      `Find out whose it is (rollcall explain). ${NOT_RECOGNISED} Recognised: check that cf app shows all instances and that rep and the BBS are up, then delete it (${BY_HAND}) or recreate the cell, which moves its apps first. A worker that runs twice is urgent.`,
    ),
    adviceFor: ({ rep }) =>
      rep === 'older'
        ? "Look in rep's log for the failing destroy, and check that the BBS is up: without it, rep does not retry."
        : null,
    inShortCheck: 'containers that rep may still remove',
  },
  'no-cgroup': {
    docs: {
      summary: 'Garden lists it, but nothing runs: its destroy fails.',
      definition: 'listed, and nothing is live',
      otherSeverity: 'if a process uses its root filesystem',
      details:
        'it does not apply while its properties exist and Garden does not call it created (`garden.state=created`). Processes that use its root filesystem are searched only for such candidates.',
      diego: 'retries it every 30 s',
    },
    meaning:
      'Garden lists it, but nothing runs: its destroy probably fails. Critical: it runs outside its cgroup.',
    sentence: noCgroupSentence,
    alert: {
      warning:
        'Garden lists a container in which nothing runs: its destroy probably fails. If rep restarts meanwhile, it exits at each start until that destroy succeeds.',
      critical:
        "A container's cgroup is empty, but a process elsewhere has its root filesystem, without its limits, and whatever watches cgroups does not see it. Find out what moved it before you recreate the cell.",
    },
    advice: {
      warning: DESTROY_FAILS,
      critical: MOVED,
    },
    // The severity is an earlier one in a pass that did not search for its processes.
    adviceFor: ({ rootMountPids }) => (rootMountPids.length === 0 ? DESTROY_FAILS : MOVED),
    inShortCheck: 'listed containers without a process',
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
      critical: `Find out what moved the process (rollcall explain). ${NOT_RECOGNISED} Moved on purpose: recreate the cell when convenient.`,
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
