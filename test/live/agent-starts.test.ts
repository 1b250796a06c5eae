import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { parseMemory } from '../../src/parse/memory-file.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, needsReadableProgram, asVcap } from './cells.ts';
import { LOST, MEMORY_FOLDERS, VCAP } from './memory-folders.ts';
import { containerOf, statuses, type ReportJson } from './rollcall.ts';
import { MEMORY, RunningAgent } from './running-agent.ts';

/** A busy machine lets a destroy last some seconds. */
const PATIENT = { intervalSeconds: 1, gracePeriodSeconds: 5 };
/** bpm kills what takes longer to end. */
const MAX_END_MILLISECONDS = 15_000;

const LISTED = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000${letter}`);
const FINDING = `container.untracked ${LOST} unknown-to-garden`;
const TRUTH = {
  ...Object.fromEntries(LISTED.map((handle) => [handle, 'tracked'])),
  [LOST]: 'untracked unknown-to-garden',
};

type Garden = Cell['garden'];
type Fault = Parameters<Garden['setFault']>[0];
/** Begins, and returns what ends it. */
type Trouble = (garden: Garden) => Promise<() => Promise<void>>;

const faulty =
  (fault: Fault): Trouble =>
  async (garden) => {
    await garden.setFault(fault);
    return () => garden.setFault({ kind: 'none' });
  };
/** What Garden does while an agent starts that cannot compare until it ends. */
const BLINDING: Readonly<Record<string, Trouble>> = {
  'is absent': async (garden) => {
    await garden.stop();
    return () => garden.start();
  },
  hangs: faulty({ kind: 'hang' }),
  fails: faulty({ kind: 'status', status: 500, body: '{"Message":"no"}' }),
  'answers half': faulty({ kind: 'half-body' }),
  'answers rubbish': faulty({ kind: 'garbage' }),
};
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ...BLINDING,
  restarts: async (garden) => {
    await garden.stop();
    const started = garden.start();
    return () => started;
  },
  'is slow': faulty({ kind: 'slow', milliseconds: 1500 }),
};

/** What an agent may log at any start. */
const USUAL = /^(?:started|mounts\.chosen|garden\.(?:un)?available|summary|stopping)/;

/** How and when an agent is ended: after its true verdict, unless it says otherwise. */
type End = 'TERM' | 'KILL' | 'TERM at once' | 'TERM in trouble';
const EARLY_ENDS: readonly End[] = ['KILL', 'TERM at once', 'TERM in trouble'];
const ENDED_EARLY = ['as the last agent left it', 'with the file of another boot'];

interface Start {
  readonly folder: string;
  readonly trouble: string;
  readonly end: End;
  readonly isBusy: boolean;
}

const takingTurns = <T>(list: readonly T[], turn: number): T =>
  list[turn % list.length] ?? expect.fail('an empty list');

/** Each memory folder with all that its agent logs, and then each early end. Troubles take turns. */
const STARTS: readonly Start[] = [
  ...Object.keys(MEMORY_FOLDERS).map((folder) => ({ folder, end: 'TERM' as const })),
  ...ENDED_EARLY.flatMap((folder) => EARLY_ENDS.map((end) => ({ folder, end }))),
].map((start, turn) => ({
  ...start,
  trouble: takingTurns(Object.keys(TROUBLES), turn),
  isBusy: turn % 2 === 0,
}));

describe('an agent that starts in trouble', () => {
  it('says only what is true, and ends in time, in whatever state its memory file is', async function () {
    needsReadableProgram(this);
    // Each of the waits has a limit.
    this.timeout(0);
    const cell = await cellFor(this);
    const before = await reportedOn(cell);
    for (const start of STARTS) {
      const agent = await prepared(cell);
      try {
        await lives(start, { ...before, agent });
      } catch (error) {
        const story = [JSON.stringify(start), ...agent.lines].join('\n');
        throw new Error(story, { cause: error });
      } finally {
        await agent.endIfRunning();
      }
    }
  });
});

interface Reported {
  readonly cell: Cell;
  /** The memory file of an agent that has reported the finding. */
  readonly file: string;
  readonly since: string;
}

async function reportedOn(cell: Cell): Promise<Reported> {
  await Promise.all([LOST, ...LISTED].map((handle) => cell.create({ handle, kind: 'app' })));
  await cell.forget(LOST);
  const agent = await prepared(cell);
  agent.start();
  await agent.until(FINDING);
  const { since } = containerOf(await untilTrue(agent), LOST);
  expect(await agent.end('TERM')).to.equal(0);
  return { cell, file: fs.readFileSync(cell.outside(MEMORY), 'utf8'), since: since ?? '' };
}

async function prepared(cell: Cell): Promise<RunningAgent> {
  const agent = new RunningAgent(cell, asVcap(VCAP));
  await agent.prepare({ reconcile: PATIENT }, `${VCAP}:${VCAP}`);
  return agent;
}

async function lives(
  { folder, trouble, end, isBusy }: Start,
  { cell, file, since, agent }: Reported & { readonly agent: RunningAgent },
): Promise<void> {
  const { made, undone, logs, knows, keeps } = MEMORY_FOLDERS[folder] ?? expect.fail(folder);
  const inFolder = async (script: string): Promise<void> => {
    const { exitCode, stderr } = await agent.run(['sh', '-ec', `cd ${dirname(MEMORY)}; ${script}`]);
    expect([exitCode, stderr], script).to.deep.equal([0, '']);
  };
  fs.writeFileSync(cell.outside(MEMORY), file, { mode: 0o600 });
  fs.chownSync(cell.outside(MEMORY), VCAP, VCAP);
  await inFolder(made);
  const original = contentOf(cell, MEMORY);
  let endTrouble = (await TROUBLES[trouble]?.(cell.garden)) ?? null;
  try {
    agent.start();
    if (end === 'TERM at once') {
      await waitFor('its process', async () => (await agent.signal('TERM')).exitCode === 0);
      expect(await agent.untilEnd()).to.be.oneOf([0, 143, 'SIGTERM']);
      expect(agent.timeline()).not.to.include(FINDING);
      return;
    }
    await agent.until('started');
    if (trouble in BLINDING) {
      await agent.until('garden.unavailable');
      const blind = await agent.reportNow();
      expect(blind?.verdict).to.equal('unknown');
      if (blind !== null)
        expect(statuses(blind)).to.deep.equal(knows ? { [LOST]: TRUTH[LOST] } : {});
      expect(agent.timeline()).not.to.include(FINDING);
    }
    if (end !== 'TERM in trouble') {
      await endTrouble?.();
      endTrouble = null;
      if (isBusy) await cell.churn(20);
      const report = await untilTrue(agent);
      if (knows) expect(containerOf(report, LOST).since).to.equal(since);
      await agent.afterPass();
    }
    const asked = performance.now();
    const ended = await agent.end(end === 'KILL' ? 'KILL' : 'TERM');
    expect(performance.now() - asked).to.be.below(MAX_END_MILLISECONDS);
    if (end !== 'KILL') expect(ended).to.equal(0);
    const isTold = agent.timeline().includes(FINDING);
    const said = agent.timeline().filter((line) => !USUAL.test(line));
    if (end === 'TERM')
      expect(said.toSorted()).to.deep.equal([...logs, ...(knows ? [] : [FINDING])].toSorted());
    // One that ends before its first pass has ended writes nothing.
    const isAsBefore = !isTold && contentOf(cell, MEMORY).equals(original);
    if (keeps === null && !isAsBefore) expect(isRemembered(cell)).to.equal(knows || isTold);
  } finally {
    if (keeps !== null && !contentOf(cell, MEMORY).equals(original))
      expect(contentOf(cell, keeps).equals(original), keeps).to.equal(true);
    await endTrouble?.();
    await inFolder(undone ?? '');
  }
}

/** Each report before it is as true as one can be that does not know all yet. */
async function untilTrue(agent: RunningAgent): Promise<ReportJson> {
  let last: ReportJson | null = null;
  await waitFor('the truth', async () => {
    last = await agent.reportNow();
    const { [LOST]: _, ...others } = last === null ? {} : statuses(last);
    for (const status of Object.values(others)) expect(status).not.to.match(/^untracked/);
    return last !== null && isDeepStrictEqual(statuses(last), TRUTH);
  });
  return last ?? expect.fail('no report');
}

/** Of the file, or of the one in the folder that stands in its place. */
function contentOf(cell: Cell, file: string): Buffer {
  const outside = cell.outside(file);
  const isFolder = fs.existsSync(outside) && fs.statSync(outside).isDirectory();
  const inside = isFolder ? join(outside, basename(MEMORY)) : outside;
  return fs.existsSync(inside) ? fs.readFileSync(inside) : Buffer.from('');
}

function isRemembered(cell: Cell): boolean {
  const parsed = parseMemory(contentOf(cell, MEMORY).toString());
  if (!parsed.ok) return false;
  return [...parsed.value.containers].some(
    ([handle, { openReport }]) => handle === LOST && openReport !== null,
  );
}
