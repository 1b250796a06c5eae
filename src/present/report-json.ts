import type { CellIdentity } from '../model/cell-identity.ts';
import type { CellWarning } from '../model/cell-warning.ts';
import { REASONS } from '../model/finding.ts';
import type { ByteString } from '../model/ids.ts';
import { hasEnded, type ProcessFacts } from '../model/process.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { adviceOn } from './advice/advice.ts';
import { hierarchyJson } from './mounts-json.ts';
import { containerSentence } from './sentence.ts';
import { warningSentence } from './warning-texts.ts';
import { verdictSentence } from './verdict-sentence.ts';
import { sensorViews } from './sensors-text.ts';
import { oneLine, textOfBytes } from '../model/text.ts';

const texts = (paths: Readonly<Record<string, ByteString>>): Record<string, string> =>
  Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, textOfBytes(path)]));

/** @param cell for commands; null outside BOSH */
export function containerJson(
  container: ContainerReport,
  cell: CellIdentity | null,
): ContainerView {
  return {
    handle: container.handle,
    kind: container.kind,
    status: container.status,
    reason: container.reason,
    severity: container.severity,
    since: container.since,
    sinceSource: container.since === null ? null : container.isSinceOfAgent ? 'agent' : 'own',
    explanation: container.explanation.kind,
    sentence: containerSentence(container),
    advice: adviceOn(container, { cell, explained: null }),
    drill: container.drill,
    app: container.app,
    appSource: container.app === null ? null : (container.appSource ?? 'garden'),
    privileged: container.privileged,
    throttled: container.throttled,
    pids: container.pids,
    pidsOutside: pidsOutside(container),
    processes: container.processes.map(processJson),
    cgroups: texts(container.cgroups),
    peas: container.peas,
    peaProcesses: container.peaProcesses.map(({ processes, ...pea }) => ({
      ...pea,
      processes: processes.map(processJson),
    })),
  };
}

/** Those that the finding is about. */
function pidsOutside({ explanation }: ContainerReport): number {
  if (explanation.kind === 'escaped') return explanation.processes.length;
  return explanation.kind === 'no-cgroup' ? (explanation.rootMountPids ?? []).length : 0;
}

const processJson = (process: ProcessFacts): ContainerView['processes'][number] => ({
  pid: process.pid,
  parentPid: process.parentPid,
  uid: process.realUid,
  startedAt: process.startedAt,
  ended: hasEnded(process.state),
  // In a capture or a memory file, the command is whatever somebody wrote there; `comm` is
  // whatever the process says.
  command: oneLine(process.command === '' ? `[${process.comm}]` : process.command, 256),
});

/** The report for programs; a change of its shape needs a new schemaVersion. */
export function reportJson(report: Report): ReportView {
  const { containers, cell, cgroups, garden } = report;
  const count = (status: ContainerReport['status']): number =>
    containers.filter((container) => container.status === status).length;
  const byReason = REASONS.map(
    (reason) =>
      [
        reason,
        containers.filter((one) => one.status === 'untracked' && one.reason === reason).length,
      ] as const,
  );
  return {
    schemaVersion: 1,
    takenAt: report.takenAt,
    durationMilliseconds: report.durationMilliseconds,
    verdict: report.verdict,
    why: verdictSentence(report),
    cell: {
      hostname: cell.hostname,
      bootId: cell.bootId,
      bosh: cell.bosh,
      scopes: texts(cell.scopes),
      warnings: cell.warnings.map((warning) => ({
        reason: warning.reason,
        containers: 'containers' in warning ? warning.containers : 0,
        worst: worstOf(warning),
        sentence: warningSentence(warning),
      })),
    },
    cgroups: {
      mode: cgroups.mode,
      namespace: cgroups.namespace,
      primary: cgroups.primary,
      anchor:
        cgroups.anchor === null
          ? null
          : { ...cgroups.anchor, path: textOfBytes(cgroups.anchor.path) },
      hierarchies: cgroups.hierarchies.map(hierarchyJson),
    },
    garden,
    containers: containers.map((one) => containerJson(one, cell.bosh)),
    sensors: sensorViews(report.sensors, report.observations),
    live: report.live,
    unaccounted: report.unaccounted,
    leftovers: leftoversOf(report),
    ledgers: accountJson(report.ledgers),
    ignored: report.ignored,
    leftoverCgroups: report.leftoverCgroups.map(textOfBytes),
    leftoverCgroupsOmitted: report.leftoverCgroupsOmitted,
    summary: {
      listed: listedByGarden(report),
      tracked: count('tracked'),
      pending: count('pending'),
      untracked: count('untracked'),
      undecided: containers.filter(({ explanation }) => explanation.kind === 'undecided').length,
      byReason: Object.fromEntries(byReason),
    },
  };
}

const worstOf = (warning: CellWarning): string => {
  if (warning.reason === 'cut-sweep') return warning.filledBy ?? '';
  return 'worst' in warning ? warning.worst : '';
};

function leftoversOf({
  leftoverCgroups,
  leftoverCgroupsOmitted,
  ledgers,
}: Report): ReportView['leftovers'] {
  const { leftovers } = ledgers;
  return {
    cgroups: leftoverCgroups.length + leftoverCgroupsOmitted,
    rootfsMounts: leftovers.overlay,
    depots: leftovers.depot,
    namespaces: leftovers.namespace,
    addresses: leftovers.address,
    reservations: leftovers.reservation,
    policies: leftovers.policy,
  };
}

const accountJson = ({ leftovers: _shownApart, ...account }: Report['ledgers']) => account;

/** How many containers Garden lists; while its list cannot be read, how many it listed last. */
export const listedByGarden = ({ garden, containers }: Report): number =>
  garden.state === 'known'
    ? garden.listed
    : containers.filter(({ reason }) => reason !== 'unknown-to-garden').length;
