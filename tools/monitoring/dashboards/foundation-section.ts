import type { Severity } from '../../../src/model/finding.ts';
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
                  'Cells that could not compare. What they show is what was last known. See "unknown" in the runbook.',
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
                description:
                  'Cells that reported in the last hour, and made no pass in the last four minutes. A cell that was removed for good is counted for an hour.',
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
                description: 'Cells that report now. Compare it with the number that you run.',
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
                description: 'Pending is a difference that has not lasted yet: no finding.',
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
                  'The words are those of the runbook. limit-lost as a warning: containers that run without their limits; they are tracked.',
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
        'On the cells that report: 0 says nothing of a cell that is silent or could not tell. Read those two numbers, too. A drill is counted.',
    },
    untracked(selectors, severity),
    // A 0 here does not mean that all is well, so it is not green.
    zeroIsPlain(color),
  );
