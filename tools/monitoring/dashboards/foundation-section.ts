import type { Severity } from '../../../src/model/finding.ts';
import { inWords, THRESHOLDS } from '../alerts/alert.ts';
import { cellsInDoubt, silentCells, untracked } from './expressions.ts';
import { NOTHING_KNOWN, plain, zeroIsPlain, zeroIsWell } from './thresholds.ts';
import { cellTable, findingsTable, whatToDo } from './tables.ts';
import { stat, timeSeries, type Section } from './panels.ts';
import type { Selectors } from './selectors.ts';

/** All cells of the chosen deployments and instance groups. */
export function foundationSection(selectors: Selectors): Section {
  const { each } = selectors;
  return {
    title: 'All cells',
    bands: [
      {
        height: 5,
        panels: [
          [4, untrackedStat(selectors, 'critical', 'red')],
          [4, untrackedStat(selectors, 'warning', 'orange')],
          [
            4,
            stat(
              {
                title: 'Unknown',
                description:
                  'Cells that could not compare. They show their last known state. See "unknown" in the runbook.',
              },
              cellsInDoubt(selectors),
              zeroIsWell(NOTHING_KNOWN),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Silent',
                description: `Cells that reported in the last hour but completed no pass in the last ${inWords(THRESHOLDS.fresh)}. A removed cell counts for an hour.`,
              },
              silentCells(selectors),
              zeroIsWell(NOTHING_KNOWN),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Cells',
                description:
                  'Cells that report now. Compare with the number of cells that you run.',
              },
              `count(${each('rollcall_build_info', [])})`,
              plain(),
            ),
          ],
          [
            4,
            stat(
              {
                title: 'Containers',
                description:
                  'Containers that Garden lists or the kernel runs, on the cells that report.',
              },
              `sum(${each('rollcall_containers', ['status'])})`,
              plain(),
            ),
          ],
        ],
      },
      { height: 9, panels: [[24, findingsTable(selectors, 'Untracked containers')]] },
      { height: 5, panels: [[24, whatToDo()]] },
      {
        height: 8,
        panels: [
          [
            12,
            timeSeries(
              {
                title: 'Containers by status',
                description:
                  'Pending: a difference within its grace period, which is not a finding.',
              },
              [
                {
                  expression: `sum by (status) (${each('rollcall_containers', ['status'])})`,
                  legend: '{{status}}',
                },
              ],
            ),
          ],
          [
            12,
            timeSeries(
              {
                title: 'Untracked by reason',
                description:
                  'The runbook explains each reason. limit-lost with severity warning counts tracked containers that run without their limits.',
              },
              [
                {
                  expression: `sum by (reason, severity) (${each('rollcall_untracked', ['reason', 'severity'])})`,
                  legend: '{{reason}} ({{severity}})',
                },
              ],
            ),
          ],
        ],
      },
      { height: 10, panels: [[24, cellTable(selectors)]] },
    ],
  };
}

const untrackedStat = (selectors: Selectors, severity: Severity, color: string) =>
  stat(
    {
      title: `Untracked, ${severity}`,
      description:
        'On the cells that report. 0 says nothing about a cell that is silent or unknown: also read these two numbers. A drill counts.',
    },
    untracked(selectors, severity),
    // A 0 here does not mean that all is well, so it is not green.
    zeroIsPlain(color),
  );
