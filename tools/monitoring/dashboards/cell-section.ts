import {
  ageOfPass,
  ALL_WELL,
  NOTHING_KNOWN,
  plain,
  STALE_SECONDS,
  thresholds,
  verdictMappings,
  verdictOfCells,
  verdictThresholds,
  yesNoMappings,
  zeroIsPlain,
} from './verdicts.ts';
import { findingsTable } from './tables.ts';
import { stat, timeSeries, type Section } from './panels.ts';
import type { Selectors } from './selectors.ts';

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
            6,
            stat(
              {
                title: 'Verdict',
                description: 'Silent: it reported in the last hour and does not now.',
              },
              `max(${verdictOfCells(selectors)})`,
              verdictThresholds(),
            ).mappings(verdictMappings()),
          ],
          [
            3,
            stat(
              {
                title: 'Garden answers',
                description:
                  "no: Garden's list could not be read in the last pass, or there was none yet.",
              },
              `min(${cells('rollcall_garden_up')})`,
              thresholds([0, NOTHING_KNOWN], [1, ALL_WELL]),
            ).mappings(yesNoMappings(ALL_WELL, NOTHING_KNOWN)),
          ],
          [
            3,
            stat(
              {
                title: 'Last pass',
                description: 'Seconds since the last pass ended. The agent looks every 15 seconds.',
              },
              `max(${ageOfPass(selectors)})`,
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
                description: 'While Garden cannot be read, what it listed when it last could.',
              },
              `max(${cells('rollcall_garden_listed')})`,
              plain(),
            ),
          ],
          [
            4,
            stat(
              { title: 'Tracked', description: 'Garden lists it and it runs where it should.' },
              `max(${cells('rollcall_containers', 'status="tracked"')})`,
              plain(),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Untracked',
                description: 'Read the verdict first: 0 alone says nothing.',
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
                  'Containers that gdn throttled on cgroup v2, now. They are tracked: see limit-lost in the runbook.',
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
                  'Of unknown-to-garden and unowned ones: rep does not count it. No data where the kernel does not tell.',
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
                description: 'Of unknown-to-garden and unowned ones: rep does not count them.',
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
                title: 'Containers by status, and what Garden lists',
                description: 'The lines part when Garden and the kernel do not agree.',
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
                title: 'Could not tell, and how long a pass took',
                description: '1 while nothing, or not everything, could be compared.',
              },
              [
                {
                  expression: `max(${cells('rollcall_could_not_tell')})`,
                  legend: 'could not tell',
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
                title: 'What sensors say they saw',
                description:
                  'Containers by sensor and state, from the event files of configured sensors. Empty where none is configured.',
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
                title: 'Sensors that are up, or silent',
                description:
                  'Up is 0: its process ended, or its event file cannot be read. Silent is 1: that lasts, or it writes nothing although containers began.',
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
