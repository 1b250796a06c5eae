import type { Step, StepResult } from './run-steps.ts';
import { LONE_FILES } from './test-files.ts';
import {
  runTestFiles,
  type Batch,
  type Limits,
  type RanTests,
  type TestFile,
} from './test-workers.ts';
import { CELL_PROGRAMS, PROGRAMS_VARIABLE } from '../demo-cell/gdn/cell-program.ts';
import { CACHED_BUNDLES, cachedBundle } from '../bundle.ts';

/** One test may take three minutes. */
const LIMITS: Limits = { silentMilliseconds: 240_000, endMilliseconds: 20_000 };
/** More than a small machine has processors, because most tests start processes and wait for them. */
const JOBS = 3;
/** They mostly wait: for processes, for a pass, for the end of a grace period. */
const LIVE_JOBS = 4;
const LIVE = 'live tests';

/** The steps that run these test files; a step without files is omitted. */
export function mochaSteps(tests: readonly TestFile[]): readonly Step[] {
  const below = (folder: string): readonly TestFile[] =>
    tests.filter(({ file }) => file.startsWith(`test/${folder}/`));
  const repository = below('repository');
  const linear = below('linear');
  const live = below('live');
  const special = new Set([...repository, ...linear, ...live]);
  const isAlone = ({ file }: TestFile): boolean => LONE_FILES.has(file);
  return [
    { ...testStep('repository', { files: repository, jobs: 1 }), isSmall: true },
    // Alone, because on a busy machine a linear function can look quadratic.
    testStep('linear tests', { files: linear, jobs: 1 }),
    testStep('tests', { files: tests.filter((test) => !special.has(test)), jobs: JOBS }),
    testStep(
      LIVE,
      { files: live.filter((test) => !isAlone(test)), jobs: LIVE_JOBS },
      { files: live.filter(isAlone), jobs: 1 },
    ),
  ].filter(({ batches }) => batches.some(({ files }) => files.length > 0));
}

/** Runs each batch when the one before has ended. */
export const testStep = (
  name: string,
  ...batches: readonly Batch[]
): Step & { readonly batches: readonly Batch[] } => ({
  name,
  batches,
  run: async (stop, say) => {
    const env = name === LIVE ? await bundledCellPrograms() : {};
    return judge(await runTestFiles({ batches, env, stop, say, limits: LIMITS }));
  },
});

export function judge({ files, broken, output }: RanTests): StepResult {
  const outcomes = files.map(({ outcome }) => outcome);
  const sumOf = (key: 'passed' | 'failed'): number =>
    outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = sumOf('passed');
  const failed = sumOf('failed');
  const complaints = passed + failed + skipped.length === 0 ? [...broken, 'no test ran'] : broken;
  return {
    passed,
    failed: failed + complaints.length,
    skipped,
    detail: `${passed} passed in ${files.length} files`,
    output: [output.trimEnd(), ...complaints].join('\n'),
    files,
  };
}

/** Each cell then starts its programs from one file: 0.10 s of CPU time instead of 0.28 s. */
export async function bundledCellPrograms(): Promise<Readonly<Record<string, string>>> {
  for (const name of CELL_PROGRAMS)
    await cachedBundle(`tools/demo-cell/${name}/main.ts`, `${name}.mjs`);
  return { [PROGRAMS_VARIABLE]: CACHED_BUNDLES };
}
