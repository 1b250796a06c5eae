import { ageOfPass, cellsInDoubt, STALE_SECONDS } from './expressions.ts';
import { stat, table, timeSeries, type Band, type Section } from './panels.ts';
import type { Selectors } from './selectors.ts';
import { ALL_WELL, NOTHING_KNOWN, plain, thresholds, zeroIsWell } from './thresholds.ts';

/** Shows whether rollcall itself can be trusted. */
export function agentSection(selectors: Selectors): Section {
  const { by, cells, each, route } = selectors;
  const cell = `{{${route.labels.cell}}}`;
  const failed = cells('rollcall_reconciles_total', 'result="failed"');
  return {
    title: 'rollcall itself',
    bands: [
      agentNumbers(selectors),
      {
        height: 8,
        panels: [
          [
            12,
            timeSeries(
              {
                title: 'Cells that are not compared',
                description:
                  'While a cell cannot compare, it reports no new finding and ends none.',
              },
              [
                {
                  expression: cellsInDoubt(selectors),
                  legend: 'not compared',
                },
                {
                  expression: `sum(1 - ${each('rollcall_garden_up', [])})`,
                  legend: 'Garden unavailable',
                },
              ],
            ),
          ],
          [
            12,
            timeSeries(
              {
                title: 'Age of the last pass: the 10 oldest',
                description: 'A rising line is an agent that hangs.',
              },
              [{ expression: `topk(10, ${ageOfPass(selectors)})`, legend: cell }],
            ).unit('s'),
          ],
        ],
      },
      {
        height: 8,
        panels: [
          [
            12,
            timeSeries(
              { title: 'Duration of a pass', description: 'Of the last pass of each cell.' },
              [
                {
                  expression: `max(${each('rollcall_reconcile_duration_seconds', [])})`,
                  legend: 'slowest cell',
                },
                {
                  expression: `quantile(0.5, ${each('rollcall_reconcile_duration_seconds', [])})`,
                  legend: 'median',
                },
              ],
            ).unit('s'),
          ],
          [
            12,
            timeSeries(
              {
                title: 'Failed passes: the 10 worst cells',
                description: 'Passes per second that could not compare.',
              },
              [
                {
                  expression: `topk(10, sum ${by} (rate(${failed}[$__rate_interval])))`,
                  legend: cell,
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
                title: 'Mounts that changed within an hour: the 10 worst cells',
                description:
                  'Another mount now shows a hierarchy. rollcall follows it; sensors on that cell may be blind.',
              },
              [
                {
                  expression: `topk(10, sum ${by} (increase(${cells('rollcall_mounts_changed_total')}[1h])))`,
                  legend: cell,
                },
              ],
            ),
          ],
          [
            12,
            table(
              {
                title: 'Versions and cgroup modes',
                description: 'How many cells run which rollcall, in which cgroup mode.',
              },
              [
                `count by (version, cgroup_mode) (${each('rollcall_build_info', ['version', 'cgroup_mode'])})`,
              ],
              [
                { field: 'version', title: 'Version' },
                { field: 'cgroup_mode', title: 'Cgroup mode' },
                { field: 'Value', title: 'Cells' },
              ],
              { by: 'Cells', descending: true },
            ),
          ],
        ],
      },
    ],
  };
}

/** Shows at a glance whether rollcall itself works. */
function agentNumbers(selectors: Selectors): Band {
  const { alive, by, cells, each } = selectors;
  const reporting = cells('rollcall_build_info');
  return {
    height: 5,
    panels: [
      [
        5,
        stat(
          {
            title: 'Cells that exist',
            description:
              'Cells that other series than those of rollcall show. If more exist than report, some have no agent. Includes cells without an agent ' +
              'on purpose (Windows, an excluded isolation segment).',
          },
          `count(max ${by} (${alive}))`,
          plain(),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Garden unavailable',
            description:
              "Cells whose last pass could not read Garden's list, or that have completed no pass yet.",
          },
          `sum(1 - ${each('rollcall_garden_up', [])})`,
          zeroIsWell(NOTHING_KNOWN),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Oldest last pass',
            description: 'Of all cells that report. It keeps growing if an agent hangs.',
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
            title: 'Versions',
            description: 'More than one: a deploy is running or was not finished.',
          },
          `count(count by (version) (${reporting}))`,
          thresholds([1, ALL_WELL], [2, 'orange']),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Findings without a row',
            description:
              'Untracked containers beyond the first 20 of a cell, which have series of their own. All other numbers include them.',
          },
          `sum(${each('rollcall_untracked_omitted', [])})`,
          zeroIsWell('orange'),
        ),
      ],
    ],
  };
}
