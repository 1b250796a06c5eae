// Runs in the cell: one pass a line on stdin, one report a line on stdout, all with the same probe,
// as the agent does it.
import { createInterface } from 'node:readline';
import { isLost } from '../../src/model/finding.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { checkSettings, completePass } from '../../src/pass/complete-pass.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import type { TakenPass, PassOrder } from './passes.ts';

const probe = probeCell({
  root: '/',
  gardenSocket: process.argv[2] ?? '',
  gardenTimeoutMilliseconds: 10_000,
  bosh: null,
  hangNote: null,
  showsCommand: shownCommand,
});
let memory: Memory = EMPTY_MEMORY;
for await (const line of createInterface({ input: process.stdin })) {
  const { grace, afresh, sweepsAll } = JSON.parse(line) as PassOrder;
  const before = afresh ? EMPTY_MEMORY : memory;
  const pass = await takeSnapshot(probe, before, {
    allHierarchies: false,
    sweepsAll,
    sensors: [],
    mustRead: 'everything',
    reusable: null,
    isAnnounced: false,
  });
  const completed = completePass(
    pass,
    checkSettings({ of: (reason) => (isLost(reason) ? grace.lost : grace.others), maxGap: null }),
  );
  if (!afresh) memory = completed.memory;
  const taken: TakenPass = {
    report: reportJson(completed.report),
    remembered: completed.memory.containers.size,
  };
  process.stdout.write(`${JSON.stringify(taken)}\n`);
}
probe.close();
