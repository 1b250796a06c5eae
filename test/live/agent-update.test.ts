import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { CACHED_BUNDLES } from '../../tools/bundle.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { skip } from '../skip.ts';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { cellFor } from './cells.ts';
import { moveTo, processOf } from './container-processes.ts';
import { rollcall, type ReportJson } from './rollcall.ts';
import { RunningAgent, STATUS_SOCKET } from './running-agent.ts';

const [LOST, UNOWNED, ESCAPED, TRACKED] = ['a', 'b', 'c', 'd'].map(
  (letter) => `${letter.repeat(8)}-0000-4000-8000-000${letter}`,
) as [string, string, string, string];

interface Earlier {
  readonly commit: string;
  readonly entry: string;
  /** Whether it has `escaped` and acknowledgements. */
  readonly knowsAll: boolean;
}

/** Programs that called themselves 0.1.0. */
const EARLIER: Readonly<Record<string, Earlier>> = {
  'of the day of that version': {
    commit: '27c3aae1bdf2acbe7079a3a2d9450b1771c9863e',
    entry: 'src/agent/main.ts',
    knowsAll: false,
  },
  'of the last commit of that version': {
    commit: '7f173942339e77e4d9e69a320b1b85b9be2c10ab',
    entry: 'src/cli/main.ts',
    knowsAll: true,
  },
};

/** `npm run prove -- starts` takes all. */
const PROGRAMS = process.env['ROLLCALL_STARTS'] === undefined ? 1 : undefined;

describe('an update from 0.1.0, and back', () => {
  for (const [which, earlier] of Object.entries(EARLIER).slice(0, PROGRAMS)) {
    it(`keeps the findings that 0.1.0 knows, with their times, and reports none of them twice, with 0.1.0 ${which}`, async function () {
      const cell = await cellFor(this);
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

/** Under another name than the sources use. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/** Builds it with the packages of today, of which it used the same versions. */
async function earlierProgram(context: Mocha.Context, { commit, entry }: Earlier): Promise<string> {
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const archive = git('archive', commit, 'src');
  if (archive.status !== 0) skip(context, 'this clone has no history');
  const folder = path.join(CACHED_BUNDLES, commit);
  mkdirSync(folder, { recursive: true });
  spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  const program = path.join(folder, 'rollcall.mjs');
  await build({
    entryPoints: [path.join(folder, entry)],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: { ROLLCALL_VERSION: '"0.1.0"' },
    banner: { js: REQUIRE },
  });
  return program;
}
