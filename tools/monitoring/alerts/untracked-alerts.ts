import {
  isOfCell,
  SEVERITIES,
  UNTRACKED_KINDS,
  type Reason,
  type Severity,
} from '../../../src/model/finding.ts';
import { TYPED_ON_CELL } from '../../../src/model/typed-as.ts';
import { adviceWithoutContainer } from '../../../src/present/advice/advice.ts';
import { LIST_FINDINGS } from '../../../src/present/advice/common-steps.ts';
import { REASON_TEXTS } from '../../reason-texts.ts';
import { alertOf } from '../../../src/present/runbook.ts';
import { cell, inWords, THRESHOLDS, warning, type Alert } from './alert.ts';
import { bridged, perCell } from './recorded-series.ts';

/**
 * One alert per cell, reason and severity, not per container: a crash of gdn loses all containers of
 * a cell at once. While an agent is silent its last findings stay, so that neither a lost scrape nor
 * a restart ends an alert and raises it again.
 * @param matchers which of the findings
 */
const untracked = (
  name: string,
  severity: Severity,
  matchers: readonly string[],
  texts: Pick<Alert, 'labels' | 'description' | 'anchor'>,
): Alert => ({
  name,
  severity,
  holds: severity === 'critical' ? THRESHOLDS.untracked : '0s',
  expression: ({ lingers }) =>
    `last_over_time(
  rollcall:untracked{${matchers.join()}}[${lingers ? THRESHOLDS.keptByExporter : THRESHOLDS.kept}]
) > 0`,
  summary: (route) =>
    `{{ if eq $value 1.0 }}1 container is{{ else }}{{ $value }} containers are{{ end }} untracked on ${cell(route)}: {{ $labels.reason }}.`,
  ...texts,
});

/** The step that finds the handles, which an alert does not know. */
const LIST_IN_ALERT = `${LIST_FINDINGS.action} ${LIST_FINDINGS.command}. ${LIST_FINDINGS.result}`;

const ofReason = (reason: Reason, severity: Severity): Alert =>
  untracked(alertOf(reason), severity, [`reason="${reason}"`, `severity="${severity}"`], {
    labels: { reason },
    description: () =>
      `${REASON_TEXTS[reason].alert[severity]} ${adviceWithoutContainer(reason, severity).urgency} ${LIST_IN_ALERT}`,
    anchor: reason,
  });

/** Reasons of a later agent, which BOSH may deploy before anybody loads the rules of its version. */
const ofOtherReasons = (severity: Severity): Alert => {
  const known = UNTRACKED_KINDS.filter(([, one]) => one === severity).map(([reason]) => reason);
  const matchers = [`reason!~"${known.join('|')}"`, `severity="${severity}"`];
  return untracked('RollcallUntracked', severity, matchers, {
    description: () =>
      `The agent is newer than these rules, which do not know the reason. Load the rules of the agent's version. On the cell, list the containers: ${TYPED_ON_CELL} status. The same with explain HANDLE prints the steps.`,
    anchor: 'rollcalluntracked',
  });
};

/** Separate from the alerts about containers, so that nobody confuses the two. */
const drill: Alert = {
  name: 'RollcallDrill',
  severity: 'critical',
  labels: { drill: 'true' },
  holds: '0s',
  // The count ends it: if values linger, the series of the drill outlives the drill.
  expression: () =>
    `topk without (handle) (1, last_over_time(rollcall:drill_began[${THRESHOLDS.bridged}]))
and ignoring (handle) last_over_time(rollcall:counted[${THRESHOLDS.bridged}]) > 0`,
  summary: (route) =>
    `Drill: somebody is testing the alert path on ${cell(route)} ({{ $labels.handle }}).`,
  description: (route) =>
    `This is a drill on ${cell(route)}. The drill reports a container that does not exist, and says nothing about real containers. Check that this alert arrived where it should.`,
  anchor: 'drill',
};

/**
 * Concerns the cell: each of its containers is tracked, and has no series of its own. An alert about
 * containers would come and go, because gdn alternately throttles and releases a container.
 */
const limitsLost = warning(alertOf('limit-lost'), THRESHOLDS.limitsLost, {
  labels: { reason: 'limit-lost' },
  expression: (route) =>
    `${perCell(route, `max_over_time(rollcall:untracked{reason="limit-lost",severity="warning"}[${THRESHOLDS.limitsLostSeen}])`)} > 0
and rollcall:reporting`,
  summary: (route) =>
    `Throttled containers run without their limits on ${cell(route)}: up to {{ $value }} at once.`,
  description: (route) => `On ${cell(route)}, ${REASON_TEXTS['limit-lost'].alert.warning}`,
  anchor: 'limit-lost',
});

/** Concerns the cell: while no rep runs, its containers are tracked, and Diego has lost them. */
const noRep = warning('RollcallNoRep', THRESHOLDS.noRep, {
  expression: (route) =>
    `${bridged(route, 'rollcall_cell_warning', { matchers: 'reason="no-rep"' })} == 1
and rollcall:reporting`,
  summary: (route) => `No rep runs on ${cell(route)}, but apps do.`,
  description: (route) =>
    `rep ran on ${cell(route)} and has been gone for more than ${inWords(THRESHOLDS.noRep)}, while containers of apps and tasks run. If rep died, Diego has started these apps on other cells, and they run twice. Otherwise somebody stopped the job.`,
  anchor: 'no-rep',
});

const memoryUnaccounted = warning('RollcallUnaccountedMemory', THRESHOLDS.unaccounted, {
  expression: (route) =>
    `${bridged(route, 'rollcall_unaccounted_memory_bytes', { how: 'min' })} > ${THRESHOLDS.unaccountedBytes}
and rollcall:reporting`,
  summary: (route) =>
    `Lost containers hold {{ $value | humanize1024 }}B of memory on ${cell(route)}.`,
  description: (route) =>
    `Containers that Garden or Diego lost hold {{ $value | humanize1024 }}B of memory on ${cell(route)}. No rep counts this memory, so Diego offers it to other apps, and the cell can run out of memory.`,
});

/** The interface and the reservation of one address are one leak. */
const addressesLeaked = warning('RollcallAddressesLeaked', THRESHOLDS.leaked, {
  expression: (route) =>
    `${bridged(route, 'rollcall_leftovers', { how: 'max', matchers: 'ledger=~"address|reservation"' })} > 0
and rollcall:reporting`,
  summary: (route) => `{{ $value }} addresses belong to no container on ${cell(route)}.`,
  description: (route) =>
    `On ${cell(route)}, {{ $value }} addresses have belonged to no container for more than ten minutes. Without free addresses, no container starts there. Run ${TYPED_ON_CELL} ledgers there to list these addresses.`,
});

/** Each has the label `reason`. */
export const FINDING_ALERTS: readonly Alert[] = UNTRACKED_KINDS.map(([reason, severity]) =>
  isOfCell(reason, severity) ? limitsLost : ofReason(reason, severity),
);

export const LATER_REASON_ALERTS: readonly Alert[] = SEVERITIES.map(ofOtherReasons);

export const OTHER_FINDING_ALERTS: readonly Alert[] = [
  drill,
  noRep,
  memoryUnaccounted,
  addressesLeaked,
];
