import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import rules from '../.dependency-cruiser.mjs';
import { root } from '../tools/bootstrap/place.mjs';
import { cruiseSources } from '../tools/checks/static-steps.ts';
import { sourceFiles } from '../tools/checks/test-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Files = Readonly<Record<string, string>>;

/**
 * `FILE: TARGET TARGET`: an importing file and what it imports; a local target is made as an empty
 * module.
 */
function imports(text: string): Files {
  const [from = '', ...targets] = text.split(/:? /);
  const lines = targets.map((target) => `import '${target}';`).join('\n');
  const made = targets
    .filter((target) => target.startsWith('.'))
    .map((target) => [path.join(path.dirname(from), target), 'export {};'] as const);
  return { ...Object.fromEntries(made), [from]: lines };
}

/**
 * For every rule the violations that it exists for, each of which it has to find alone: one for
 * each target of a text.
 */
const violations: Readonly<Record<string, readonly (string | Files)[]>> = {
  'model-is-pure': ['src/model/mount.ts: ../parse/mountinfo.ts valibot node:path'],
  'parse-is-pure': ['src/parse/mountinfo.ts: ../reconcile/grace.ts yargs node:buffer'],
  'mounts-is-pure': ['src/mounts/choose.ts: ../reconcile/grace.ts ../parse/mountinfo.ts node:fs'],
  'reconcile-is-pure': [
    'src/reconcile/grace.ts: ../parse/mountinfo.ts ../present/sentence.ts ../probe/kernel.ts valibot',
  ],
  'sensors-is-pure': ['src/sensors/predict.ts: ../reconcile/judge.ts ../present/table.ts node:fs'],
  'ledgers-is-pure': ['src/ledgers/account.ts: ../sensors/predict.ts ../present/table.ts node:fs'],
  'names-is-pure': ['src/names/lookup.ts: ../reconcile/grace.ts ../sensors/predict.ts node:fs'],
  'present-is-pure': [
    'src/present/table.ts: ../reconcile/grace.ts ../agent/log.ts node:util',
    {
      'src/present/table.ts': `import type { Grace } from '../reconcile/grace.ts';\nexport type G = Grace;`,
      'src/reconcile/grace.ts': 'export type Grace = number;',
    },
  ],
  'pass-is-pure': ['src/pass/take-snapshot.ts: ../present/sentence.ts fs winston'],
  'probe-imports': ['src/probe/kernel.ts: ../reconcile/grace.ts ../present/table.ts'],
  'terminal-imports': ['src/terminal/io.ts: ../present/table.ts'],
  'cf-plugin-imports': [
    'src/cf-plugin/main.ts: ../probe/kernel.ts ../reconcile/grace.ts ../agent/log.ts',
  ],
  'demo-cell-imports': [
    'tools/demo-cell/story.ts: ../../src/cli/main.ts ../../src/reconcile/grace.ts',
  ],
  'start-imports': ['src/start/main.ts: ../terminal/io.ts'],
  'nobody-imports-cli': ['src/agent/loop.ts: ../cli/main.ts', 'tools/bench.ts: ../src/cli/main.ts'],
  'nothing-that-ships-imports-tools': [
    'src/cli/main.ts: ../../tools/demo-cell/story.ts',
    'src/agent/loop.ts: ../../tools/bench.ts',
    'src/cf-plugin/main.ts: ../../tools/bench.ts',
  ],
  'tools-import-no-tests': ['tools/bench.ts: ../test/live/cells.ts ../spec/wrong-values.ts'],
  'no-plugin-on-a-cell': [
    'src/cli/main.ts: ../cf-plugin/main.ts',
    'src/agent/loop.ts: ../cf-plugin/main.ts',
  ],
  'agent-is-loaded-when-asked': ['src/cli/main.ts: ../agent/loop.ts'],
  'ships-no-child-process': [
    'src/probe/kernel.ts: node:child_process',
    'src/agent/loop.ts: execa node:cluster',
    'src/cli/answer.ts: node:child_process child_process',
    'src/cf-plugin/main.ts: node:child_process',
    { 'src/cli/main.ts': `await import('execa');` },
  ],
  'yargs-in-one-file': ['src/cli/options.ts: yargs', 'tools/bench.ts: yargs/helpers'],
  'winston-in-one-file': ['src/agent/loop.ts: winston'],
  'grpc-in-one-file': ['src/agent/loop.ts: @grpc/grpc-js'],
  'protobufjs-in-one-file': [
    'src/names/cri.ts: protobufjs',
    'src/agent/loop.ts: protobufjs/light.js',
  ],
  'grpc-is-loaded-when-asked': [
    'src/agent/loop.ts: ./cri-socket.ts ./cri/grpc-server.ts',
    'src/cli/check.ts: ../agent/cri/cri-methods.ts',
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
  'ships-no-development-dependency': ['src/cli/main.ts: chai', 'src/cf-plugin/main.ts: execa'],
};

/** The texts of a rule with one target each. */
const casesOf = (texts: readonly (string | Files)[]): readonly Files[] =>
  texts.flatMap((text) => {
    if (typeof text !== 'string') return [text];
    const [from = '', targets = ''] = text.split(': ');
    return targets.split(' ').map((target) => imports(`${from}: ${target}`));
  });

const lawful: Files = {
  ...imports('src/parse/mountinfo.ts: ../model/mount.ts valibot'),
  ...imports('src/mounts/choose.ts: ../model/mount.ts'),
  ...imports('src/reconcile/grace.ts: ../model/mount.ts ../mounts/choose.ts'),
  ...imports('src/sensors/predict.ts: ../model/mount.ts ../mounts/choose.ts'),
  ...imports('src/names/lookup.ts: ../model/mount.ts'),
  ...imports('src/probe/kernel.ts: ../parse/mountinfo.ts node:fs'),
  ...imports(
    'src/pass/take-snapshot.ts: ../probe/kernel.ts ../reconcile/grace.ts ../sensors/predict.ts',
  ),
  ...imports('src/agent/log.ts: winston ../present/sentence.ts'),
  ...imports('src/agent/loop.ts: ../pass/take-snapshot.ts ./log.ts node:os'),
  'src/agent/run.ts': `import type { Options } from './cri-socket.ts';\nexport const start = async (): Promise<Options> => (await import('./cri-socket.ts')).options;`,
  'src/agent/cri-socket.ts': `import './cri/grpc-server.ts';\nexport type Options = string;\nexport const options: Options = '';`,
  'src/agent/cri/grpc-server.ts': `import '@grpc/grpc-js';\nimport './cri-methods.ts';`,
  'src/agent/cri/cri-methods.ts': `import 'protobufjs/light.js';`,
  ...imports('src/terminal/io.ts: ../model/mount.ts node:process'),
  ...imports('src/cli/check.ts: ../pass/take-snapshot.ts ../terminal/io.ts'),
  'src/cli/main.ts': `import './commands.ts';`,
  'src/cli/commands.ts': `import 'yargs';\nawait import('./check.ts');\nawait import('../agent/loop.ts');`,
  ...imports('src/cf-plugin/main.ts: ../model/mount.ts ../present/sentence.ts'),
  ...imports('tools/demo-cell/story.ts: ../../src/mounts/choose.ts execa node:child_process'),
  ...imports('tools/bench.ts: ./demo-cell/story.ts execa chai'),
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
    for (const files of casesOf(cases)) {
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
