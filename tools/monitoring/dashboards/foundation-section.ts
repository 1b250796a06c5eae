import type { Severity } from '../../../src/model/finding.ts';
import { inWords, THRESHOLDS } from '../alerts/alert.ts';
import { NOTHING_KNOWN, plain, zeroIsPlain, zeroIsWell } from './thresholds.ts';
import { cellTable, findingsTable, whatToDo } from './tables.ts';
import { stat, timeSeries, type Section } from './panels.ts';
import { cellsInDoubt, silentCells, untracked, type Selectors } from './selectors.ts';

/** All cells of the chosen deployments and instance groups. */
export function foundationSection(selectors: Selectors): Section {
  const { each } = selectors;
  return {
    title: 'All cells',
    bands: [
      [
        5,
        untrackedStat(selectors, 'critical', 'red'),
        untrackedStat(selectors, 'warning', 'orange'),
        stat(
          'Unknown',
          'Cells that could not compare. They show their last known state. See "unknown" in the runbook.',
          cellsInDoubt(selectors),
          zeroIsWell(NOTHING_KNOWN),
        ),
        stat(
          'Silent',
          `Cells that reported in the last hour but completed no pass in the last ${inWords(THRESHOLDS.fresh)}. A removed cell counts for an hour.`,
          silentCells(selectors),
          zeroIsWell(NOTHING_KNOWN),
        ),
        stat(
          'Cells',
          'Cells that report now. Compare with the number of cells that you run.',
          `count(${each('rollcall_build_info', [])})`,
          plain(),
        ),
        stat(
          'Containers',
          'Containers that Garden lists or the kernel runs, on the cells that report.',
          `sum(${each('rollcall_containers', ['status'])})`,
          plain(),
        ),
      ],
      [9, findingsTable(selectors, 'Untracked containers')],
      [5, whatToDo()],
      [
        8,
        timeSeries(
          'Containers by status',
          'Pending: a difference within its grace period, which is not a finding.',
          [`sum by (status) (${each('rollcall_containers', ['status'])})`, '{{status}}'],
        ),
        timeSeries(
          'Untracked by reason',
          'The runbook explains each reason. limit-lost with severity warning counts tracked containers that run without their limits.',
          [
            `sum by (reason, severity) (${each('rollcall_untracked', ['reason', 'severity'])})`,
            '{{reason}} ({{severity}})',
          ],
        ),
      ],
      [10, cellTable(selectors)],
    ],
  };
}

const untrackedStat = (selectors: Selectors, severity: Severity, color: string) =>
  stat(
    `Untracked, ${severity}`,
    'On the cells that report. 0 says nothing about a cell that is silent or unknown: also read these two numbers. A drill counts.',
    untracked(selectors, severity),
    // A 0 here does not mean that all is well, so it is not green.
    zeroIsPlain(color),
  );
