import { globSync } from 'node:fs';
import { root } from '../bootstrap/place.mjs';
import type { TestFile } from './test-workers.ts';

interface LongFile extends TestFile {
  readonly why: string;
}

/** The tests whose titles contain none of these texts. */
const without = (...texts: readonly string[]): string =>
  `^(?!.*(?:${texts.map((text) => text.replaceAll(/[()]/g, String.raw`\$&`)).join('|')}))`;

/** By what makes them long. Without `--all`, only the tests of a story run, or none. */
const LONG_FILES: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  'breaks each rule of the layers': { 'test/architecture.test.ts': 'model-is-pure' },
  'sends 180,000 requests to each server': { 'test/agent/unread-answers.test.ts': '300 requests' },
  'lets 64 clients attack both servers for three seconds each': {
    'test/agent/hostile-clients.test.ts': 'send a head byte by byte',
  },
  'makes and removes 10,000 cgroups': { 'test/live/nested-cgroups.test.ts': null },
  "compiles Go's library once in each clone": { 'test/cf-plugin/host.test.ts': null },
  'takes everything from the agent, one thing after the other': {
    'test/live/agent-chaos.test.ts': 'in trouble logs everything that happens, once',
  },
  'runs in each cgroup mode': {
    'test/live/cell-layout.test.ts': without(': v1 plain', ': hybrid '),
    'test/live/check-hostile-names.test.ts': '(v2, throttled)',
    'test/live/escaped.test.ts': without('(v1)', '(hybrid)'),
    'test/live/stuck.test.ts': '(v2)',
    'test/live/check-churn.test.ts': String.raw`\(v2, `,
    'test/live/check-layouts.test.ts':
      'of a v2 cell, (?:plain, with runc|throttled, with containerd)',
    'test/live/check-surroundings.test.ts': 'of the cell: v2',
    'test/live/mini-bosh.test.ts': 'cgroup mode auto',
    'test/live/sensor-observations.test.ts': 'with cgroup v2',
    'test/live/hostile-cri-client.test.ts': 'with cgroup v2, .*(?:whole list|200 sessions)',
  },
  'starts 1,300 processes, four times': {
    'test/live/hiding-attacks.test.ts': without(
      'images of its peas',
      'images of no container (v1)',
    ),
  },
  'lets processes change their names as fast as they can': {
    'test/live/changing-names.test.ts': 'of root on the cell',
  },
  'counts what a pass reads beside many processes, a sweep for each kind': {
    'test/live/dear-tenants.test.ts': '1,000 processes named gdn',
  },
  'lets an open wait for ever, in each program': {
    'test/live/hanging-opens.test.ts': 'ends the agent',
  },
  'makes 10,000 cgroups, three times': { 'test/live/crowded-garden.test.ts': '(v2)' },
  'brings a cell into each state of a finding': {
    'test/live/steps.test.ts': 'unowned and of another client',
  },
  'waits for bulk passes of rep': {
    'test/live/diego-stories.test.ts': 'raises an alarm about an app that gdn and rep lost',
  },
  'waits for scrapes of a real Prometheus': { 'test/live/operators-alerts.test.ts': null },
  'looks at every state of the page in a real browser': {
    'test/live/page.test.ts': 'runs nothing of a name made of markup',
  },
  'takes steps on a cell, and waits for the agent after each': {
    'test/live/kernel-model.test.ts': null,
  },
  'builds 72 cells': {
    'test/live/sensor-rows.test.ts': 'v1 plain runc:|v2 throttled containerd tag=ab:|are 1,404',
  },
  'builds cells with networks, and spoils what silk keeps of them': {
    'test/live/ledgers.test.ts': 'agree about a container|after a destroy that leaks',
  },
  'starts one agent after the other, and waits for each': {
    'test/live/agent-starts.test.ts': null,
    'test/live/agent-restart.test.ts': null,
  },
  "builds the demo's cell, and waits for its agent": { 'test/live/kept-cell.test.ts': null },
  'packs the blob of Node': { 'test/tools/release/read-release.test.ts': 'a release' },
  'asks npm about every package': { 'test/tools/release/sbom.test.ts': 'the bill of materials' },
  'makes an executable of 120 MB': { 'test/tools/packaging/rollcall-program.test.ts': null },
  'starts the program of each npm script': { 'test/tools/npm-scripts.test.ts': 'lists: test' },
  'replays every scenario with a real promtool, for three metrics routes': {
    'test/tools/monitoring/alerts.test.ts': null,
  },
};

const longFiles: readonly LongFile[] = Object.entries(LONG_FILES).flatMap(([why, files]) =>
  Object.entries(files).map(([file, story]) => ({ file, story, why })),
);

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

/** The TypeScript files below these folders, as paths from the top of the checkout. */
export const sourceFiles = (...folders: readonly string[]): readonly string[] =>
  folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => !file.startsWith('src/dist/'))
    .toSorted();

/** All test files with all of their tests; those that take long come first. */
export function allTests(): readonly TestFile[] {
  const isLong = new Set(longFiles.map(({ file }) => file));
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
  const long = new Map(longFiles.map((one) => [one.file, one]));
  const tests = allTests()
    .map((whole) => long.get(whole.file) ?? whole)
    .filter((one) => !long.has(one.file) || one.story !== null);
  const leftOut = [...Map.groupBy(longFiles, ({ why }) => why)].map(([why, files]) => {
    const names = files.map(({ file, story }) => (story === null ? file : `most of ${file}`));
    return `only with --all: ${names.join(', ')}, which ${why}`;
  });
  return { tests, leftOut };
}
