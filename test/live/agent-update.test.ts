import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { lendingCells } from './cells.ts';
import { moveTo, processOf } from './container-processes.ts';
import { EARLIER, earlierProgram } from './earlier-programs.ts';
import { rollcall, type ReportJson } from './rollcall.ts';
import { RunningAgent, STATUS_SOCKET } from './running-agent.ts';

const [LOST, UNOWNED, ESCAPED, TRACKED] = ['a', 'b', 'c', 'd'].map(
  (letter) => `${letter.repeat(8)}-0000-4000-8000-000${letter}`,
) as [string, string, string, string];

/** `npm run prove -- starts` takes all. */
const PROGRAMS = process.env['ROLLCALL_STARTS'] === undefined ? 1 : undefined;

describe('an update from 0.1.0, and back', () => {
  const lend = lendingCells();

  for (const [which, earlier] of Object.entries(EARLIER).slice(0, PROGRAMS)) {
    it(`keeps the findings that 0.1.0 knows, with their times, and reports none of them twice, with 0.1.0 ${which}`, async function () {
      const cell = await lend(this);
      const program = await earlierProgram(this, earlier);
      for (const handle of [LOST, UNOWNED, ESCAPED, TRACKED])
        await cell.create({ handle, kind: 'app' });
      await cell.others.systemdUnit('cron.service');
      await cell.forget(LOST);
      await cell.loseOwner(UNOWNED);
      const findings = new Map([
        [LOST, 'untracked unknown-to-garden'],
        [UNOWNED, 'untracked unowned'],
        [ESCAPED, 'tracked'],
        [TRACKED, 'tracked'],
      ]);
      const folders = new RunningAgent(cell);
      await folders.prepare({});
      const { port } = folders;
      const first = started(cell, program, port);
      const since = timesIn(await untilShown(first, findings));
      expect(reportedBy(first)).to.have.members([LOST, UNOWNED]);
      expect(await first.end('TERM')).to.equal(0);

      const newer = started(cell, PROGRAM, port);
      const kept = timesIn(await untilShown(newer, findings));
      expect(kept).to.deep.equal(since);
      expect(reportedBy(newer)).to.deep.equal([]);
      const known = ['ack', LOST, '--for', '7d', '--reason', 'x', '--status-socket', STATUS_SOCKET];
      expect((await rollcall(cell, known)).exitCode).to.equal(0);
      moveTo(cell, processOf(cell, ESCAPED, 'launcher'), '/system.slice/cron.service');
      findings.set(ESCAPED, 'untracked escaped');
      const escaped = timesIn(await untilShown(newer, findings));
      expect(reportedBy(newer)).to.deep.equal([ESCAPED]);
      expect(await newer.end('TERM')).to.equal(0);

      const older = started(cell, program, port);
      if (!earlier.knowsAll) findings.set(ESCAPED, 'tracked');
      const downgraded = timesIn(await untilShown(older, findings));
      expect(downgraded).to.deep.equal(earlier.knowsAll ? escaped : since);
      expect(reportedBy(older)).to.deep.equal([]);
      expect(await older.end('TERM')).to.equal(0);

      const newest = started(cell, PROGRAM, port);
      findings.set(ESCAPED, 'untracked escaped');
      const report = await untilShown(newest, findings);
      expect(timesIn(report)).to.include(since);
      expect(reportedBy(newest)).to.deep.equal(earlier.knowsAll ? [] : [ESCAPED]);
      expect(report.summary.acknowledged).to.equal(earlier.knowsAll ? 1 : 0);
      expect(await newest.end('TERM')).to.equal(0);
    });
  }
});

function started(cell: Cell, program: string, port: number): RunningAgent {
  const agent = new RunningAgent(cell, [], program);
  agent.port = port;
  atEndOfTest(() => agent.endIfRunning());
  agent.start();
  return agent;
}

/** Its report once it shows this, and does so two passes later. */
async function untilShown(
  agent: RunningAgent,
  findings: ReadonlyMap<string, string>,
): Promise<ReportJson> {
  const wanted = Object.fromEntries(findings);
  await agent.untilShown(wanted);
  await agent.afterPass();
  return agent.untilShown(wanted);
}

/** By handle, since when each finding exists. */
const timesIn = ({ containers }: ReportJson): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containers.flatMap(({ handle, since }) => (since === null ? [] : [[handle, since]])),
  );

const reportedBy = (agent: RunningAgent): readonly string[] =>
  agent
    .timeline()
    .flatMap((line) => /^container\.(?:untracked|changed) (\S+)/.exec(line)?.[1] ?? []);
