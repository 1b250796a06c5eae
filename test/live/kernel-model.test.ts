import { config, expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { instanceHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor } from './cells.ts';
import { traced } from './cgroup-trace.ts';
import { after, expected, parseSteps, stepsOf, type Model, type Step } from './kernel-model.ts';
import { REFEREE_EVENTS, wrongBy } from './kernel-referee.ts';
import { ACTS, release, type Place } from './kernel-steps.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { startAgent } from './running-agent.ts';

/** How many, or which. `npm run prove -- kernel` gives others. */
const STEPS = process.env['ROLLCALL_KERNEL_STEPS'] ?? '12';
const SEED = Number(process.env['ROLLCALL_KERNEL_SEED'] ?? 1);
/** Longer than the grace period. */
const LAST_PASSES = 3;
// So that a failure says all of it.
config.truncateThreshold = 0;

/** Numbers from 0 up to but not including 1, always the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oneOf = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T;

const cellOf = (random: () => number): Partial<CellOptions> => ({
  mode: oneOf(['auto', 'v1', 'hybrid', 'v2'], random),
  runtime: oneOf(['containerd', 'runc'], random),
  layout: oneOf(['plain', 'throttled'], random),
  reversed: oneOf([false, true], random),
  tag: oneOf([null, 'ab'], random),
});

/** What the agent must say of each container. */
const wantedOf = ({ containers }: Model): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...containers].flatMap(([name, one]) => {
      const wanted = expected(one);
      return wanted === null ? [] : [[instanceHandle(name), wanted] as const];
    }),
  );

const untrackedIn = (lines: readonly string[]): readonly string[] =>
  lines
    .flatMap((line) => /^container\.(?:untracked|changed) (.*)/.exec(line)?.[1] ?? [])
    .toSorted();

/** The containers whose finding a step made. */
function madeBy(before: Model, model: Model): readonly string[] {
  const was = wantedOf(before);
  return Object.entries(wantedOf(model))
    .flatMap(([handle, is]) =>
      is !== 'tracked' && was[handle] !== is ? [`${handle} ${is.replace('untracked ', '')}`] : [],
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

/**
 * A third of the steps create a container, a third change one, a third the cell. Given steps that
 * cannot be taken are skipped.
 */
function* chosenSteps(random: () => number, modelNow: () => Model): Generator<Step> {
  if (/^\d+$/.test(STEPS))
    for (let left = Number(STEPS); left > 0; left--) {
      const all = stepsOf(modelNow());
      const kinds = Map.groupBy(all, ([name, on]) => (name === 'create' ? name : on === ''));
      yield oneOf(oneOf([...kinds.values()], random), random);
    }
  else
    for (const [name, on] of parseSteps(STEPS)) {
      const can = stepsOf(modelNow()).some(
        (one) => one[0] === name && (name === 'create' || one[1] === on),
      );
      if (can) yield [name, on];
    }
}

describe('the agent, a model and the kernel', function () {
  it(`agree about what happens on a cell (seed ${SEED})`, async function () {
    // Each of the waits has a limit.
    this.timeout(0);
    const random = randomOf(SEED);
    const options = cellOf(random);
    const taken: Step[] = [];
    const cell = await cellFor(this, options);
    const agent = await startAgent(cell, {}, MOVABLE_CLOCK);
    const live = async (mark: Place['mark']): Promise<void> => {
      const place = { cell, agent, mark };
      agent.heard = () => {
        for (const line of untrackedIn(agent.timeline().slice(marked))) mark(`reports ${line}`);
        marked = agent.timeline().length;
      };
      let model = emptyModel(cell, options);
      let [told, marked] = [0, 0];
      try {
        for (const step of chosenSteps(random, () => model)) {
          taken.push(step);
          const before = model;
          model = await take(step, place, before);
          await agent.untilShown(wantedOf(model));
          const made = madeBy(before, model);
          // The report is there before the lines of the log have come.
          await waitFor(
            'the log',
            () => untrackedIn(agent.timeline().slice(told)).length >= made.length,
          );
          const lines = agent.timeline();
          expect(untrackedIn(lines.slice(told)).join(', ')).to.equal(made.join(', '));
          told = lines.length;
        }
        // Nothing more may be reported in the next passes.
        for (let pass = 0; pass < LAST_PASSES; pass++) await agent.afterPass();
        await agent.untilShown(wantedOf(model));
        expect(untrackedIn(agent.timeline().slice(told)).join(', ')).to.equal('');
      } finally {
        for (const [name, one] of model.containers) release(place, instanceHandle(name), one);
        agent.heard = () => undefined;
      }
      mark('ends');
    };
    try {
      const trace = await traced(REFEREE_EVENTS, live);
      if (trace !== null) {
        expect(trace.lost, 'events that were lost').to.equal(0);
        expect(wrongBy(trace.lines, cell).join(', ')).to.equal('');
      }
    } catch (error) {
      const steps = taken.map((step) => step.join(' ').trim()).join(', ');
      throw new Error(`${JSON.stringify(options)}\nSTEPS: ${steps}`, { cause: error });
    }
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
