import { expect } from 'chai';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { typed, rollcall } from './rollcall.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

const WRONG = [
  { words: '-- check', says: /Give a command\./ },
  { words: 'chekc', says: /Unknown command: chekc\. Did you mean check\?/ },
  { words: 'frobnicate', says: /Unknown command: frobnicate\. See rollcall --help\./ },
  { words: 'frobnicate --all', says: /Unknown command: frobnicate\. See/ },
  { words: 'check --frobnicate', says: /Unknown argument: frobnicate\./ },
  { words: 'check --setle 2s', says: /Did you mean --settle\?/ },
  { words: 'check --deep', says: /Unknown argument: deep\. See/ },
  { words: 'check now', says: /Unknown argument: now\./ },
  { words: 'check -- --all', says: /Unknown argument: --all\./ },
  { words: 'check --no-settle', says: /Unknown arguments?: no-settle/ },
  { words: 'check --root.x /', says: /Unknown argument: root\.x\./ },
  { words: 'sensors --tool snort', says: /--tool snort is unknown; use one of tracee,/ },
  { words: 'sensors --tool tracee@', says: /as in tracee@0\.19/ },
  { words: 'sensors --if v3', says: /--if takes v2 or throttled/ },
  { words: 'sensors --settle 1s', says: /Unknown argument/ },
  { words: 'explain', says: /explain needs the handle of a container\./ },
  { words: 'explain a b', says: /Unknown argument: b\./ },
  { words: 'explain -- a -b', says: /takes only one handle; unexpected: -b\./ },
  { words: 'ledgers -- a -b', says: /takes only one handle; unexpected: -b\./ },
  { words: 'capture a b', says: /Unknown argument: b\./ },
  {
    words: 'check --format xml',
    says: /--format takes table, json or html, not "xml"\. See rollcall check --help\./,
  },
  { words: 'check --format', says: /--format needs a value\./ },
  { words: 'check -o xml', says: /--format takes table, json or html, not "xml"/ },
  { words: 'check --json -o json', says: /give only one of them/ },
  { words: 'check --json --format=table', says: /give only one of them/ },
  { words: 'check --json=1', says: /--json takes no value/ },
  { words: 'mounts --capture x --root /', says: /--capture has its own mount table/ },
  { words: 'mounts --capture x --cgroup-namespace private', says: /only for a saved table/ },
  { words: 'check --color blue', says: /--color takes auto, always or never, not "blue"/ },
  { words: 'check --color --all', says: /--color needs a value\./ },
  { words: 'check --settle', says: /--settle needs a value\./ },
  { words: 'check --settle=', says: /--settle needs a time such as 2s/ },
  { words: 'check --settle 5', says: /--settle needs a time such as 2s, 500ms or 1m/ },
  { words: 'check --settle 5x', says: /--settle needs a time such as 2s/ },
  { words: 'explain x --settle 2h', says: /--settle needs a time/ },
  { words: 'check --settle 601s', says: /at most 10m/ },
  { words: 'check --garden-timeout -1', says: /--garden-timeout needs a time/ },
  { words: 'capture --garden-timeout 0s', says: /--garden-timeout must be more than 0/ },
  { words: 'check --garden-timeout NaN', says: /--garden-timeout needs a/ },
  { words: 'check --root here', says: /--root needs an absolute path/ },
  { words: 'check --root', says: /--root needs a value\./ },
  {
    words: 'check --capture x --garden-socket /y',
    says: /--garden-socket is for a live cell and --capture for a saved one; give only one of them/,
  },
  { words: 'explain h --capture x --root /', says: /--root is for a live cell/ },
  { words: 'check --capture x --settle 1s', says: /--settle is for a live cell/ },
  { words: 'check --capture x --show-commands', says: /--show-commands is for a live cell/ },
  { words: 'explain x --show-commands', says: /Unknown argument/ },
  { words: 'check --capture x --garden-timeout 1s', says: /--garden-timeout is for a live cell/ },
  { words: 'capture y --capture x', says: /capture saves a live cell/ },
  { words: 'capture y --verify x', says: /leave out a second file/ },
  { words: 'capture --verify x --settle 1s', says: /leave out --settle/ },
  { words: 'capture --verify x --status-socket /x', says: /leave out --status-socket/ },
  { words: 'mounts --mountinfo x --mounts y', says: /give only one of them/ },
  { words: 'mounts --rule first', says: /--rule takes verified, .*, not "first"/ },
  { words: 'mounts --rule', says: /--rule needs a value\./ },
  { words: 'check --all=maybe', says: /--all takes no value\./ },
  { words: 'agent --config x --check-config=yes', says: /--check-config takes no value/ },
  { words: 'agent --config x --verify-passes', says: /--verify-passes needs a value/ },
  { words: 'status --watch=', says: /--watch takes no value/ },
  { words: 'agent', says: /--config is missing\. See rollcall agent --help\./ },
];

describe('misuse of rollcall', function () {
  for (const { words, says } of [...WRONG, { words: '', says: /Unknown argument/ }]) {
    const args = words.split(' ');
    it(`is one line and exit 2: ${words}`, async () => {
      const { code, stdout, stderr } = await typed(args);
      expect(stderr).to.match(says);
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

  it('names every command, first those that an operator types first', async () => {
    const { stdout } = await rollcall(['--help']);
    const shown = Array.from(stdout.matchAll(/^ {2}rollcall ([a-z]+)/gm), ([, name]) => name);
    expect(shown).to.deep.equal(Object.keys(COMMANDS));
    expect(shown.slice(0, 5)).to.deep.equal(['status', 'check', 'explain', 'whose', 'runbook']);
  });

  it('fits 40 columns', async () => {
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
