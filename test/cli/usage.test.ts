import { expect } from 'chai';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { typed, rollcall } from './rollcall.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { rowsOf } from '../rows.ts';

const WRONG = String.raw`
-- check | Give a command\.
chekc | Unknown command: chekc\. Did you mean check\?
frobnicate | Unknown command: frobnicate\. See rollcall --help\.
frobnicate --all | Unknown command: frobnicate\. See
check --frobnicate | Unknown argument: frobnicate\.
check --setle 2s | Did you mean --settle\?
check --deep | Unknown argument: deep\. See
check now | Unknown argument: now\.
check -- --all | Unknown argument: --all\.
check --no-settle | Unknown arguments?: no-settle
check --root.x / | Unknown argument: root\.x\.
sensors --tool snort | --tool snort is unknown; use one of tracee,
sensors --tool tracee@ | as in tracee@0\.19
sensors --settle 1s | Unknown argument
explain | explain needs the handle of a container\.
explain a b | Unknown argument: b\.
explain -- a -b | takes only one handle; unexpected: -b\.
ledgers -- a -b | takes only one handle; unexpected: -b\.
capture a b | Unknown argument: b\.
check --format xml | --format takes table, json or html, not "xml"\. See rollcall check --help\.
check --format | --format needs a value\.
check -o xml | --format takes table, json or html, not "xml"
check --json -o json | give only one of them
check --json --format=table | give only one of them
check --json=1 | --json takes no value
mounts --capture x --root / | --capture has its own mount table
mounts --capture x --cgroup-namespace private | only for a saved table
check --color blue | --color takes auto, always or never, not "blue"
check --color --all | --color needs a value\.
check --settle | --settle needs a value\.
check --settle= | --settle needs a time such as 2s
check --settle 5x | --settle needs a time such as 2s
explain x --settle 2h | --settle needs a time
check --settle 601s | at most 10m
check --garden-timeout -1 | --garden-timeout needs a time
capture --garden-timeout 0 | --garden-timeout must be more than 0
check --garden-timeout NaN | --garden-timeout needs a
check --root here | --root needs an absolute path
check --root | --root needs a value\.
check --capture x --garden-socket /y | --garden-socket is for a live cell and --capture for a saved one; give only one of them
explain h --capture x --root / | --root is for a live cell
check --capture x --settle 1s | --settle is for a live cell
check --capture x --show-commands | --show-commands is for a live cell
explain x --show-commands | Unknown argument
check --capture x --garden-timeout 1s | --garden-timeout is for a live cell
capture y --capture x | capture saves a live cell
capture y --verify x | leave out a second file
capture --verify x --settle 1s | leave out --settle
capture --verify x --status-socket /x | leave out --status-socket
mounts --mountinfo x --mounts y | give only one of them
mounts --rule first | --rule takes verified, .*, not "first"
mounts --rule | --rule needs a value\.
check --all=maybe | --all takes no value\.
agent --config x --check-config=yes | --check-config takes no value
agent --config x --verify-passes | --verify-passes needs a value
status --watch= | --watch takes no value
agent | --config is missing\. See rollcall agent --help\.
`;

describe('misuse of rollcall', function () {
  for (const [words = '', says = ''] of [...rowsOf(WRONG), ['', 'Unknown argument']]) {
    const args = words.split(' ');
    it(`is one line and exit 2: ${words}`, async () => {
      const { code, stdout, stderr } = await typed(args);
      expect(stderr).to.match(new RegExp(says));
      expect(stderr).to.match(/^rollcall: [^\n]+[.?] See rollcall (?:[a-z]+ )?--help\.\n$/);
      expect(stderr.match(/--help/g), 'the help is named once').to.have.length(1);
      expect(stderr, 'a line for people').not.to.contain('\\n');
      expect(stdout).to.equal('');
      expect(code).to.equal(2);
    });
  }

  it('is to ask for whole command lines as another user than root', async () => {
    const { geteuid } = process;
    process.geteuid = () => 1000;
    atEndOfTest(() => {
      if (geteuid !== undefined) process.geteuid = geteuid;
    });
    const { code, stdout, stderr } = await typed(['check', '--show-commands']);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^rollcall: --show-commands is only for root, because [^\n]+\n$/);
  });

  it('is explained in English, whatever the language of the machine', async () => {
    const german = { LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', LANG: 'de_DE.UTF-8' };
    const { code, stdout, stderr } = await rollcall(['check', '--frobnicate'], german);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.equal('rollcall: Unknown argument: frobnicate. See rollcall check --help.\n');
  });
});

describe('rollcall alone', () => {
  it('prints its help, and exits 2, so that an empty command never looks like an all-clear', async () => {
    const { code, stdout, stderr } = await rollcall([]);
    expect([code, stderr]).to.deep.equal([2, '']);
    expect(stdout)
      .to.match(/^rollcall COMMAND/)
      .and.contain('rollcall check');
  });
});

describe('rollcall --help and --version', () => {
  for (const args of [['--help'], ['help'], ['-h'], ['check', '-h']])
    it(`prints to stdout and exits 0: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await rollcall(args);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/^rollcall /);
    });

  it('is a version', async () => {
    const { code, stdout, stderr } = await rollcall(['--version']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  for (const command of Object.keys(COMMANDS))
    it(`shows defaults as all do, and examples: ${command}`, async () => {
      const { code, stdout, stderr } = await rollcall([command, '--help'], { COLUMNS: '80' });
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/^rollcall [^]*\nExamples:\n {2}rollcall /);
      expect(stdout).not.to.match(/\[default: (?:false|true)\]|default [^:]|\S\[(?!default)/);
    });

  it('names every command, and fits 40 columns', async () => {
    const { stdout } = await rollcall(['--help'], { COLUMNS: '40' });
    for (const command of ['check', 'mounts', 'explain', 'capture', 'demo']) {
      expect(stdout).to.contain(`rollcall ${command}`);
    }
    const widths = stdout.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).to.be.at.most(40);
  });

  it('has its usual width where COLUMNS is none', async () => {
    const { stdout } = await rollcall(['--help'], { COLUMNS: '-5' });
    expect(stdout).to.match(/^ {2}rollcall check {2,}Compare once/m);
  });
});
