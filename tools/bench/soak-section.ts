import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { measure, SOAK } from './cell.ts';
import type { Section } from './section.ts';

const PASSES = 2000;
const EVERY = 250;
const CHURNED = 20;
const MAX_GROWTH = 1.05;

/**
 * Makes many passes while containers come and go: memory must not grow, and there must be no
 * findings.
 */
export async function soakSection(cell: Cell): Promise<Section> {
  const soak = { isOver: false };
  const measured = measure(cell, SOAK, { passes: PASSES, every: EVERY }).finally(() => {
    soak.isOver = true;
  });
  let churned = 0;
  while (!soak.isOver) {
    await cell.churn(CHURNED, { parallel: 2 });
    churned += CHURNED;
  }
  const held = await measured;
  const [, first] = held;
  const last = held.at(-1);
  const growth =
    first === undefined || last === undefined ? 0 : last.heapKilobytes / first.heapKilobytes;
  const findings = last?.findings ?? 0;
  return {
    title: 'Many passes in one process',
    about: `${PASSES} passes, while ${churned} containers were created and destroyed. The heap is measured after a garbage collection.`,
    columns: ['passes', 'heap, kB', 'remembered', 'findings'],
    rows: held.map(({ passes, heapKilobytes, remembered, findings: found }) =>
      [passes, heapKilobytes, remembered, found].map(String),
    ),
    goals: [
      {
        what: `heap after ${PASSES} passes, compared with ${first?.passes ?? 0}`,
        limit: `≤ ${MAX_GROWTH} ×`,
        measured: `${growth.toFixed(2)} ×`,
        isMet: growth <= MAX_GROWTH,
      },
      {
        what: `findings in ${PASSES} passes`,
        limit: '0',
        measured: String(findings),
        isMet: findings === 0,
      },
    ],
  };
}
