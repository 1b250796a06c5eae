import { findingsTable } from './tables.ts';
import { stat, timeSeries, type Section } from './panels.ts';
import { STALE_SECONDS, timeSincePass, type Selectors } from './selectors.ts';
import {
  ALL_WELL,
  NOTHING_KNOWN,
  plain,
  thresholds,
  yesNoMappings,
  zeroIsPlain,
} from './thresholds.ts';

export function cellSection(selectors: Selectors): Section {
  const { cells } = selectors;
  return {
    title: 'One cell: $cell',
    bands: [
      [
        5,
        stat(
          'Unknown',
          'yes: the last pass could not compare, or no pass has completed yet.',
          `max(${cells('rollcall_could_not_tell')})`,
          thresholds([0, ALL_WELL], [1, NOTHING_KNOWN]),
        ).mappings(yesNoMappings(NOTHING_KNOWN, ALL_WELL)),
        stat(
          'Garden answers',
          "no: the last pass could not read Garden's list, or no pass has completed yet.",
          `min(${cells('rollcall_garden_up')})`,
          thresholds([0, NOTHING_KNOWN], [1, ALL_WELL]),
        ).mappings(yesNoMappings(ALL_WELL, NOTHING_KNOWN)),
        stat(
          'Last pass',
          'Seconds since the last pass ended. By default there is one at least every 15 seconds.',
          `min(${timeSincePass(selectors)})`,
          thresholds([0, ALL_WELL], [STALE_SECONDS, NOTHING_KNOWN]),
        )
          .unit('s')
          .decimals(0),
        stat(
          'Listed by Garden',
          'While Garden cannot be read, the last known number.',
          `max(${cells('rollcall_garden_listed')})`,
          plain(),
        ),
        stat(
          'Tracked',
          'Containers that Garden lists and that run where they should.',
          `max(${cells('rollcall_containers', 'status="tracked"')})`,
          plain(),
        ),
        stat(
          'Untracked',
          '0 says nothing while the cell could not tell, or its last pass is old.',
          `max(${cells('rollcall_containers', 'status="untracked"')})`,
          zeroIsPlain('red'),
        ),
      ],
      [
        4,
        stat(
          'Without their limits',
          'Containers that gdn throttles now on cgroup v2. They are tracked: see limit-lost in the runbook.',
          `max(${cells('rollcall_untracked', 'reason="limit-lost"', 'severity="warning"')})`,
          zeroIsPlain('orange'),
        ),
        stat(
          'Memory of lost containers',
          'Memory of unknown-to-garden and unowned containers, which rep does not count. No data if the kernel does not say.',
          `max(${cells('rollcall_untracked_memory_bytes')})`,
          zeroIsPlain('orange'),
        ).unit('bytes'),
        stat(
          'Processes of lost containers',
          'Processes of unknown-to-garden and unowned containers, which rep does not count.',
          `max(${cells('rollcall_untracked_pids')})`,
          zeroIsPlain('orange'),
        ),
      ],
      [7, findingsTable(selectors, 'Untracked containers of this cell')],
      [
        8,
        timeSeries(
          'Containers by status, and listed by Garden',
          'The lines diverge when Garden and the kernel disagree.',
          [`max by (status) (${cells('rollcall_containers')})`, '{{status}}'],
          [`max(${cells('rollcall_garden_listed')})`, 'listed by Garden'],
        ),
        timeSeries(
          'Not compared, and duration of a pass',
          '1 while nothing, or not everything, could be compared.',
          [`max(${cells('rollcall_could_not_tell')})`, 'not compared'],
          [`max(${cells('rollcall_reconcile_duration_seconds')})`, 'seconds of the last pass'],
        ),
      ],
      [
        8,
        timeSeries(
          'Containers that sensors see',
          'Containers by sensor and state, from the event files of configured sensors. Empty if none is configured.',
          [
            `max by (sensor, state) (${cells('rollcall_sensor_containers')})`,
            '{{sensor}}: {{state}}',
          ],
        ),
        timeSeries(
          'Sensors: up and silent',
          'Up is 0: its process ended, or its event file cannot be read. Silent is 1: that lasts, or it writes nothing although containers started.',
          [`max by (sensor) (${cells('rollcall_sensor_up')})`, '{{sensor}}: up'],
          [`max by (sensor) (${cells('rollcall_sensor_silent')})`, '{{sensor}}: silent'],
        ),
      ],
    ],
  };
}
