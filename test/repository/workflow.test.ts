import { registerHooks } from 'node:module';
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import * as v from 'valibot';
import { parse } from 'yaml';
import { scripts, tools } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';
import { temporaryFolder } from '../temporary-folder.ts';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const workflow = v.object({
  jobs: v.record(
    v.string(),
    v.object({
      'timeout-minutes': v.number(),
      permissions: v.optional(v.record(v.string(), v.string()), {}),
      steps: v.array(
        v.object({
          name: v.optional(v.string(), ''),
          uses: v.optional(v.string()),
          run: v.optional(v.string()),
        }),
      ),
    }),
  ),
});
const jobsOf = (text: string) => v.parse(workflow, parse(text)).jobs;
const stepsOf = (text: string) => Object.values(jobsOf(text)).flatMap((job) => job.steps);
const commandsOf = (text: string): string =>
  stepsOf(text)
    .flatMap(({ run }) => run ?? [])
    .join('\n');

/** What the forge's own parser says is wrong in a workflow. */
async function mistakesIn(text: string): Promise<readonly string[]> {
  // The package imports its JSON without the attribute that Node requires.
  const hooks = registerHooks({
    load: (url, context, next) =>
      next(
        url,
        url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context,
      ),
  });
  const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
  hooks.deregister();
  const file = { name: 'workflow', content: text };
  const { context } = parseWorkflow(file, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

describe('each workflow of the repository', () => {
  const files = globSync('.github/workflows/*.yml', { cwd: root });

  for (const file of files) {
    it(`is one that the forge accepts: ${file}`, async () => {
      expect(await mistakesIn(read(file))).to.deep.equal([]);
      const wrong = read(file).replace('runs-on:', 'run-on:');
      expect((await mistakesIn(wrong)).join('\n')).to.include('run-on');
    });

    it(`runs only scripts and tools that exist: ${file}`, () => {
      const names = [...commandsOf(read(file)).matchAll(/npm run (?:tool -- )?([\w:-]+)/g)];
      expect(names).to.have.length.above(3);
      for (const [, name = ''] of names)
        expect([...scripts.keys(), ...tools.keys()]).to.include(name);
    });

    it(`names no address: ${file}`, () => {
      expect(read(file)).not.to.match(/:\/\//);
    });
  }
});

describe('the workflow that tests', () => {
  const text = read('.github/workflows/test.yml');

  it('runs the demo and all tests, as the README has them, and asks for known vulnerabilities', () => {
    const [, readme = ''] = /## Try it[^]*?```\n([^]*?)```/.exec(read('README.md')) ?? [];
    const both = ['npm run demo', 'npm test -- --all'];
    for (const command of both) expect(readme).to.match(new RegExp(`^${command} `, 'm'));
    for (const command of [...both, 'npm audit', 'npm run release']) {
      expect(commandsOf(text)).to.include(command);
    }
  });

  it('takes actions by their name and version', () => {
    for (const { uses } of stepsOf(text))
      expect(uses ?? 'a/b@v1').to.match(/^[\w-]+\/[\w-]+@v\d+$/);
  });
});

describe('the workflow that drafts a release', () => {
  const text = read('.github/workflows/release.yml');

  it('takes each action by its commit, and says which version that is', () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
    expect(uses).to.have.length.above(4);
    for (const action of uses)
      expect(action).to.match(/^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may sign and write only where it runs no code of the repository', () => {
    const { build, draft } = jobsOf(text);
    expect(build?.permissions).to.deep.equal({});
    expect(draft?.permissions).to.deep.equal({
      'id-token': 'write',
      attestations: 'write',
      contents: 'write',
    });
    const commands = draft?.steps.flatMap(({ run }) => run ?? []).join('\n');
    expect(commands).not.to.match(/npm|node|checkout/);
  });

  it('collects each file that it built, with a checksum that fits', async () => {
    const folder = cloneThatWasBuilt();
    await runStep('Collect the files, and write their checksums', folder);
    const published = path.join(folder, 'published');
    expect(readdirSync(published)).to.have.members([
      'LICENCES-node.txt',
      'LICENCES-rollcall-cf-plugin.txt',
      'LICENCES-rollcall.txt',
      'LICENSE',
      'NOTICE',
      'SHA256SUMS',
      'rollcall-1.2.3.cdx.json',
      'rollcall-1.2.3.pivotal',
      'rollcall-1.2.3.tgz',
      'rollcall-cf-plugin',
      'rollcall-cf-plugin-linux-x64',
      'rollcall-linux-arm64',
      'rollcall-linux-x64',
      'rollcall-manifests-1.2.3.tgz',
      'rollcall-monitoring-1.2.3.tgz',
      'rollcall-runtime-config-1.2.3.yml',
    ]);
    await runStep('Check the checksums', published);
    writeFileSync(path.join(published, 'rollcall-1.2.3.tgz'), 'another');
    const { exitCode } = await runStep('Check the checksums', published);
    expect(exitCode).to.equal(1);
    const sums = readFileSync(path.join(published, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(sums).to.have.length(readdirSync(published).length - 1);
  });

  it('refuses a tag that is not the version', async () => {
    const folder = cloneThatWasBuilt();
    const step = 'Check that the tag is the version of package.json';
    writeFileSync(path.join(folder, 'package.json'), '{"version": "1.2.3"}');
    expect((await runStep(step, folder)).exitCode).to.equal(0);
    writeFileSync(path.join(folder, 'package.json'), '{"version": "1.2.4"}');
    expect((await runStep(step, folder)).exitCode).to.equal(1);
  });

  /** Runs the commands of a step, as the forge does for the tag v1.2.3. */
  function runStep(name: string, folder: string) {
    const { run = '' } = stepsOf(text).find((step) => step.name === name) ?? {};
    expect(run).not.to.equal('');
    return execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
      cwd: folder,
      env: { GITHUB_REF_NAME: 'v1.2.3' },
      reject: false,
    });
  }
});

/** Its files have the names of what the build writes, each with its name as its text. */
function cloneThatWasBuilt(): string {
  const folder = temporaryFolder();
  for (const file of [
    'LICENSE',
    'NOTICE',
    'rollcall-1.2.3.pivotal',
    'rollcall-1.2.3.tgz',
    'rollcall-manifests-1.2.3.tgz',
    'rollcall-monitoring-1.2.3.tgz',
    'rollcall-runtime-config-1.2.3.yml',
    'src/dist/rollcall.cdx.json',
    'src/dist/executables/LICENCES.txt',
    'src/dist/executables/SHA256SUMS',
    'src/dist/executables/rollcall-linux-arm64',
    'src/dist/executables/rollcall-linux-x64',
    'src/dist/plugin/LICENCES-node.txt',
    'src/dist/plugin/LICENCES.txt',
    'src/dist/plugin/SHA256SUMS',
    'src/dist/plugin/rollcall-cf-plugin',
    'src/dist/plugin/rollcall-cf-plugin-linux-x64',
  ]) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), file);
  }
  return folder;
}

describe('SECURITY.md', () => {
  it('names no address of a person', () => {
    expect(read('SECURITY.md')).not.to.match(/@|mailto/);
  });
});
