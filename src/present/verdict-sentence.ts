import {
  isUnaccounted,
  type ContainerReport,
  type Unaccounted,
  type Report,
  type UnknownCause,
} from '../model/report.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { listText } from './names.ts';
import { warningsSentence } from './warning-texts.ts';
import { bytesText, secondText, plural } from './quantities.ts';

const HIDDEN_BY = {
  'pid-namespace':
    "This process is in a pid namespace of its own: under bpm, set unsafe.host_pid_namespace: true; elsewhere, run in the cell's pid namespace.",
  unknown: "Run as root in the cell's own pid namespace.",
} as const;

/** Why nothing could be compared, for a person: what is wrong, and what to change. */
export function unknownSentence(cause: UnknownCause): string {
  switch (cause.kind) {
    case 'no-properties':
      return `Unknown: Garden returns its list, but not the properties of its containers. ${oneLine(cause.why, 400)}`;
    case 'garden-unavailable':
      return `Unknown: Garden's list cannot be read. ${oneLine(cause.why, 400)}`;
    case 'no-hierarchy':
      return `Unknown: no cgroup hierarchy is usable. ${oneLine(cause.why, 600)} ${TYPED_ON_CELL} mounts names each mount and the reason.`;
    case 'unreadable':
      return (
        `Unknown: the cgroup ${oneLine(textOfBytes(cause.path), 200)} cannot be read (${oneLine(cause.errno, 40)}), ` +
        'and containers could be in it. Run as root or as the user vcap of the cell.'
      );
    case 'cut':
      return (
        `Unknown: the cgroup ${oneLine(textOfBytes(cause.path), 200)} contains more ` +
        'than one pass can read. Remove the empty directories there with rmdir, but not those named after a listed container.'
      );
    case 'covered':
      return (
        `Unknown: the ${oneLine(cause.fstype, 40)} mount at ${oneLine(textOfBytes(cause.mountPoint), 200)} covers the cgroup ` +
        `${oneLine(textOfBytes(cause.path), 200)}, and containers could be in it. Find out who mounted it, then unmount it.`
      );
    case 'processes-hidden':
      return `Unknown: Garden answers, but no process of gdn or of a container is visible. ${HIDDEN_BY[cause.by ?? 'unknown']}`;
    case 'own-namespace':
      return (
        "Unknown: this process is in a cgroup namespace of its own, where nothing shows the location of gdn's cgroups. " +
        'Run in the cgroup namespace of the cell, as bpm does, with unsafe.host_pid_namespace: true.'
      );
    case 'no-anchor':
      return cause.gdns === 'several'
        ? "Unknown: several processes called gdn run, and nothing shows which of them is this cell's Garden. " +
            'Find out which one does not belong here: ps -C gdn -o pid,lstart,args.'
        : 'Unknown: gdn is not visible, and several Garden directories hold running containers. ' +
            'Run where the process gdn is visible.';
    case 'pass-failed':
      return `Unknown: the pass failed. ${oneLine(cause.why, 400)}`;
    default:
      return cause satisfies never;
  }
}

/** Whether an earlier pass saw it: a check without one knows only the time of its own. */
export const isKnownSince = (since: string, takenAt: string): boolean =>
  Date.parse(since) < Date.parse(takenAt);

const sinceSentence = (since: string, takenAt: string): string =>
  isKnownSince(since, takenAt) ? ` Unavailable since ${secondText(since)}.` : '';

export function verdictSentence(report: Report): string {
  if (report.unknownCause !== null) {
    const { garden } = report;
    const since =
      report.unknownCause.kind === 'garden-unavailable' && garden.state === 'unavailable'
        ? sinceSentence(garden.since, report.takenAt)
        : '';
    return `${unknownSentence(report.unknownCause)}${since}`;
  }
  const containers = report.containers.filter(({ drill }) => !drill);
  const drills = report.containers.length - containers.length;
  const drill = drills === 0 ? '' : 'A drill is running. ';
  return (
    drill + comparedSentence({ ...report, containers }) + warningsSentence(report.cell.warnings)
  );
}

/** What is still undecided, and which containers could not be compared. */
function pendingSentences(containers: readonly ContainerReport[]): string {
  const pending = containers.filter(
    ({ status, explanation }) => status === 'pending' && explanation.kind !== 'undecided',
  ).length;
  const pendingText = pending === 0 ? '' : ` ${pending} more ${pendingWords(pending)}.`;
  return `${pendingText}${undecidedSentence(containers)}`;
}

/** With their reasons, the most frequent first. */
function undecidedSentence(containers: readonly ContainerReport[]): string {
  const whys = containers.flatMap(({ explanation }) =>
    explanation.kind === 'undecided' ? [explanation.why] : [],
  );
  if (whys.length === 0) return '';
  const groups = [...Map.groupBy(whys, (why) => why)].toSorted((a, b) => b[1].length - a[1].length);
  const parts = groups.slice(0, MAX_WHYS).map(([why, same]) => {
    const times = groups.length === 1 ? '' : ` (${same.length})`;
    return `${oneLine(why, 200)}${times}`;
  });
  const others = groups.slice(MAX_WHYS).flatMap(([, same]) => same).length;
  if (others > 0) parts.push(`other reasons (${others})`);
  return ` ${whys.length} could not be decided: ${parts.join('; ')}.`;
}

const MAX_WHYS = 3;

const pendingWords = (count: number): string =>
  `${isOrAre(count)} pending (within the grace period)`;

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** Empty if nothing is unaccounted; without the memory if the kernel gave no value. */
function unaccountedSentence(
  { memoryBytes, pids }: Unaccounted,
  findings: readonly ContainerReport[],
): string {
  if (pids === 0 && (memoryBytes ?? 0) === 0) return '';
  const memory = memoryBytes === null ? [] : [`${bytesText(memoryBytes)} of memory`];
  const what = listText([...memory, plural(pids, 'process', 'processes')]);
  // The tables count a container's own processes alone.
  const own = findings.filter(isUnaccounted).reduce((sum, { pids: all }) => sum + all, 0);
  const side = pids > own ? ' (with Envoy and health checks)' : '';
  const subject = findings.length === 1 ? 'This container has' : 'These containers have';
  return ` ${subject} ${what}${side} that Diego does not account for.`;
}

function comparedSentence({
  containers,
  unaccounted,
  verdict,
}: Pick<Report, 'containers' | 'unaccounted' | 'verdict'>): string {
  const count = (status: ContainerReport['status']): number =>
    containers.filter((container) => container.status === status).length;
  const untracked = containers.filter(({ status }) => status === 'untracked');
  const pendingOnes = pendingSentences(containers);
  if (untracked.length > 0) {
    const reasons = new Map<string, number>();
    for (const { reason } of untracked) {
      if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const parts = [...reasons].map(([reason, times]) => `${times} ${reason}`);
    return `${untracked.length} of ${plural(containers.length, 'container')} ${isOrAre(untracked.length)} untracked: ${listText(parts)}.${unaccountedSentence(unaccounted, untracked)}${pendingOnes}`;
  }
  const isAllRead = verdict !== 'unknown';
  if (containers.length === 0 && isAllRead) return 'Garden lists no container, and none runs.';
  const tracked = count('tracked');
  if (tracked === containers.length && isAllRead) {
    const all =
      tracked === 1
        ? 'The container that Garden lists runs'
        : `All ${tracked} containers that Garden lists run`;
    return `${all}, and no other container runs.`;
  }
  const pending = count('pending');
  const isDecided = containers.every(({ explanation }) => explanation.kind !== 'undecided');
  if (isAllRead && isDecided && tracked + pending === containers.length) {
    // The verdict is all-tracked, so pending containers must not read like a finding.
    const others = tracked === 0 ? '' : `${tracked} ${isOrAre(tracked)} tracked, and `;
    return `No container is untracked: ${others}${pending} ${pendingWords(pending)}.`;
  }
  return `${tracked} of ${plural(containers.length, 'container')} ${isOrAre(tracked)} tracked.${pendingOnes}`;
}
