import type { Reason, Severity } from '../src/model/finding.ts';

/** For README.md, docs/interfaces.md and docs/decisions/reasons.md. */
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

interface ReasonText {
  readonly docs: ReasonDocs;
  /** For the legend of a dashboard. */
  readonly meaning: string;
  /** For an alert, which knows how many containers of a cell have this reason, but not which. */
  readonly alert: Readonly<Record<Severity, string>>;
}

const always = (text: string): Readonly<Record<Severity, string>> => ({
  warning: text,
  critical: text,
});

/**
 * What each reason means, without knowledge of the container itself, for pages, alerts and dashboards.
 * What a cell says of a container is in src/present.
 */
export const REASON_TEXTS: Readonly<Record<Reason, ReasonText>> = {
  'unknown-to-garden': {
    docs: {
      summary: 'Garden does not list a container that runs.',
      definition: 'a live container or pea, in neither list of the pass',
      otherSeverity: 'if the app has ended, or by name only',
      details:
        "a part that cannot be read counts as live. The app itself has ended if only peas are left, or only garden-init, pid 1 of the container's pid namespace. It is one by name only if memory never saw the handle listed, and neither the root filesystem nor the helper of the first five processes is the handle's; most of their other hierarchies must then name another path, unless the root filesystem or helper of each is another's.",
      diego: 'replaces it, never removes it',
    },
    meaning:
      'A container runs, and Garden does not list it (a warning if only garden-init or a side process is left, or only the name suggests a container). Find out whose container it is first.',
    alert: {
      warning:
        'Garden does not list a container of which only the init process or a side process still runs, or a live directory that only its name calls a container.',
      critical:
        "A container runs that Garden does not list: Diego does not manage it, and no tool that relies on Garden's list sees it.",
    },
  },
  unowned: {
    docs: {
      summary: 'A container runs, but Garden lost its properties.',
      definition: 'live and listed, but Garden lost its properties',
      otherSeverity: 'if only garden-init is left',
      details:
        "two successive lists have the container, and the `/properties` answer between them was null. A container with `garden.*` keys alone never had an owner: it is tracked, and a warning of the cell. No rep removes what is neither an app nor a task, whenever it started. For an app or a task the loss is permanent if rep started after the container's init; otherwise rep, if it runs, removes it within about a minute. With an older rep these must last 4 grace periods and at least 120 s, without a rep 4 grace periods, and the sentence says so.",
      diego: 'removes an app or task younger than rep',
    },
    meaning:
      'A container runs, and Garden lost its properties. A rep that started before the container removes an app or a task within about a minute; a rep that started later never does (a warning if only garden-init is left). Find out whose container it is first.',
    alert: {
      warning:
        'Only the init process of a container still runs whose properties Garden lost; rep does not remove it.',
      critical:
        'A container runs whose properties Garden lost, and Diego has not removed it: the app may run twice.',
    },
  },
  'no-cgroup': {
    docs: {
      summary: 'Garden lists a container in which nothing runs.',
      definition: 'listed, and nothing is live',
      otherSeverity: 'if a process uses its root filesystem',
      details:
        'it does not apply while its properties exist and Garden does not call it created (`garden.state=created`). On cgroup v2, `cgroup.events` must also say that nothing but peas populates its cgroups, because from Linux 6.19 on `cgroup.procs` leaves out a process that is exiting; otherwise the container is undecided. Processes that use its root filesystem are searched only for such candidates. A process of the host that names it counts once it is a minute old: whoever looks for the container types its handle, too. The sentence says who destroys it: rep retries an app or a task that has its properties; rep tries a health check of its own three times in each of its health checks; each rep that starts tries them, while none runs or the one that runs is younger than the container; nobody does (another client made it; or its properties are lost, and it is neither an app nor a task, or no rep runs, or rep started after gdn or after the container was first seen); rep perhaps does (the properties of an app or a task are lost under an older rep); or the destroy hangs (a child of gdn names it and is a minute old; `runc events`, a dadoo and a shim stay as long as the container and do not count); or it hangs if gdn waits for what is left of such a child.',
      diego: 'retries it while rep knows it',
    },
    meaning:
      'Garden lists a container in which nothing runs: its destroy failed or hangs. Critical: a process elsewhere has its root filesystem.',
    alert: {
      warning: 'Garden lists a container in which nothing runs: its destroy failed or hangs.',
      critical:
        "A container's cgroup is empty, but a process elsewhere has its root filesystem, without its limits, and whatever watches cgroups does not see it.",
    },
  },
  stuck: {
    docs: {
      summary: 'Garden lists a container and cannot end it.',
      definition:
        'listed and live; each process was killed or is exiting, but has not ended (peas do not count)',
      details:
        'SIGKILL is pending if bit 0x100 is set in `SigPnd` or `ShdPnd` of `/proc/PID/status`. A process is exiting if bit 0x4 (PF_EXITING) is set in the ninth field of `/proc/PID/stat` of all its threads; the kernel then drops SIGKILL, and no mask shows it. Zombies do not count. A container is not `stuck` while one of its processes is stopped or traced from outside, or its cgroup is frozen (`cgroup.events`, `freezer.state`). Nor is it once the first five processes that rollcall saw have all ended: its destroy then makes progress. Every pass must see this of all of its processes, for 180 s. The signals are those of the process and of its main thread; if that thread has ended, of another one. Every 60 s rollcall reads one process of each container. In each pass it reads all processes of the containers that may be stuck, at most 1,024 in all. A container whose processes are not all read is not `stuck`. The sentence says where they wait, whether NFS or FUSE is in the mount table of the container, and whether its root filesystem is still mounted.',
      diego: 'retries it in vain',
    },
    meaning:
      'Garden lists a container and cannot end it: its processes were killed or are exiting, and wait for something that does not answer.',
    alert: always(
      'Garden killed a container, but its processes still run: they wait for something that does not answer, often an NFS or FUSE server.',
    ),
  },
  escaped: {
    docs: {
      summary: 'A process of a container runs outside its cgroups.',
      definition: 'a process of a container is in none of its cgroups with a controller',
      otherSeverity: 'if entered from outside',
      details:
        "one process, not a zombie, stays outside. It has the container's root filesystem and is in a deeper pid namespace than gdn, but in no cgroup of the container or its peas. A cgroup that is called like it outside its home (see below) is not its own. A hierarchy without a controller (`name=systemd`, v2 beside v1) does not count: nothing is limited there. One that has left only some hierarchies is `partial`. A process that is exiting is in no v1 cgroup, and does not count either. A handle that no list names counts if memory saw it listed, or if the image is in the store of our containers. That holds for a listed container that every process has left, too: it is not `no-cgroup`. The warning includes the command.",
      diego: 'does not notice',
    },
    meaning:
      'A process of a container runs outside its cgroup (critical), or somebody entered the container from outside.',
    alert: {
      warning: 'Somebody entered a container from outside.',
      critical:
        "A process left the cgroup of its container: the container's limits do not apply to it, and whatever watches the cgroup does not see it.",
    },
  },
  'limit-lost': {
    docs: {
      summary:
        "Garden's throttling removed a container's limits (cgroup v2), and the container uses more than they allowed.",
      definition:
        'the container exceeds a limit that no cgroup enforces any more (v2 with CPU throttling)',
      details:
        'L is the number in `good/H/memory.max` (pids: `good/H/init/pids.max`, else `good/H/pids.max`). Neither `bad/H` nor an ancestor up to the Garden directory has a limit ≤ L, and the usage of the cgroup with L and that of `bad/H`, which may be empty, together exceed L. While they do not exceed L, a process in `bad/H` causes only a warning of the cell (`cell.warnings`).',
      diego: 'does not notice',
    },
    meaning: 'A container was throttled on cgroup v2 and uses more than its limits allow.',
    alert: {
      warning:
        'gdn moved throttled containers to cgroups without their limits: one of them can use up the memory of the cell.',
      critical:
        'Throttling removed the limits of a container, and it uses more than they allow: other apps of the cell can run out of memory.',
    },
  },
  partial: {
    docs: {
      summary: 'A container or a process of it is missing from a hierarchy where it should be.',
      definition:
        'a container or a process of it is live, but missing from a hierarchy where it is expected',
      details:
        "a container is expected in a hierarchy with a controller if gdn keeps a Garden directory there, or if this incarnation was seen there before. Unreadable is not missing; a cgroup there with its name that holds only processes of other containers is not its own. One pass alone is never enough, even with a short `--settle`. A process is missing if its container is there, by another process of it, and it is in none of the container's cgroups; it stays there for as long as `escaped` must. In the primary hierarchy the sweep sees that of every process; the other hierarchies of 16 processes are read in each pass, in turn, and of all in a check.",
      diego: 'does not notice',
    },
    meaning:
      'A container, or a process of it, is missing from a hierarchy: whatever watches that hierarchy does not see it.',
    alert: always(
      'A container or a process of it runs, but is missing from a cgroup hierarchy where it should be: its limits do not apply there, and whatever watches that hierarchy does not see it.',
    ),
  },
};
