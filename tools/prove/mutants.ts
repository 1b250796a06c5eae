// `mutants.ts MUTATED FILE TESTS…`: runs, for each mutant of FILE, the tests that reach it, in this
// process. MUTATED is what the instrumenter has made of FILE; the tests load it in place of FILE.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Mocha from 'mocha';
import * as v from 'valibot';
import settings from '../../.mocharc.json' with { type: 'json' };

const Position = v.object({ line: v.number(), column: v.number() });
const Mutated = v.object({
  content: v.string(),
  mutants: v.array(
    v.object({
      id: v.string(),
      replacement: v.string(),
      location: v.object({ start: Position, end: Position }),
    }),
  ),
});
type Mutant = v.InferOutput<typeof Mutated>['mutants'][number];
/** How often each mutant was reached, by id. */
const Reached = v.record(v.string(), v.number());
const Coverage = v.object({
  static: Reached,
  perTest: v.record(v.string(), Reached),
});

/** What the mutated file reads and writes; one that is reached this often never ends. */
const state: Record<string, unknown> = { hitLimit: 1e6 };
Object.assign(globalThis, { __stryker__: state });

const [mutated = '', file = '', ...tests] = process.argv.slice(2);
const { content, mutants } = v.parse(Mutated, JSON.parse(readFileSync(mutated, 'utf8')));
const url = pathToFileURL(path.resolve(file)).href;
registerHooks({
  load: (asked, context, next) =>
    asked === url
      ? { format: 'module-typescript', source: content, shortCircuit: true }
      : next(asked, context),
});

const { timeout, require: required } = settings;
const [hooks] = await Promise.all(
  required.map((one): Promise<unknown> => import(pathToFileURL(path.resolve(one)).href)),
);
const { mochaHooks } = v.parse(
  v.object({ mochaHooks: v.object({ afterEach: v.function() }) }),
  hooks,
);
const reporter = Mocha.reporters.Base;
const mocha = new Mocha({ timeout, bail: true, reporter, rootHooks: mochaHooks });
mocha.cleanReferencesAfterRun(false);
for (const test of tests) mocha.addFile(test);
await mocha.loadFilesAsync();

/** Of the first test that failed. */
const failure = () =>
  new Promise<string | null>((resolve) => {
    let failed: string | null = null;
    const runner = mocha.run(() => resolve(failed));
    runner.on('test', (test) => (state['currentTestId'] = test.fullTitle()));
    runner.on('test end', () => delete state['currentTestId']);
    runner.on('fail', (test) => (failed ??= test.fullTitle()));
  });

const unchanged = await failure();
if (unchanged !== null) throw new Error(`fails without a change: ${unchanged}`);
const { perTest, static: atStart } = v.parse(Coverage, state['mutantCoverage']);

/** Whether one of these tests fails with the mutant. */
async function isSeenBy(titles: readonly string[], { id }: Mutant): Promise<boolean> {
  const exact = titles.map((title) => title.replaceAll(/\W/g, String.raw`\$&`));
  mocha.grep(new RegExp(`^(?:${exact.join('|')})$`));
  Object.assign(state, { activeMutant: id, hitCount: 0 });
  const failed = await failure();
  delete state['activeMutant'];
  return failed !== null;
}

const lines = readFileSync(file, 'utf8').split('\n');
let [run, seen] = [0, 0];
for (const mutant of mutants) {
  const { id, replacement, location } = mutant;
  const titles = Object.keys(perTest).filter((title) => perTest[title]?.[id] !== undefined);
  if (titles.length === 0 && atStart[id] !== undefined) continue;
  run += 1;
  if (titles.length > 0 && (await isSeenBy(titles, mutant))) seen += 1;
  else {
    const { start, end } = location;
    const last = start.line === end.line ? end.column : undefined;
    const original = lines[start.line]?.slice(start.column, last);
    console.log(`${file}:${start.line + 1}: ${original} -> ${replacement.replaceAll(/\s+/g, ' ')}`);
  }
}
console.log(
  `${file}: the tests see ${seen} of ${run} changes (${Math.floor((100 * seen) / run)} %)`,
);
process.exit();
