import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import * as v from 'valibot';
import { programOf } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';
import { inTemporaryFolder } from '../temporary-folder.ts';

const Manifest = v.object({ scripts: v.record(v.string(), v.string()) });
const { scripts } = v.parse(
  Manifest,
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')),
);

/** Their programs answer `--help` themselves. */
const WITH_OWN_HELP: ReadonlySet<string> = new Set(['rollcall', 'mocha']);
/** Programs of others, which refuse an unknown option in their own way, or accept it. */
const OF_OTHERS: ReadonlySet<string> = new Set(['mocha', 'coverage', 'format']);

const BOOTSTRAP = 'node tools/bootstrap.mjs ';
const argumentsOf = (script: string): readonly string[] =>
  (scripts[script] ?? '').slice(BOOTSTRAP.length).split(' ');

const run = (args: readonly string[], folder = root) =>
  execa(process.execPath, args, { cwd: folder, reject: false, stdin: 'ignore' });

/** The names of options and arguments in a help. */
const namesIn = (help: string): readonly string[] =>
  Array.from(help.matchAll(/^ {2}(?:-\w, )?('[^']+'|\S+)/gm), ([, name = '']) =>
    name.replaceAll("'", ''),
  );

describe('an npm script', () => {
  it('starts with the set-up', () => {
    for (const command of Object.values(scripts))
      expect(command.startsWith(BOOTSTRAP), command).to.equal(true);
  });

  for (const script of Object.keys(scripts)) {
    if (WITH_OWN_HELP.has(script)) continue;

    it(`has a help that needs no set-up: ${script}`, () =>
      inTemporaryFolder(async (folder) => {
        mkdirSync(path.join(folder, 'tools'));
        for (const file of ['bootstrap', 'bootstrap.mjs'])
          cpSync(path.join(root, 'tools', file), path.join(folder, 'tools', file), {
            recursive: true,
          });
        const ran = await run(['tools/bootstrap.mjs', ...argumentsOf(script), '--help'], folder);
        const [name = ''] = argumentsOf(script);
        expect([ran.exitCode, ran.stderr]).to.deep.equal([0, '']);
        expect(ran.stdout).to.match(new RegExp(`^npm run ${name}\\b`));
        for (const line of ran.stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
        expect(readdirSync(folder)).to.deep.equal(['tools']);
      }));

    if (OF_OTHERS.has(script)) continue;

    // A program that accepts it begins its work here.
    it(`refuses an unknown option in one line that names what its help lists: ${script}`, async () => {
      const [name = '', ...args] = argumentsOf(script);
      const program = programOf(name, [...args, '--no-such']) ?? [];
      const help = await run(['tools/bootstrap.mjs', name, '--help']);
      const ran = await run(program);
      expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
      expect(ran.stderr).to.match(/^rollcall: .*--no-such.*$/);
      const names = namesIn(help.stdout);
      for (const each of names) expect(ran.stderr).to.include(each);
      const options = ran.stderr.match(/--[a-z][\w-]*/g)?.filter((one) => one !== '--no-such');
      expect(names).to.include.members(options ?? []);
      if (names.length === 0) expect(ran.stderr).to.match(/: it takes no options$/);
    });
  }

  for (const script of WITH_OWN_HELP)
    it(`passes --help on: ${script}`, async () => {
      const ran = await run(programOf(script, ['--help']) ?? []);
      expect(ran.exitCode).to.equal(0);
      expect(ran.stdout).to.include('--help');
    });
});

describe('the demo', () => {
  it('has the same help as a command of rollcall', async () => {
    const [script, command] = await Promise.all([
      run(['tools/bootstrap.mjs', 'demo', '--help']),
      run(['tools/bootstrap.mjs', 'rollcall', 'demo', '--help']),
    ]);
    expect(command.stdout).to.equal(script.stdout);
  });

  it('has one kind of cgroups', async () => {
    const ran = await run(programOf('demo', ['--v1', '--v2']) ?? []);
    expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
    expect(ran.stderr).to.equal('rollcall: The demo takes --v1 or --v2, not both.');
  });
});
