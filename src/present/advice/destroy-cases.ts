import type { HostProcess } from '../../model/destroy.ts';
import type { DestroyRetry } from '../../model/finding.ts';
import {
  CAPTURE,
  GARDEN_LOG,
  killCommand,
  DELETE,
  explainCommand,
  ISOLATE,
  psCommand,
  RECREATE,
  WHO_STARTED,
} from './common-steps.ts';
import type { About, Case, Step } from './step.ts';

/* Containers that Garden lists and cannot destroy. */

type NoCgroup = About<'no-cgroup'>;

const pidsOf = (
  { difference }: NoCgroup,
  ...parts: readonly HostProcess['part'][]
): readonly number[] =>
  (difference?.destroy?.processes ?? [])
    .filter(({ part }) => parts.includes(part))
    .map(({ pid }) => pid);

const WHAT_IT_WAITS_FOR = 'pid,stat,wchan:30,etime,args';

/** What may block it: a runc, grootfs, a network plugin. */
const NAMING: Step<'no-cgroup'> = {
  name: 'naming',
  when: (about) => about.difference === null || pidsOf(about, 'names').length > 0,
  action:
    'Look at the processes that name the container: runc, grootfs or a network plugin may block the destroy.',
  command: (about) => psCommand(pidsOf(about, 'names'), WHAT_IT_WAITS_FOR),
  result:
    'STAT D → the process ends only when what it waits for answers. Otherwise → sudo kill PID.',
};

const LOOK_AGAIN: Step<'no-cgroup'> = {
  name: 'again',
  action: 'Look again a minute later.',
  command: explainCommand,
  result: 'No container found → done.',
};

/** Where the evidence lacks. */
const ASK_AGAIN: Step<'no-cgroup'> = {
  name: 'again',
  action: 'Let a new check search for these processes.',
  command: explainCommand,
  result: 'The answer says how urgent the finding is, and what to do.',
};

/** Only root sees who holds a pipe that gdn reads. */
const FIND_HOLDER: Step<'no-cgroup'> = {
  name: 'holder',
  action: 'As root, find out which process keeps gdn waiting, and end that process.',
  command: explainCommand,
  result: 'Once it has ended → step {delete}.',
};

/** The processes that `explain` names may have ended, and others have their pids. */
const lookAt = (...parts: readonly HostProcess['part'][]): Step<'no-cgroup'> => ({
  name: 'look',
  action: 'Look at every process that gdn waits for.',
  command: (about) => psCommand(pidsOf(about, ...parts), WHAT_IT_WAITS_FOR),
  result:
    'Only those of the finding count. STAT D → such a process ends only when what it waits for answers.',
});

const endAll = (result: string, ...parts: readonly HostProcess['part'][]): Step<'no-cgroup'> => ({
  name: 'end',
  action: 'End all these processes: the destroy ends within seconds of the last one.',
  command: (about) => killCommand(pidsOf(about, ...parts)),
  result,
});

const DELETE_UNLESS_IT_HANGS: Step<'no-cgroup'> = {
  ...DELETE,
  result: 'The answer {} → done. "already being destroyed" → step {look}.',
};

type DestroyAdvice = Pick<Case<'no-cgroup'>, 'title' | 'urgency' | 'steps'>;

/** Unless a rep that starts does not care. */
const unlessStopped =
  (text: string): Case<'no-cgroup'>['urgency'] =>
  ({ difference }) =>
    difference?.stopsRep === null ? text : `${text} Do not restart rep.`;

/** By who retries the destroy; only for one in which nothing runs, also outside its cgroup. */
const DESTROY: Readonly<Record<DestroyRetry, DestroyAdvice>> = {
  hanging: {
    title: 'gdn waits for a process',
    urgency: unlessStopped(
      'Not urgent, but the destroy never ends by itself: rep cannot try again.',
    ),
    steps: [
      lookAt('works'),
      endAll('One stays → sudo kill -9 PID.', 'works'),
      LOOK_AGAIN,
      DELETE_UNLESS_IT_HANGS,
      RECREATE,
    ],
  },
  'perhaps-hanging': {
    title: 'gdn may wait for a process that is not below it',
    urgency: unlessStopped(
      'Not urgent, but if gdn waits for the process of the finding, the destroy never ends by itself.',
    ),
    steps: [
      DELETE_UNLESS_IT_HANGS,
      lookAt('holds', 'left'),
      endAll('All ended → step {delete}. One stays → sudo kill -9 PID.', 'holds', 'left'),
      RECREATE,
    ],
  },
  'at-start': {
    title: 'each rep that starts tries to destroy it',
    urgency:
      'Urgent: rep exits at each start, so Diego starts nothing on this cell. Once the container is destroyed, rep starts.',
    steps: [
      {
        name: 'rep-log',
        action: "Read in rep's log which destroy fails.",
        command:
          "sudo grep -hE 'executor-failed-to-destroy-container|garden_health_checker' /var/vcap/sys/log/rep/rep.stdout.log | tail -3",
        result:
          'A line names the destroy, and perhaps why it fails. Nothing → the last lines of that log say why rep exits.',
      },
      GARDEN_LOG,
      NAMING,
      {
        ...DELETE,
        result:
          'The answer {} → the next rep does not exit. An error says what blocks the destroy.',
      },
      { ...RECREATE, result: 'No rep runs, so no app moves first.' },
    ],
  },
  'health-check': {
    title: 'it is a health check of rep',
    urgency:
      'Urgent: Diego starts nothing on this cell. rep tries again in its next health check (every 10 minutes by default). Do not restart rep.',
    steps: [GARDEN_LOG, NAMING, DELETE, RECREATE],
  },
  perhaps: {
    title: 'gdn has died since it was made, and rep may know it',
    urgency:
      'Not urgent: nothing runs in the container. rep may still remove it; a restart of rep does not help.',
    steps: [LOOK_AGAIN, DELETE, FIND_HOLDER],
  },
  nobody: {
    title: 'nobody tries to destroy it again',
    urgency:
      'Not urgent: nothing runs in the container. Nothing in Diego tries to destroy it again.',
    steps: [DELETE, FIND_HOLDER],
  },
  unknown: {
    title: 'not all processes were searched for what gdn waits for',
    urgency: unlessStopped(
      'Not urgent: nothing runs in the container. But if gdn waits for a process, the destroy never ends by itself.',
    ),
    steps: [GARDEN_LOG, LOOK_AGAIN, DELETE, RECREATE],
  },
  rep: {
    title: 'rep retries it',
    urgency: unlessStopped(
      'Not urgent: nothing runs in the container. rep retries the destroy every 30 seconds.',
    ),
    steps: [GARDEN_LOG, NAMING, LOOK_AGAIN, RECREATE],
  },
};

/** More would be cut off with the text. */
const MAX_PIDS = 40;

/** Those that have its root filesystem; if this pass did not search for them, those of the container. */
const rootPidsOf = ({ difference, pids }: NoCgroup): readonly number[] =>
  (difference?.rootMountPids ?? pids).slice(0, MAX_PIDS);

/**
 * A process in a pid namespace of the container has escaped. So these are of the host: a chroot into the
 * image, or what a tool left there. The container itself has ended, and no restart of the app ends them.
 */
const OF_THE_HOST: Case<'no-cgroup'> = {
  title: 'a process of the host has its root filesystem',
  severity: 'critical',
  when: () => true,
  urgency: 'Urgent: this may be an attack. Diego does not notice.',
  steps: [
    {
      name: 'look',
      action: 'Look at the processes that have the root filesystem, and who started them.',
      command: (about) => psCommand(rootPidsOf(about), WHO_STARTED),
      result: 'Somebody started them on purpose → step {end}.',
    },
    CAPTURE,
    ISOLATE,
    {
      name: 'end',
      action: 'Have them ended by whoever started them, or end them.',
      command: (about) => killCommand(rootPidsOf(about)),
      result: 'One stays → sudo kill -9 PID.',
    },
    {
      ...LOOK_AGAIN,
      result:
        'No container found → done. Otherwise the finding becomes a warning, whose steps say what is left to do.',
    },
  ],
};

const RETRY_CASES = Object.entries(DESTROY).map(([retry, advice]): Case<'no-cgroup'> => ({
  ...advice,
  severity: 'warning',
  when: ({ difference }) => difference?.retry === retry,
}));

export const NO_CGROUP_CASES: readonly Case<'no-cgroup'>[] = [
  OF_THE_HOST,
  {
    title: null,
    severity: 'warning',
    when: ({ difference }) => difference?.rootMountPids === null,
    urgency:
      "Not known yet: this pass did not search all processes for those that left the container's cgroup.",
    steps: [ASK_AGAIN],
  },
  {
    title: null,
    severity: 'warning',
    when: ({ difference }) => difference === null,
    urgency:
      'Not urgent unless rep exits at each start. Do not restart rep before you know who retries the destroy.',
    steps: [{ ...ASK_AGAIN, action: 'Find out who retries the destroy.' }],
  },
  ...RETRY_CASES,
];

type Stuck = About<'stuck'>;
/** File systems in a mount table, without the nfsd of a server and the fusectl of the kernel. */
const SERVER_IN_TABLE = {
  nfs: "' - nfs4? '",
  any: "' - (nfs4?|fuse(blk)?([.][^ ]+)?) '",
};

const mountsCommand = (about: Stuck, kind: keyof typeof SERVER_IN_TABLE): string => {
  const [waiting] = about.difference?.wait?.processes ?? [];
  const pid = waiting?.pid ?? about.pids[0] ?? 'PID';
  return `sudo grep -E ${SERVER_IN_TABLE[kind]} /proc/${pid}/mountinfo`;
};

const serversOf = ({ difference }: Stuck) => difference?.wait?.servers ?? [];
const hasNone = (about: Stuck): boolean => serversOf(about).length === 0;
const has =
  (kind: 'nfs' | 'fuse') =>
  (about: Stuck): boolean =>
    hasNone(about) || serversOf(about).some((server) => server.kind === kind);

const nfsMinors = (about: Stuck): readonly number[] =>
  serversOf(about).flatMap((server) => (server.kind === 'nfs' ? [server.minor] : []));

/** The file that gives up its only NFS volume. Of several, one may have a server that answers. */
function giveUpCommand(about: Stuck): string {
  const [minor, another] = nfsMinors(about);
  const only = another === undefined ? minor : undefined;
  return `echo 1 | sudo tee /sys/fs/nfs/0:${only ?? 'N'}/shutdown`;
}

/** The files of its FUSE connections, which abort them. */
function abortCommand(about: Stuck): string {
  const connections = serversOf(about).flatMap((server) =>
    server.kind === 'fuse' ? [String(server.connection)] : [],
  );
  const files = (connections.length === 0 ? ['N'] : connections).map(
    (connection) => `/sys/fs/fuse/connections/${connection}/abort`,
  );
  return `echo 1 | sudo tee ${files.join(' ')}`;
}

export const STUCK_CASES: readonly Case<'stuck'>[] = [
  {
    title: '',
    when: () => true,
    urgency:
      'Not urgent: the container was killed, but keeps memory and address, and a drain of the cell waits for it. Diego retries in vain.',
    steps: [
      {
        name: 'look',
        when: hasNone,
        action: 'Find out what its processes wait for.',
        command: (about) => mountsCommand(about, 'any'),
        result:
          'A mount of type nfs → step {give-up}, of type fuse → step {fuse}; N is the number after 0: in the third field.',
      },
      {
        name: 'nfs',
        when: (about) => nfsMinors(about).length > 0,
        action: 'Bring back the NFS server that the lines name.',
        command: (about) => mountsCommand(about, 'nfs'),
        result: 'It answers again → the processes end within seconds.',
      },
      {
        // `umount -f` fails only the requests of a moment, and a process that ends sends others.
        name: 'give-up',
        when: has('nfs'),
        action: (about) =>
          `If the NFS server never comes back, give up its volume${nfsMinors(about).length > 1 ? ' (N is the number after 0: in the third field)' : ''}: its users get errors until it is mounted anew.`,
        command: giveUpCommand,
        result: 'No such file → see umount -f in the section stuck.',
      },
      {
        name: 'fuse',
        when: has('fuse'),
        action:
          'Restart the FUSE server, or abort its connection: whatever uses the mount then gets errors.',
        command: abortCommand,
        result: 'No such file → first sudo mount -t fusectl fusectl /sys/fs/fuse/connections.',
      },
      {
        ...DELETE,
        action: 'If the container is still listed half a minute later, delete it through Garden.',
      },
      RECREATE,
    ],
  },
];
