import { oneLine, textOfBytes } from '../../model/text.ts';
import {
  CAPTURE,
  handleIn,
  ISOLATE,
  psCommand,
  RECREATE,
  RESTART_INSTANCE,
  WHO_STARTED,
} from './common-steps.ts';
import type { About, Case, Step } from './step.ts';

/* Containers of which a process is where it should not be, or a limit does not hold. */

/** Longer paths are cut where they stand in a sentence. */
const MAX_PATH = 200;

/** The processes that the finding is about; if this pass did not see them, all of the container. */
const psOf = (pids: readonly number[] | undefined, about: About): string =>
  psCommand(pids ?? about.pids, WHO_STARTED);

const STOP: Step = { name: 'stop', action: 'Stop the tool that moves processes.' };

export const PARTIAL_CASES: readonly Case<'partial'>[] = [
  {
    title: '',
    when: () => true,
    urgency: 'Urgent if nobody moved the processes on purpose. Diego does not notice.',
    steps: [
      {
        name: 'look',
        action:
          'Find out what moved the processes: a tool that rearranges cgroups, or the processes themselves.',
        command: (about) => {
          const pids = about.difference?.pids ?? about.pids;
          return pids.length === 0
            ? `grep -ls ${handleIn(about)} /proc/[0-9]*/cgroup`
            : psCommand(pids, WHO_STARTED);
        },
        result: 'Somebody did it on purpose → step {stop}.',
      },
      CAPTURE,
      ISOLATE,
      STOP,
      RESTART_INSTANCE,
    ],
  },
];

const escapedPids = ({ difference }: About<'escaped'>): readonly number[] | undefined =>
  difference?.processes.map(({ pid }) => pid);

/** Where the first of them is now; null: this pass did not see it. */
function cgroupOfEscaped({ difference }: About<'escaped'>): string | null {
  const [process] = difference?.processes ?? [];
  return process === undefined ? null : textOfBytes(process.cgroup);
}

/** A regular expression, and a shell, take only such a path as it stands. */
const isPlainPath = (path: string): boolean => /^(?:\/[\w.@:-]+)+$/.test(path);

/** Those in the same cgroup; in that of their process, where the path is not plain or not known. */
function othersCommand(about: About<'escaped'>): string {
  const cgroup = cgroupOfEscaped(about);
  const [pid] = escapedPids(about) ?? about.pids;
  const grep =
    cgroup !== null && isPlainPath(cgroup)
      ? `grep -ls ':${cgroup}$' /proc/[0-9]*/cgroup`
      : `grep -lsFxf /proc/${pid ?? 'PID'}/cgroup /proc/[0-9]*/cgroup`;
  return `${grep} | cut -d/ -f3 | xargs ps -ww -o ${WHO_STARTED} -p`;
}

export const ESCAPED_CASES: readonly Case<'escaped'>[] = [
  {
    title: 'somebody entered it from outside',
    severity: 'warning',
    when: () => true,
    urgency:
      'Not urgent if an operator works in the container: the finding ends with the command. Diego does not notice.',
    steps: [
      {
        name: 'look',
        action: 'Ask whoever ran the command.',
        command: (about) => psOf(escapedPids(about), about),
        result: 'A colleague ran it → done when the command ends.',
      },
      CAPTURE,
      ISOLATE,
    ],
  },
  {
    title: 'a process left its cgroup',
    severity: 'critical',
    when: () => true,
    urgency: 'Urgent: this may be an attack. Diego does not notice.',
    steps: [
      {
        name: 'look',
        action: (about) => {
          const cgroup = cgroupOfEscaped(about);
          const where = cgroup === null ? '' : `, which is now in ${oneLine(cgroup, MAX_PATH)}`;
          return `Look at the process${where}, and who started it.`;
        },
        command: (about) => psOf(escapedPids(about), about),
      },
      {
        name: 'others',
        action:
          'See who else is in that cgroup, and find out what moved the process: a tool that rearranges cgroups, or the process itself.',
        command: othersCommand,
        result: 'Somebody did it on purpose → step {stop}.',
      },
      CAPTURE,
      ISOLATE,
      STOP,
      {
        ...RECREATE,
        action: 'Recreate the cell when convenient: the process may survive a restart of the app.',
      },
    ],
  },
];

export const LIMIT_CASES: readonly Case<'limit-lost'>[] = [
  {
    title: '',
    when: () => true,
    urgency: 'Urgent if the cell is short of memory. Diego does not notice.',
    steps: [
      {
        name: 'free',
        action: 'See how much memory the cell has left.',
        command: 'free -m',
        result: 'Little available → step {restart} at once. Otherwise when convenient.',
      },
      { ...RESTART_INSTANCE, result: 'The new container starts with its limits.' },
      {
        name: 'throttling',
        action: 'To prevent this, turn garden.cpu_throttling off in the next deploy.',
      },
    ],
  },
];
