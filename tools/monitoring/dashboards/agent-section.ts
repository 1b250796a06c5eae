import { stat, table, timeSeries, type Section } from './panels.ts';
import { ageOfPass, cellsInDoubt, STALE_SECONDS, type Selectors } from './selectors.ts';
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
      [
        8,
        timeSeries(
          'Cells that are not compared',
          'While a cell cannot compare, it reports no new finding and ends none.',
          [cellsInDoubt(selectors), 'not compared'],
          [`sum(1 - ${each('rollcall_garden_up', [])})`, 'Garden unavailable'],
        ),
        timeSeries('Age of the last pass: the 10 oldest', 'A rising line is an agent that hangs.', [
          `topk(10, ${ageOfPass(selectors)})`,
          cell,
        ]).unit('s'),
      ],
      [
        8,
        timeSeries(
          'Duration of a pass',
          'Of the last pass of each cell.',
          [`max(${each('rollcall_reconcile_duration_seconds', [])})`, 'slowest cell'],
          [`quantile(0.5, ${each('rollcall_reconcile_duration_seconds', [])})`, 'median'],
        ).unit('s'),
        timeSeries(
          'Failed passes: the 10 worst cells',
          'Passes per second that could not compare.',
          [`topk(10, sum ${by} (rate(${failed}[$__rate_interval])))`, cell],
        ),
      ],
      [
        8,
        timeSeries(
          'Mounts that changed within an hour: the 10 worst cells',
          'Another mount now shows a hierarchy. rollcall follows it; sensors on that cell may be blind.',
          [`topk(10, sum ${by} (increase(${cells('rollcall_mounts_changed_total')}[1h])))`, cell],
        ),
        table(
          'Versions and cgroup modes',
          'How many cells run which rollcall, in which cgroup mode.',
          {
            expressions: [
              `count by (version, cgroup_mode) (${each('rollcall_build_info', ['version', 'cgroup_mode'])})`,
            ],
            columns: [
              ['version', 'Version'],
              ['cgroup_mode', 'Cgroup mode'],
              ['Value', 'Cells'],
            ],
            by: 'Cells',
            descending: true,
          },
        ),
      ],
    ],
  };
}

function agentNumbers(selectors: Selectors): Section['bands'][number] {
  const { alive, by, cells, each } = selectors;
  const reporting = cells('rollcall_build_info');
  return [
    5,
    stat(
      'Cells that exist',
      'Cells that other series than those of rollcall show. If more exist than report, some have no agent. Includes cells without an agent ' +
        'on purpose (Windows, an excluded isolation segment).',
      `count(max ${by} (${alive}))`,
      plain(),
    ),
    stat(
      'Garden unavailable',
      "Cells whose last pass could not read Garden's list, or that have completed no pass yet.",
      `sum(1 - ${each('rollcall_garden_up', [])})`,
      zeroIsWell(NOTHING_KNOWN),
    ),
    stat(
      'Oldest last pass',
      'Of all cells that report. It keeps growing if an agent hangs.',
      `max(${ageOfPass(selectors)})`,
      thresholds([0, ALL_WELL], [STALE_SECONDS, NOTHING_KNOWN]),
    )
      .unit('s')
      .decimals(0),
    stat(
      'Versions',
      'More than one: a deploy is running or was not finished.',
      `count(count by (version) (${reporting}))`,
      thresholds([1, ALL_WELL], [2, 'orange']),
    ),
    stat(
      'Findings without a row',
      'Untracked containers beyond the first 20 of a cell, which have series of their own. All other numbers include them.',
      `sum(${each('rollcall_untracked_omitted', [])})`,
      zeroIsWell('orange'),
    ),
  ];
}
