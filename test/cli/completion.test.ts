import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { COMMAND_ROWS, COMMANDS, SHELLS, type CommandRow } from '../../src/cli/command-table.ts';
import { completionText } from '../../src/cli/completion.ts';
import { skip } from '../skip.ts';
import { ran, rollcall, typed } from './rollcall.ts';
import { rollcall as run } from '../../src/cli/commands.ts';

const SECTIONS = ['unowned', 'RollcallSensorBlind'];

/** The words before the cursor, and what bash would offer there. `files`: it would list files. */
type Offer = readonly [words: string, offered: readonly string[]];

/** One bash answers all. A line that ends in a space has an empty last word. */
function expectOffers(offers: readonly Offer[]): void {
  const asked = offers.map(([line]) => {
    const words = line.split(' ');
    const quoted = words.map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(rollcall ${quoted}); COMP_CWORD=${words.length}; COMPREPLY=()
_rollcall; printf '%s\\n' "\${COMPREPLY[@]}"; echo ---`;
  });
  const script = ['compopt() { echo files; }', completionText('bash', SECTIONS), ...asked];
  const { stdout, stderr } = spawnSync('bash', ['-uc', script.join('\n')], { encoding: 'utf8' });
  expect(stderr).to.equal('');
  const answers = stdout.split('---\n').map((lines) => lines.split('\n').filter(Boolean));
  expect(offers.map(([line], at): Offer => [line, answers[at] ?? []])).to.deep.equal(offers);
}

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error === undefined;

describe('the completion of bash', () => {
  before(function () {
    if (!hasShell('bash')) skip(this, 'needs bash');
  });

  it('offers the commands, then the options of the one that was typed', () => {
    const everywhere = ['--help', '--version'];
    const optionsOf = ({ options }: CommandRow): readonly string[] => [
      ...everywhere,
      ...Object.entries(options).flatMap(([name, { hidden }]) =>
        hidden === true ? [] : [`--${name}`],
      ),
    ];
    expectOffers([
      ['', COMMAND_ROWS.map(([name]) => name)],
      ['ca', ['capture']],
      ['--v', ['--version']],
      ['later ', everywhere],
      ...COMMAND_ROWS.map(([name, row]): Offer => [`${name} --`, optionsOf(row)]),
      ['check ', optionsOf(COMMANDS.check)],
      ['check --all --col', ['--color']],
      ['explain --r', ['--root', '--runbook']],
      ['ack --u', ['--undo']],
    ]);
  });

  it('offers the values of an option, even after =, which bash takes for a word', () =>
    expectOffers([
      ['check --format ', ['table', 'json', 'html']],
      ['mounts --format j', ['json']],
      ['mounts --format =', ['table', 'json']],
      ['mounts --format = j', ['json']],
      ['sensors --tool tr', ['tracee']],
      ['check --capture ', ['files']],
      ['check --settle ', []],
    ]));

  it('offers what each command takes: no options in the place of an argument', () => {
    const taken = { capture: ['files'], runbook: SECTIONS, completion: SHELLS };
    const takes = COMMAND_ROWS.filter(([, { positional }]) => positional !== undefined);
    expectOffers([
      ...takes.map(([name]): Offer => [`${name} `, new Map(Object.entries(taken)).get(name) ?? []]),
      ['runbook Roll', ['RollcallSensorBlind']],
    ]);
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
