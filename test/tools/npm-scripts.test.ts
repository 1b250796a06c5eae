import { expect } from 'chai';
import { execa } from 'execa';
import { helpAskedFor, programOf } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';
import { argumentsOf, scripts, WITH_OWN_HELP } from './npm-scripts.ts';

/** Programs of others, which refuse an unknown option in their own way, or accept it. */
const OF_OTHERS: ReadonlySet<string> = new Set(['mocha', 'coverage', 'format']);

const run = (args: readonly string[]) =>
  execa(process.execPath, args, { cwd: root, reject: false, stdin: 'ignore' });

/** The names of options and arguments in a help. */
const namesIn = (help: string): readonly string[] =>
  Array.from(help.matchAll(/^ {2}(?:-\w, )?('[^']+'|\S+)/gm), ([, name = '']) =>
    name.replaceAll("'", ''),
  );

describe('an npm script', () => {
  for (const script of Object.keys(scripts)) {
    if (WITH_OWN_HELP.has(script) || OF_OTHERS.has(script)) continue;

    // A program that accepts it begins its work here.
    it(`refuses an unknown option in one line that names what its help lists: ${script}`, async () => {
      const [name = '', ...args] = argumentsOf(script);
      const program = programOf(name, [...args, '--no-such']) ?? [];
      const ran = await run(program);
      expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
      expect(ran.stderr).to.match(/^rollcall: .*--no-such.*$/);
      const names = namesIn(helpAskedFor(name, ['--help']) ?? '');
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
