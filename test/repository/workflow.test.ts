import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { parse } from 'yaml';
import { scripts, tools } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const workflow = v.object({
  jobs: v.record(
    v.string(),
    v.object({
      'timeout-minutes': v.number(),
      steps: v.array(v.object({ uses: v.optional(v.string()), run: v.optional(v.string()) })),
    }),
  ),
});

describe('the workflow of the repository', () => {
  const text = read('.github/workflows/test.yml');
  const steps = Object.values(v.parse(workflow, parse(text)).jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run }) => run ?? []).join('\n');

  it('runs the demo and all tests, as the README has them, and asks for known vulnerabilities', () => {
    const [, readme = ''] = /## Try it[^]*?```\n([^]*?)```/.exec(read('README.md')) ?? [];
    const both = ['npm run demo', 'npm test -- --all'];
    for (const command of both) expect(readme).to.match(new RegExp(`^${command} `, 'm'));
    for (const command of [...both, 'npm audit', 'npm run release']) {
      expect(commands).to.include(command);
    }
  });

  it('runs only scripts and tools that exist', () => {
    for (const [, name = ''] of commands.matchAll(/npm run (?:tool -- )?([\w:-]+)/g))
      expect([...scripts.keys(), ...tools.keys()]).to.include(name);
  });

  it('takes actions by their name, and names no address', () => {
    for (const { uses } of steps) expect(uses ?? 'a/b@v1').to.match(/^[\w-]+\/[\w-]+@v\d+$/);
    expect(text).not.to.match(/:\/\//);
  });
});

describe('SECURITY.md', () => {
  it('names no address of a person', () => {
    expect(read('SECURITY.md')).not.to.match(/@|mailto/);
  });
});
