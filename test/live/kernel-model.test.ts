import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { inCell, needsCell } from './cells.ts';
import { traced } from './cgroup-trace.ts';
import { expected, freeze, take, type Model, type Place } from './kernel-steps.ts';
import { statuses, type ReportJson } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

/** `npm run prove -- kernel` gives others. */
const STEPS = Number(process.env['ROLLCALL_KERNEL_STEPS'] ?? 12);
const SEED = Number(process.env['ROLLCALL_KERNEL_SEED'] ?? 1);
const STEPS_OF_A_CELL = 25;
/** Longer than the grace period. */
const LAST_PASSES = 3;
/** That of the agent in these tests. */
const GRACE_SECONDS = 2;
/** A busy machine makes passes late, and a mark of the test stands before what it does. */
const LATE_SECONDS = 20;

const cells: fc.Arbitrary<Partial<CellOptions>> = fc.record({
  mode: fc.constantFrom('auto', 'v1', 'hybrid', 'v2'),
  runtime: fc.constantFrom('containerd', 'runc'),
  layout: fc.constantFrom('plain', 'throttled'),
  reversed: fc.boolean(),
  tag: fc.constantFrom(null, 'ab'),
});
const choices = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: STEPS_OF_A_CELL,
  maxLength: STEPS_OF_A_CELL,
});

const sorted = (entries: Iterable<readonly [string, string | null]>): unknown =>
  new Map(
    [...entries].filter(([, status]) => status !== null).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Waits until the report says what the model does. */
async function untilAsModelled(agent: RunningAgent, model: Model): Promise<void> {
  const wanted = sorted([...model].map(([handle, one]) => [handle, expected(one)] as const));
  let shown: unknown = null;
  try {
    await waitFor('the model', async () => {
      const text = await agent.get('/v1/report');
      if (!text.startsWith('{"schemaVersion"')) return false;
      shown = sorted(Object.entries(statuses(JSON.parse(text) as ReportJson)));
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
const madeBy = (before: Model, after: Model): readonly string[] =>
  [...after]
    .flatMap(([handle, one]) => {
      const [was, is] = [before.get(handle), expected(one)];
      const isNew = was === undefined || expected(was) !== is;
      return isNew && is !== null && is !== 'tracked'
        ? [`${handle} ${is.slice('untracked '.length)}`]
        : [];
    })
    .toSorted();

/**
 * For how long, in seconds, each container had processes in a Garden directory and was not listed, by
 * what the kernel of the machine and the marks of the test say.
 */
function unlistedSeconds(trace: readonly string[], { runId }: Cell): ReadonlyMap<string, number> {
  const inGarden = new RegExp(
    `root=(\\d+) .* path=(\\S*${runId}\\S*/garden(?:-\\w+)?/(?:good/|bad/)?((?!good |bad )[^/ ]+?)(?:-envoy)?) val=(\\d)`,
  );
  const populated = new Map<string, Set<string>>();
  const listed = new Set<string>();
  const since = new Map<string, number>();
  const longest = new Map<string, number>();
  for (const line of trace) {
    const at = Number(/ (\d+\.\d+): /.exec(line)?.[1]);
    const [, verb, marked] = /: ((?:un)?lists) (\S+)/.exec(line) ?? [];
    const [, root = '', path = '', named, value] = inGarden.exec(line) ?? [];
    const handle = marked ?? named;
    if (handle === undefined) continue;
    const places = populated.get(handle) ?? new Set();
    if (verb === 'lists') listed.add(handle);
    if (verb === 'unlists') listed.delete(handle);
    if (value === '1') populated.set(handle, places.add(root + path));
    if (value === '0') places.delete(root + path);
    const begun = since.get(handle) ?? at;
    longest.set(handle, Math.max(longest.get(handle) ?? 0, at - begun));
    if (listed.has(handle) || places.size === 0) since.delete(handle);
    else since.set(handle, begun);
  }
  const end = Number(/ (\d+\.\d+): /.exec(trace.at(-1) ?? '')?.[1]);
  for (const [handle, begun] of since)
    longest.set(handle, Math.max(longest.get(handle) ?? 0, end - begun));
  return longest;
}

describe('the agent, a model and the kernel', function () {
  for (let left = STEPS, seed = SEED; left > 0; left -= STEPS_OF_A_CELL, seed++) {
    it(`agree about what happens on a cell (seed ${seed})`, async function () {
      const [options = {}] = fc.sample(cells, { seed, numRuns: 1 });
      const [chosen = []] = fc.sample(choices, { seed, numRuns: 1 });
      needsCell(this, options.mode);
      const story: string[] = [JSON.stringify(options)];
      await inCell(options, async (cell) => {
        const agent = await startAgent(cell);
        const live = async (mark: Place['mark']): Promise<void> => {
          const place = { cell, agent, mark, throttles: options.layout === 'throttled' };
          let model: Model = new Map();
          let told = 0;
          try {
            for (const [made, choice] of chosen.slice(0, left).entries()) {
              const taken = await take(choice, place, { model, made });
              story.push(taken.done);
              await untilAsModelled(agent, taken.model);
              const lines = agent.timeline();
              expect(untrackedIn(lines.slice(told))).to.deep.equal(madeBy(model, taken.model));
              told = lines.length;
              ({ model } = taken);
            }
            // What comes late must not come at all.
            for (let pass = 0; pass < LAST_PASSES; pass++) await agent.afterPass();
            await untilAsModelled(agent, model);
            expect(untrackedIn(agent.timeline().slice(told))).to.deep.equal([]);
          } finally {
            for (const [handle, { frozen }] of model) if (frozen) freeze(place, handle, false);
          }
          mark('ends');
        };
        try {
          const trace = await traced(['cgroup/cgroup_notify_populated'], live);
          if (trace === null) return;
          const reported = new Set(
            untrackedIn(agent.timeline()).flatMap(
              (line) => /^(\S+) unknown-to-garden$/.exec(line)?.[1] ?? [],
            ),
          );
          for (const [handle, seconds] of unlistedSeconds(trace, cell)) {
            if (seconds > GRACE_SECONDS + LATE_SECONDS)
              expect(reported, 'missed').to.include(handle);
            if (reported.has(handle))
              expect(seconds, `${handle} early`).to.be.at.least(GRACE_SECONDS);
          }
          expect([...unlistedSeconds(trace, cell).keys()]).to.include.members([...reported]);
        } catch (error) {
          throw new Error(story.join('\n'), { cause: error });
        }
      });
    });
  }
});
