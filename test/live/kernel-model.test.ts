import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { waitFor } from '../wait-for.ts';
import { inCell, needsCell } from './cells.ts';
import { traced } from './cgroup-trace.ts';
import { after, expected, parseSteps, stepsOf, type Model, type Step } from './kernel-model.ts';
import { REFEREE_EVENTS, whatLasted } from './kernel-referee.ts';
import { ACTS, release, type Place } from './kernel-steps.ts';
import { clockAhead } from './movable-clock.ts';
import { statuses, type ReportJson } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

/** How many, or which. `npm run prove -- kernel` gives others. */
const STEPS = process.env['ROLLCALL_KERNEL_STEPS'] ?? '12';
const SEED = Number(process.env['ROLLCALL_KERNEL_SEED'] ?? 1);
/** Longer than the grace period. */
const LAST_PASSES = 3;
/** That of the agent in these tests. */
const GRACE_SECONDS = 2;
/** A busy machine makes passes late, and a mark of the test stands before what it does. */
const LATE_SECONDS = 20;
const CLOCK = Object.entries(clockAhead(0)).map(([name, value]) => `${name}=${value}`);

const cells: fc.Arbitrary<Partial<CellOptions>> = fc.record({
  mode: fc.constantFrom('auto', 'v1', 'hybrid', 'v2'),
  runtime: fc.constantFrom('containerd', 'runc'),
  layout: fc.constantFrom('plain', 'throttled'),
  reversed: fc.boolean(),
  tag: fc.constantFrom(null, 'ab'),
});
const choices = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

/** What the agent must say of each container. */
const wantedOf = ({ containers }: Model): ReadonlyMap<string, string> =>
  new Map(
    [...containers].flatMap(([name, one]) => {
      const wanted = expected(one);
      return wanted === null ? [] : [[instanceHandle(name), wanted] as const];
    }),
  );

/** Waits until the report says what the model does. */
async function untilAsModelled(agent: RunningAgent, model: Model): Promise<void> {
  const wanted = Object.fromEntries(wantedOf(model));
  let shown: unknown = null;
  try {
    await waitFor('the model', async () => {
      const text = await agent.get('/v1/report');
      if (!text.startsWith('{"schemaVersion"')) return false;
      shown = statuses(JSON.parse(text) as ReportJson);
      return isDeepStrictEqual(shown, wanted);
    });
  } catch {
    expect(shown).to.deep.equal(wanted);
  }
}

const untrackedIn = (lines: readonly string[]): readonly string[] =>
  lines
    .flatMap((line) => /^container\.(?:untracked|changed) (.*)/.exec(line)?.[1] ?? [])
    .toSorted();

/** The containers whose finding a step made. */
function madeBy(before: Model, model: Model): readonly string[] {
  const was = wantedOf(before);
  return [...wantedOf(model)]
    .flatMap(([handle, is]) =>
      is !== 'tracked' && was.get(handle) !== is
        ? [`${handle} ${is.replace('untracked ', '')}`]
        : [],
    )
    .toSorted();
}

async function take(step: Step, place: Place, before: Model): Promise<Model> {
  const [name, on] = step;
  const model = after(before, step);
  for (const [one, { listed }] of before.containers)
    if (listed && model.containers.get(one)?.listed !== true)
      place.mark(`unlists ${instanceHandle(one)}`);
  if (name === 'create') place.mark(`lists ${instanceHandle(on)}`);
  await ACTS[name](place, instanceHandle(on), on);
  return model;
}

/** The next step; null: there is none. Of given ones, what cannot be taken is left out. */
function* chosenSteps(seed: number, modelNow: () => Model): Generator<Step> {
  if (/^\d+$/.test(STEPS)) {
    const [stream] = fc.sample(choices, { seed, numRuns: 1 });
    for (let left = Number(STEPS); left > 0; left--) {
      const all = stepsOf(modelNow());
      const step = all[Math.floor((stream?.next().value ?? 0) * all.length)];
      if (step !== undefined) yield step;
    }
  } else
    for (const [name, on] of parseSteps(STEPS)) {
      const can = stepsOf(modelNow()).some(
        (one) => one[0] === name && (name === 'create' || one[1] === on),
      );
      if (can) yield [name, on];
    }
}

describe('the agent, a model and the kernel', function () {
  it(`agree about what happens on a cell (seed ${SEED})`, async function () {
    const [options = {}] = fc.sample(cells, { seed: SEED, numRuns: 1 });
    needsCell(this, options.mode);
    const taken: Step[] = [];
    await inCell(options, async (cell) => {
      const agent = await startAgent(cell, {}, ['env', ...CLOCK]);
      const live = async (mark: Place['mark']): Promise<void> => {
        const place = { cell, agent, mark };
        let model = emptyModel(cell, options);
        let told = 0;
        try {
          for (const step of chosenSteps(SEED, () => model)) {
            taken.push(step);
            const before = model;
            model = await take(step, place, before);
            await untilAsModelled(agent, model);
            const lines = agent.timeline();
            expect(untrackedIn(lines.slice(told))).to.deep.equal(madeBy(before, model));
            told = lines.length;
          }
          // What comes late must not come at all.
          for (let pass = 0; pass < LAST_PASSES; pass++) await agent.afterPass();
          await untilAsModelled(agent, model);
          expect(untrackedIn(agent.timeline().slice(told))).to.deep.equal([]);
        } finally {
          for (const [name, one] of model.containers) release(place, instanceHandle(name), one);
        }
        mark('ends');
      };
      try {
        const trace = await traced(REFEREE_EVENTS, live);
        if (trace !== null) expectKernelAgrees(trace, cell, untrackedIn(agent.timeline()));
      } catch (error) {
        const steps = taken.map((step) => step.join(' ').trim()).join(', ');
        throw new Error(`${JSON.stringify(options)}\nSTEPS: ${steps}`, { cause: error });
      }
    });
  });
});

const emptyModel = ({ hierarchies }: Cell, { layout }: Partial<CellOptions>): Model => ({
  containers: new Map(),
  created: 0,
  runs: new Set(),
  has: {
    v1: hierarchies.some(({ version }) => version === 1),
    v2: hierarchies.some(({ version }) => version === 2),
    throttling: layout === 'throttled',
  },
});

/** Whatever lasted longer than the grace period was reported, and nothing else. */
function expectKernelAgrees(
  trace: readonly string[],
  cell: Cell,
  reported: readonly string[],
): void {
  const lasted = whatLasted(trace, cell);
  for (const [reason, seconds] of [
    ['unknown-to-garden', lasted.unlisted],
    ['escaped', lasted.escaped],
  ] as const) {
    const found = reported
      .filter((one) => one.endsWith(` ${reason}`))
      .map((one) => one.split(' ')[0]);
    for (const handle of found)
      expect(seconds.get(handle ?? '') ?? 0, `${handle} ${reason}, early`).to.be.at.least(
        GRACE_SECONDS,
      );
    const long = [...seconds].flatMap(([handle, one]) =>
      one > GRACE_SECONDS + LATE_SECONDS ? [handle] : [],
    );
    expect(found, `${reason}, missed`).to.include.members(long);
  }
}
