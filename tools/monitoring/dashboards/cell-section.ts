import { STALE_SECONDS, timeSincePass } from './expressions.ts';
import { findingsTable } from './tables.ts';
import { stat, timeSeries, type Section } from './panels.ts';
import type { Selectors } from './selectors.ts';
import {
  ALL_WELL,
  NOTHING_KNOWN,
  plain,
  thresholds,
  yesNoMappings,
  zeroIsPlain,
} from './thresholds.ts';

/** The chosen cell. */
export function cellSection(selectors: Selectors): Section {
  const { cells } = selectors;
  return {
    title: 'One cell: $cell',
    bands: [
      {
        height: 5,
        panels: [
          [
            4,
            stat(
              {
                title: 'Unknown',
                description: 'yes: the last pass could not compare, or no pass has completed yet.',
              },
              `max(${cells('rollcall_could_not_tell')})`,
              thresholds([0, ALL_WELL], [1, NOTHING_KNOWN]),
            ).mappings(yesNoMappings(NOTHING_KNOWN, ALL_WELL)),
          ],
          [
            4,
            stat(
              {
                title: 'Garden answers',
                description:
                  "no: the last pass could not read Garden's list, or no pass has completed yet.",
              },
              `min(${cells('rollcall_garden_up')})`,
              thresholds([0, NOTHING_KNOWN], [1, ALL_WELL]),
            ).mappings(yesNoMappings(ALL_WELL, NOTHING_KNOWN)),
          ],
          [
            4,
            stat(
              {
                title: 'Last pass',
                description:
                  'Seconds since the last pass ended. By default there is one at least every 15 seconds.',
              },
              `min(${timeSincePass(selectors)})`,
              thresholds([0, ALL_WELL], [STALE_SECONDS, NOTHING_KNOWN]),
            )
              .unit('s')
              .decimals(0),
          ],
          [
            4,
            stat(
              {
                title: 'Listed by Garden',
                description: 'While Garden cannot be read, the last known number.',
              },
              `max(${cells('rollcall_garden_listed')})`,
              plain(),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Tracked',
                description: 'Containers that Garden lists and that run where they should.',
              },
              `max(${cells('rollcall_containers', 'status="tracked"')})`,
              plain(),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Untracked',
                description:
                  '0 says nothing while the cell could not tell, or its last pass is old.',
              },
              `max(${cells('rollcall_containers', 'status="untracked"')})`,
              zeroIsPlain('red'),
            ),
          ],
        ],
      },
      {
        height: 4,
        panels: [
          [
            8,
            stat(
              {
                title: 'Without their limits',
                description:
                  'Containers that gdn throttles now on cgroup v2. They are tracked: see limit-lost in the runbook.',
              },
              `max(${cells('rollcall_untracked', 'reason="limit-lost"', 'severity="warning"')})`,
              zeroIsPlain('orange'),
            ),
          ],
          [
            8,
            stat(
              {
                title: 'Memory of lost containers',
                description:
                  'Memory of unknown-to-garden and unowned containers, which rep does not count. No data if the kernel does not say.',
              },
              `max(${cells('rollcall_untracked_memory_bytes')})`,
              zeroIsPlain('orange'),
            ).unit('bytes'),
          ],
          [
            8,
            stat(
              {
                title: 'Processes of lost containers',
                description:
                  'Processes of unknown-to-garden and unowned containers, which rep does not count.',
              },
              `max(${cells('rollcall_untracked_pids')})`,
              zeroIsPlain('orange'),
            ),
          ],
        ],
      },
      { height: 7, panels: [[24, findingsTable(selectors, 'Untracked containers of this cell')]] },
      {
        height: 8,
        panels: [
          [
            12,
            timeSeries(
              {
                title: 'Containers by status, and listed by Garden',
                description: 'The lines diverge when Garden and the kernel disagree.',
              },
              [
                {
                  expression: `max by (status) (${cells('rollcall_containers')})`,
                  legend: '{{status}}',
                },
                {
                  expression: `max(${cells('rollcall_garden_listed')})`,
                  legend: 'listed by Garden',
                },
              ],
            ),
          ],
          [
            12,
            timeSeries(
              {
                title: 'Not compared, and duration of a pass',
                description: '1 while nothing, or not everything, could be compared.',
              },
              [
                {
                  expression: `max(${cells('rollcall_could_not_tell')})`,
                  legend: 'not compared',
                },
                {
                  expression: `max(${cells('rollcall_reconcile_duration_seconds')})`,
                  legend: 'seconds of the last pass',
                },
              ],
            ),
          ],
        ],
      },
      {
        height: 8,
        panels: [
          [
            12,
            timeSeries(
              {
                title: 'Containers that sensors see',
                description:
                  'Containers by sensor and state, from the event files of configured sensors. Empty if none is configured.',
              },
              [
                {
                  expression: `max by (sensor, state) (${cells('rollcall_sensor_containers')})`,
                  legend: '{{sensor}}: {{state}}',
                },
              ],
            ),
          ],
          [
            12,
            timeSeries(
              {
                title: 'Sensors: up and silent',
                description:
                  'Up is 0: its process ended, or its event file cannot be read. Silent is 1: that lasts, or it writes nothing although containers started.',
              },
              [
                {
                  expression: `max by (sensor) (${cells('rollcall_sensor_up')})`,
                  legend: '{{sensor}}: up',
                },
                {
                  expression: `max by (sensor) (${cells('rollcall_sensor_silent')})`,
                  legend: '{{sensor}}: silent',
                },
              ],
            ),
          ],
        ],
      },
    ],
  };
}
