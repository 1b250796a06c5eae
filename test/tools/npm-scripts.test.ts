import { expect } from 'chai';
import { execa } from 'execa';
import { helpAskedFor, programOf, tools } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';
import { COMMANDS, WITH_OWN_HELP } from './npm-scripts.ts';

/** Programs of others, which refuse an unknown option in their own way, or accept it. */
const OF_OTHERS: ReadonlySet<string> = new Set(['mocha', 'coverage', 'format']);

const run = (args: readonly string[]) =>
  execa(process.execPath, args, { cwd: root, reject: false, stdin: 'ignore' });

/** The names of options and arguments in a help. */
const namesIn = (help: string): readonly string[] =>
  Array.from(help.matchAll(/^ {2}(?:-\w, )?('[^']+'|\S+)/gm), ([, name = '']) =>
    name.replaceAll("'", ''),
  );

describe('npm run', () => {
  for (const [typed, { name, args }] of COMMANDS) {
    if (WITH_OWN_HELP.has(name) || OF_OTHERS.has(name)) continue;

    // A program that accepts it begins its work here.
    it(`refuses an unknown option in one line that names what its help lists: ${typed}`, async () => {
      const ran = await run(programOf(name, [...args, '--no-such']));
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
      const ran = await run(programOf(script, ['--help']));
      expect(ran.exitCode).to.equal(0);
      expect(ran.stdout).to.include('--help');
    });
});

describe('npm run tool', () => {
  const listed = helpAskedFor('tool', []) ?? '';

  it('alone lists each tool in a line', async () => {
    expect(namesIn(listed)).to.have.members([...tools.keys()]);
    for (const typed of [['tool'], ['tool', '--help']]) {
      const ran = await run(['tools/bootstrap.mjs', ...typed]);
      expect([ran.exitCode, ran.stderr]).to.deep.equal([0, '']);
      expect(`${ran.stdout}\n`).to.equal(listed);
    }
  });

  it('shows the help of a tool', async () => {
    const ran = await run(['tools/bootstrap.mjs', 'tool', 'vm', '--help']);
    expect([ran.exitCode, ran.stderr]).to.deep.equal([0, '']);
    expect(ran.stdout).to.match(/^npm run tool -- vm \[argument/);
  });

  it('refuses an unknown tool in a line that lists the tools', async () => {
    const ran = await run(['tools/bootstrap.mjs', 'tool', 'blob', '--accept']);
    expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
    expect(ran.stderr).to.match(/^rollcall: there is no tool "blob": it is one of .*$/);
    for (const tool of tools.keys()) expect(ran.stderr).to.include(tool);
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
    const ran = await run(programOf('demo', ['--v1', '--v2']));
    expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
    expect(ran.stderr).to.equal('rollcall: The demo takes --v1 or --v2, not both.');
  });
});
