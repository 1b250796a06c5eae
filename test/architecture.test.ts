import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import rules from '../.dependency-cruiser.mjs';
import { root } from '../tools/bootstrap/place.mjs';
import { cruiseSources } from '../tools/checks/static-steps.ts';
import { sourceFiles } from '../tools/checks/test-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Files = Readonly<Record<string, string>>;

/** A file that imports these targets, of which the local ones are made as empty modules. */
function imports(from: string, ...targets: readonly string[]): Files {
  const lines = targets.map((target) => `import '${target}';`).join('\n');
  const made = targets
    .filter((target) => target.startsWith('.'))
    .map((target) => [path.join(path.dirname(from), target), 'export {};'] as const);
  return { ...Object.fromEntries(made), [from]: lines };
}

/** A folder for each target, in which this file imports that one alone. */
const eachOf = (from: string, ...targets: readonly string[]): readonly Files[] =>
  targets.map((target) => imports(from, target));

/** For every rule, folders with one of the violations that the rule exists for. */
const violations: Readonly<Record<string, readonly Files[]>> = {
  'model-is-pure': eachOf('src/model/mount.ts', '../parse/mountinfo.ts', 'valibot', 'node:path'),
  'parse-is-pure': eachOf(
    'src/parse/mountinfo.ts',
    '../reconcile/grace.ts',
    'yargs',
    'node:buffer',
  ),
  'mounts-is-pure': eachOf(
    'src/mounts/choose.ts',
    '../reconcile/grace.ts',
    '../parse/mountinfo.ts',
    'node:fs',
  ),
  'reconcile-is-pure': eachOf(
    'src/reconcile/grace.ts',
    '../parse/mountinfo.ts',
    '../present/sentence.ts',
    '../probe/kernel.ts',
    'valibot',
  ),
  'sensors-is-pure': eachOf(
    'src/sensors/predict.ts',
    '../reconcile/judge.ts',
    '../present/table.ts',
    'node:fs',
  ),
  'ledgers-is-pure': eachOf(
    'src/ledgers/account.ts',
    '../sensors/predict.ts',
    '../present/table.ts',
    'node:fs',
  ),
  'names-is-pure': eachOf(
    'src/names/lookup.ts',
    '../reconcile/grace.ts',
    '../sensors/predict.ts',
    'node:fs',
  ),
  'present-is-pure': [
    ...eachOf('src/present/table.ts', '../reconcile/grace.ts', '../agent/log.ts', 'node:util'),
    {
      'src/present/table.ts': `import type { Grace } from '../reconcile/grace.ts';
        export type G = Grace;`,
      'src/reconcile/grace.ts': 'export type Grace = number;',
    },
  ],
  'pass-is-pure': eachOf('src/pass/take-snapshot.ts', '../present/sentence.ts', 'fs', 'winston'),
  'probe-imports': eachOf('src/probe/kernel.ts', '../reconcile/grace.ts', '../present/table.ts'),
  'terminal-imports': [...eachOf('src/terminal/io.ts', '../present/table.ts')],
  'cf-plugin-imports': eachOf(
    'src/cf-plugin/main.ts',
    '../probe/kernel.ts',
    '../reconcile/grace.ts',
    '../agent/log.ts',
  ),
  'demo-cell-imports': eachOf(
    'tools/demo-cell/story.ts',
    '../../src/cli/main.ts',
    '../../src/reconcile/grace.ts',
  ),
  'start-imports': [...eachOf('src/start/main.ts', '../terminal/io.ts')],
  'nobody-imports-cli': [
    ...eachOf('src/agent/loop.ts', '../cli/main.ts'),
    ...eachOf('tools/bench.ts', '../src/cli/main.ts'),
  ],
  'nothing-that-ships-imports-tools': [
    ...eachOf('src/cli/main.ts', '../../tools/demo-cell/story.ts'),
    ...eachOf('src/agent/loop.ts', '../../tools/bench.ts'),
    ...eachOf('src/cf-plugin/main.ts', '../../tools/bench.ts'),
  ],
  'tools-import-no-tests': eachOf(
    'tools/bench.ts',
    '../test/live/cells.ts',
    '../spec/wrong-values.ts',
  ),
  'no-plugin-on-a-cell': [
    ...eachOf('src/cli/main.ts', '../cf-plugin/main.ts'),
    ...eachOf('src/agent/loop.ts', '../cf-plugin/main.ts'),
  ],
  'agent-is-loaded-when-asked': [...eachOf('src/cli/main.ts', '../agent/loop.ts')],
  'ships-no-child-process': [
    ...eachOf('src/probe/kernel.ts', 'node:child_process'),
    ...eachOf('src/agent/loop.ts', 'execa', 'node:cluster'),
    ...eachOf('src/cli/answer.ts', 'node:child_process', 'child_process'),
    ...eachOf('src/cf-plugin/main.ts', 'node:child_process'),
    { 'src/cli/main.ts': `await import('execa');` },
  ],
  'yargs-in-one-file': [
    ...eachOf('src/cli/options.ts', 'yargs'),
    ...eachOf('tools/bench.ts', 'yargs/helpers'),
  ],
  'winston-in-one-file': [...eachOf('src/agent/loop.ts', 'winston')],
  'grpc-in-one-file': [...eachOf('src/agent/loop.ts', '@grpc/grpc-js')],
  'protobufjs-in-one-file': [
    ...eachOf('src/names/cri.ts', 'protobufjs'),
    ...eachOf('src/agent/loop.ts', 'protobufjs/light.js'),
  ],
  'grpc-is-loaded-when-asked': [
    ...eachOf('src/agent/loop.ts', './cri/grpc-server.ts'),
    ...eachOf('src/cli/check.ts', '../agent/cri/cri-methods.ts'),
  ],
  'no-cycles': [
    { 'src/model/a.ts': `import './b.ts';`, 'src/model/b.ts': `import './a.ts';` },
    {
      'src/model/a.ts': `import type { B } from './b.ts';\nexport type A = B;`,
      'src/model/b.ts': `import type { A } from './a.ts';\nexport type B = A | 1;`,
    },
  ],
  'no-cycles-of-folders': [
    {
      'src/model/a/one.ts': `import '../b/two.ts';`,
      'src/model/b/two.ts': '',
      'src/model/b/three.ts': `import '../a/four.ts';`,
      'src/model/a/four.ts': '',
    },
    {
      'tools/release/one.ts': `import '../vm/two.ts';`,
      'tools/vm/two.ts': '',
      'tools/vm/three.ts': `import '../release/four.ts';`,
      'tools/release/four.ts': '',
    },
  ],
  resolvable: [{ 'src/model/a.ts': `import './missing.ts';` }],
  'ships-no-development-dependency': [
    ...eachOf('src/cli/main.ts', 'chai'),
    ...eachOf('src/cf-plugin/main.ts', 'execa'),
  ],
};

const lawful: Files = {
  ...imports('src/parse/mountinfo.ts', '../model/mount.ts', 'valibot'),
  ...imports('src/mounts/choose.ts', '../model/mount.ts'),
  ...imports('src/reconcile/grace.ts', '../model/mount.ts', '../mounts/choose.ts'),
  ...imports('src/sensors/predict.ts', '../model/mount.ts', '../mounts/choose.ts'),
  ...imports('src/names/lookup.ts', '../model/mount.ts'),
  ...imports('src/probe/kernel.ts', '../parse/mountinfo.ts', 'node:fs'),
  ...imports(
    'src/pass/take-snapshot.ts',
    '../probe/kernel.ts',
    '../reconcile/grace.ts',
    '../sensors/predict.ts',
  ),
  ...imports('src/agent/log.ts', 'winston', '../present/sentence.ts'),
  ...imports('src/agent/loop.ts', '../pass/take-snapshot.ts', './log.ts', 'node:os'),
  'src/agent/cri-socket.ts': `import type { Server } from './cri/grpc-server.ts';
    export const start = async (): Promise<Server> =>
      (await import('./cri/grpc-server.ts')).server;`,
  'src/agent/cri/grpc-server.ts': `import '@grpc/grpc-js';
    import './cri-methods.ts';
    export type Server = string;
    export const server: Server = '';`,
  'src/agent/cri/cri-methods.ts': `import 'protobufjs/light.js';`,
  ...imports('src/terminal/io.ts', '../model/mount.ts', 'node:process'),
  ...imports('src/cli/check.ts', '../pass/take-snapshot.ts', '../terminal/io.ts'),
  'src/cli/main.ts': `import './commands.ts';`,
  'src/cli/commands.ts': `import 'yargs';
    await import('./check.ts');
    await import('../agent/loop.ts');`,
  ...imports('src/cf-plugin/main.ts', '../model/mount.ts', '../present/sentence.ts'),
  ...imports(
    'tools/demo-cell/story.ts',
    '../../src/mounts/choose.ts',
    'execa',
    'node:child_process',
  ),
  ...imports('tools/bench.ts', './demo-cell/story.ts', 'execa', 'chai'),
};

describe('the layers', () => {
  it('are judged by looking at every source file', async () => {
    const { modules } = await cruiseSources(root);
    const read = modules.map(({ source }) => source);
    expect(read).to.include.members([...sourceFiles('src', 'tools')]);
    expect(sourceFiles('src')).to.not.be.empty;
    expect(sourceFiles('tools')).to.not.be.empty;
  });

  it('have a case here for every rule, and a sentence each', () => {
    const forbidden = rules.forbidden ?? [];
    expect(forbidden.map(({ name }) => name)).to.have.members(Object.keys(violations));
    for (const { name, comment, severity } of forbidden) {
      expect(comment, name).to.match(/^[A-Z].*\.$/);
      expect(severity, name).to.equal('error');
    }
  });

  it('allow what the architecture draws', async () => {
    expect(await rulesBrokenBy(lawful)).to.deep.equal([]);
  });

  for (const [rule, cases] of Object.entries(violations)) {
    for (const files of cases) {
      it(`${rule} fails on ${summary(files)}`, async () => {
        expect(await rulesBrokenBy(files)).to.include(rule);
      });
    }
  }
});

async function rulesBrokenBy(files: Files): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const shipped = ['@grpc/grpc-js', 'protobufjs', 'valibot', 'winston', 'yargs'];
  const all = { ...installed(shipped, ['chai', 'execa']), ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { summary: found } = await cruiseSources(folder);
  return found.violations.map(({ rule }) => rule.name);
}

/** The packages, empty, so that the rules see them where npm puts them. */
function installed(dependencies: readonly string[], devDependencies: readonly string[]): Files {
  const versions = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const files: Record<string, string> = {};
  for (const name of [...dependencies, ...devDependencies]) {
    const manifest = { name, version: '1.0.0', type: 'module', main: 'index.js' };
    files[`node_modules/${name}/package.json`] = JSON.stringify(manifest);
    files[`node_modules/${name}/index.js`] = 'export {};';
    for (const other of ['helpers', 'light'])
      files[`node_modules/${name}/${other}.js`] = 'export {};';
  }
  return {
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: versions(dependencies),
      devDependencies: versions(devDependencies),
    }),
    ...files,
  };
}

function summary(files: Files): string {
  const [file, text] = Object.entries(files).at(-1) ?? [];
  return `${file}: ${text?.split('\n')[0]}`;
}
