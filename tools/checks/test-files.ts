import { sourceFiles } from './source-files.ts';
import type { TestFile } from './test-workers.ts';

interface LongFile extends TestFile {
  readonly why: string;
}

/** The tests whose titles contain none of these texts. */
const without = (...texts: readonly string[]): string =>
  `^(?!.*(?:${texts.map((text) => text.replaceAll(/[()]/g, String.raw`\$&`)).join('|')}))`;

/** All tests of these run only with `--all`; without it, those of a story, or none. */
const LONG_FILES: readonly LongFile[] = [
  {
    file: 'test/architecture.test.ts',
    why: 'breaks each rule of the layers',
    story: 'model-is-pure',
  },
  {
    file: 'test/agent/unread-answers.test.ts',
    why: 'sends 180,000 requests to each server',
    story: '300 requests',
  },
  {
    file: 'test/cf-plugin/host.test.ts',
    why: "compiles Go's library once in each clone",
    story: null,
  },
  {
    file: 'test/live/agent-chaos.test.ts',
    why: 'takes everything from the agent, one thing after the other',
    story: 'in trouble tells exactly what happened, once',
  },
  {
    file: 'test/live/capture-replay.test.ts',
    why: 'runs in each cgroup mode',
    story: without('(v2)'),
  },
  {
    file: 'test/live/cell-layout.test.ts',
    why: 'runs in each cgroup mode',
    story: without(': v1 plain', ': hybrid '),
  },
  {
    file: 'test/live/crowded-garden.test.ts',
    why: 'makes 10,000 cgroups, three times',
    story: '(v2)',
  },
  {
    file: 'test/live/check-gdn.test.ts',
    why: 'runs in each cgroup mode',
    story: without('the cpu hierarchy', 'the memory hierarchy', '(v1)'),
  },
  {
    file: 'test/live/check-hostile-names.test.ts',
    why: 'runs in each cgroup mode',
    story: without('(auto, plain)'),
  },
  {
    file: 'test/live/check-reasons.test.ts',
    why: 'runs in each cgroup mode',
    story: without('(v1, plain', '(hybrid, ', '(v2, throttled'),
  },
  {
    file: 'test/live/escaped.test.ts',
    why: 'runs in each cgroup mode',
    story: without('(v1)', '(hybrid)'),
  },
  {
    file: 'test/live/check-churn.test.ts',
    why: 'runs in each cgroup mode',
    story: String.raw`\(v2, `,
  },
  {
    file: 'test/live/check-layouts.test.ts',
    why: 'runs in each cgroup mode',
    story: 'of a v2 cell',
  },
  {
    file: 'test/live/check-surroundings.test.ts',
    why: 'runs in each cgroup mode',
    story: 'of the cell: v2',
  },
  {
    file: 'test/live/diego-minutes.test.ts',
    why: 'waits for bulk passes of rep',
    story: null,
  },
  {
    file: 'test/live/diego-stories.test.ts',
    why: 'waits for bulk passes of rep',
    story: 'gdn and rep are killed: nobody removes it',
  },
  {
    file: 'test/live/mini-bosh.test.ts',
    why: 'runs in each cgroup mode',
    story: 'cgroup mode auto',
  },
  {
    file: 'test/live/operators-alerts.test.ts',
    why: 'waits for scrapes of a real Prometheus',
    story: null,
  },
  {
    file: 'test/live/operators-dashboards.test.ts',
    why: 'asks a real Prometheus every query of three dashboards',
    story: null,
  },
  {
    file: 'test/live/page.test.ts',
    why: 'looks at every state of the page in a real browser',
    story: 'a name made of markup runs nothing',
  },
  {
    file: 'test/live/sensor-rows.test.ts',
    why: 'builds 72 cells',
    story: 'v1 plain runc:|v2 throttled containerd tag=ab:|are 1,404',
  },
  {
    file: 'test/live/sensor-observations.test.ts',
    why: 'runs in each cgroup mode',
    story: 'with cgroup v2',
  },
  {
    file: 'test/tools/release/check-release.test.ts',
    why: 'packs the blob of Node',
    story: 'release:check',
  },
  {
    file: 'test/tools/release/sbom.test.ts',
    why: 'asks npm about every package',
    story: 'the bill of materials',
  },
  {
    file: 'test/tools/packaging/rollcall-program.test.ts',
    why: 'makes an executable of 120 MB',
    story: null,
  },
  {
    file: 'test/tools/npm-scripts.test.ts',
    why: 'starts the program of each npm script',
    story: 'lists: test',
  },
  {
    file: 'test/tools/monitoring/alerts.test.ts',
    why: 'replays every scenario with a real promtool, for three metrics routes',
    story: null,
  },
];

/** Live test files that run alone, each with the reason; the others have cells of their own. */
export const LONE_FILES: ReadonlyMap<string, string> = new Map([
  [
    'test/live/cell-leftovers.test.ts',
    'it kills drivers of cells, and whoever starts another cell would clean up after them',
  ],
  [
    'test/live/unreadable-memory.test.ts',
    'its processes make whoever reads their command lines wait, as other tests do',
  ],
]);

/** All test files with all of their tests; those that take long come first. */
export function allTests(): readonly TestFile[] {
  const isLong = new Set(LONG_FILES.map(({ file }) => file));
  const files = sourceFiles('test', 'spec').filter((file) => file.endsWith('.test.ts'));
  const unknown = [...isLong, ...LONE_FILES.keys()].find((file) => !files.includes(file));
  if (unknown !== undefined) throw new Error(`tools/checks/test-files.ts: there is no ${unknown}`);
  return [
    ...files.filter((file) => isLong.has(file)),
    ...files.filter((file) => !isLong.has(file)),
  ].map((file) => ({ file, story: null }));
}

/** The tests of `npm test`, and lines about those that it leaves out. */
export function shortTests(): {
  readonly tests: readonly TestFile[];
  readonly leftOut: readonly string[];
} {
  const long = new Map(LONG_FILES.map((one) => [one.file, one]));
  const tests = allTests()
    .map((whole) => long.get(whole.file) ?? whole)
    .filter((one) => !long.has(one.file) || one.story !== null);
  const leftOut = [...Map.groupBy(LONG_FILES, ({ why }) => why)].map(([why, files]) => {
    const names = files.map(({ file, story }) => (story === null ? file : `most of ${file}`));
    return `only with --all: ${names.join(', ')}, which ${why}`;
  });
  return { tests, leftOut };
}
