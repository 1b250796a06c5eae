import { agentNumbers } from './agent-numbers.ts';
import { ageOfLook } from './cell-verdict.ts';
import { table, timeSeries } from './panels.ts';
import type { Section } from './section.ts';
import type { Selectors } from './selectors.ts';

/** Whether rollcall itself can be believed. */
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
                title: 'Cells that could not tell',
                description:
                  'While a cell could not tell it raises nothing new and calls nothing recovered.',
              },
              [
                {
                  expression: `sum(${each('rollcall_could_not_tell', [])})`,
                  legend: 'could not tell',
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
                description: 'A line that climbs is an agent that hangs.',
              },
              [{ expression: `topk(10, ${ageOfLook(selectors)})`, legend: cell }],
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
              { title: 'How long a pass takes', description: 'Of the last pass of each cell.' },
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
                title: 'Failed looks: the 10 worst cells',
                description: 'Looks a second that could not compare.',
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
                  'Another mount shows a hierarchy than before. rollcall follows; other sensors on that cell may be blind.',
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
