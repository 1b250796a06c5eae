import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { COMMAND_ROWS, SHELLS } from '../../src/cli/command-table.ts';
import { completionText } from '../../src/cli/completion.ts';
import { skip } from '../skip.ts';
import { ran, rollcall, typed } from './rollcall.ts';
import { rollcall as run } from '../../src/cli/commands.ts';

const SECTIONS = ['unowned', 'RollcallSensorBlind'];

type Words = readonly string[];

/**
 * What bash would offer behind each of these words, of which the last is being typed. `files`: it would list files. One bash
 * answers all.
 */
function offersOf(...typedWords: readonly Words[]): (...words: Words) => readonly string[] {
  const asked = typedWords.map((words) => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(rollcall ${quoted}); COMP_CWORD=${words.length}; COMPREPLY=()
_rollcall; printf '%s\\n' "\${COMPREPLY[@]}"; echo ---`;
  });
  const script = ['compopt() { echo files; }', completionText('bash', SECTIONS), ...asked];
  const { stdout, stderr } = spawnSync('bash', ['-uc', script.join('\n')], { encoding: 'utf8' });
  expect(stderr).to.equal('');
  const answers = stdout.split('---\n').map((lines) => lines.split('\n').filter(Boolean));
  expect(answers).to.have.length(typedWords.length + 1);
  return (...words) => {
    const at = typedWords.findIndex((one) => one.join(' ') === words.join(' '));
    const answer = answers[at];
    if (answer === undefined) throw new Error(`bash was not asked about ${words.join(' ')}`);
    return answer;
  };
}

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error === undefined;

describe('the completion of bash', () => {
  before(function () {
    if (!hasShell('bash')) skip(this, 'needs bash');
  });

  it('offers the commands, then the options of the one that was typed', () => {
    const offered = offersOf(
      [''],
      ['ca'],
      ['--v'],
      ...COMMAND_ROWS.map(([name]) => [name, '--']),
      ['check', ''],
      ['check', '--all', '--col'],
    );
    expect(offered('')).to.deep.equal(COMMAND_ROWS.map(([name]) => name));
    expect(offered('ca')).to.deep.equal(['capture']);
    expect(offered('--v')).to.deep.equal(['--version']);
    for (const [name, { options }] of COMMAND_ROWS) {
      const shown = Object.entries(options).filter(([, { hidden }]) => hidden !== true);
      expect(offered(name, '--'), name).to.deep.equal([
        '--help',
        '--version',
        ...shown.map(([option]) => `--${option}`),
      ]);
    }
    expect(offered('check', '')).to.include('--settle');
    expect(offered('check', '--all', '--col')).to.deep.equal(['--color']);
  });

  it('offers the values of an option, even after =', () => {
    const offered = offersOf(
      ['check', '--format', ''],
      ['mounts', '--format', 'j'],
      ['mounts', '--format', '='],
      ['mounts', '--format', '=', 'j'],
      ['sensors', '--tool', 'tr'],
      ['check', '--capture', ''],
      ['check', '--settle', ''],
    );
    expect(offered('check', '--format', '')).to.deep.equal(['table', 'json', 'html']);
    expect(offered('mounts', '--format', 'j')).to.deep.equal(['json']);
    // As bash cuts --format=j.
    expect(offered('mounts', '--format', '=')).to.deep.equal(['table', 'json']);
    expect(offered('mounts', '--format', '=', 'j')).to.deep.equal(['json']);
    expect(offered('sensors', '--tool', 'tr')).to.deep.equal(['tracee']);
    expect(offered('check', '--capture', '')).to.deep.equal(['files']);
    expect(offered('check', '--settle', '')).to.deep.equal([]);
  });

  it('offers what each command takes: no options in the place of an argument', () => {
    const offered = offersOf(
      ...COMMAND_ROWS.map(([name]) => [name, '']),
      ['runbook', 'Roll'],
      ['explain', '--r'],
      ['ack', '--u'],
      ['later', ''],
    );
    const offers = COMMAND_ROWS.flatMap(([name, { positional }]) =>
      positional === undefined ? [] : [[name, offered(name, '')]],
    );
    expect(Object.fromEntries(offers)).to.deep.equal({
      explain: [],
      events: [],
      ledgers: [],
      capture: ['files'],
      ack: [],
      runbook: SECTIONS,
      completion: SHELLS,
    });
    expect(offered('runbook', 'Roll')).to.deep.equal(['RollcallSensorBlind']);
    expect(offered('explain', '--r')).to.deep.equal(['--root', '--runbook']);
    expect(offered('ack', '--u')).to.deep.equal(['--undo']);
    expect(offered('later', '')).to.deep.equal(['--help', '--version']);
  });
});

describe('the completion of zsh', () => {
  it('is read without a complaint, and completes rollcall', function () {
    if (!hasShell('zsh')) skip(this, 'needs zsh');
    const script = `autoload -U compinit && compinit -D -u\n${completionText('zsh', SECTIONS)}\nprint $_comps[rollcall]`;
    const { stdout, stderr } = spawnSync('zsh', ['-fc', script], { encoding: 'utf8' });
    expect([stdout, stderr]).to.deep.equal(['_rollcall\n', '']);
  });
});

describe('rollcall completion', () => {
  it('knows the reasons and alerts of the runbook', async () => {
    const { code, stdout } = await typed(['completion', 'bash']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/ words='[^']*unknown-to-garden[^']* RollcallSensorBlind/);
    expect(stdout).to.match(/ words='[^']* RollcallUnknownToGarden RollcallUnowned/);
  });

  it("is for the user's shell by default", async () => {
    for (const [SHELL, shell] of [
      ['/usr/bin/zsh', 'zsh'],
      ['/bin/bash', 'bash'],
      ['/bin/sh', 'bash'],
    ] as const) {
      const { stdout } = await ran((io) => run(['completion'], io), { env: { SHELL } });
      expect(stdout, SHELL).to.contain(`# Completion of rollcall for ${shell}.`);
    }
  });

  it('names the shells that it supports', async () => {
    const { code, stdout, stderr } = await rollcall(['completion', 'fish']);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.equal(
      'rollcall: Completion exists for bash and zsh, not for "fish". See rollcall completion --help.\n',
    );
  });
});
