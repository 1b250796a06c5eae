import { expect } from 'chai';
import fc from 'fast-check';
import {
  failureForm,
  OPTIONS,
  pluginMetadata,
  readArguments,
  USAGE,
} from '../../../src/cf-plugin/cf/options.ts';
import { KnownFailure } from '../../../src/model/failure.ts';

const refusal = (...typed: readonly string[]): string => {
  try {
    readArguments(typed);
  } catch (error) {
    if (error instanceof KnownFailure && error.code === 'USAGE') return error.message;
    throw error;
  }
  throw new Error(`taken: ${typed.join(' ')}`);
};

describe('the options of cf rollcall-status', () => {
  it('have defaults', () => {
    expect(readArguments([])).to.deep.equal({
      app: null,
      selection: { cell: null, deployment: null, untrackedOnly: false },
      wide: false,
      view: 'cells',
      output: 'table',
      watch: false,
      expectedCells: null,
      expectedGroups: null,
      timeoutSeconds: 20,
    });
  });

  it('are read as they are typed', () => {
    const typed = ['--cell=10.0.4.12', '--deployment', 'cf', '--untracked', '--output', 'json'];
    const more = ['--expect-cells', '250', '--expect-groups', 'a, b', '--timeout', '5', '--wide'];
    expect(readArguments([...typed, '--watch', ...more])).to.deep.equal({
      app: null,
      selection: { cell: '10.0.4.12', deployment: 'cf', untrackedOnly: true },
      wide: true,
      view: 'cells',
      output: 'json',
      watch: true,
      expectedCells: 250,
      expectedGroups: ['a', 'b'],
      timeoutSeconds: 5,
    });
  });

  it('are refused in one line', () => {
    const see = 'See cf help rollcall-status.';
    expect(refusal('--cells', 'x')).to.equal(`Incorrect Usage: Unknown option '--cells'. ${see}`);
    expect(refusal('--output', 'yaml')).to.equal(
      `Incorrect Usage: --output is table, json or csv. ${see}`,
    );
    for (const number of ['x', '-1', '1.5', '1e3', '']) {
      expect(refusal(`--expect-cells=${number}`), number).to.contain('is a number of cells');
    }
    for (const seconds of ['0', 'x', '1.5', '']) {
      expect(refusal(`--timeout=${seconds}`), seconds).to.contain('is a number of seconds');
    }
    for (const groups of ['a,', ',', ' ']) {
      expect(refusal('--expect-groups', groups), groups).to.contain('has an empty name.');
    }
    expect(refusal('--cell', '')).to.contain('--cell is empty.');
    for (const typed of [['--cell'], ['cell'], ['--watch=yes'], ['-x'], ['--']]) {
      if (typed[0] === '--') expect(readArguments(typed).selection.cell).to.equal(null);
      else
        expect(refusal(...typed), typed.join(' ')).to.match(/^Incorrect Usage: .+\. See cf help/);
    }
  });

  it('are refused by their whole words, dots in them too', () => {
    const see = 'See cf help rollcall-status.';
    const typed: readonly (readonly [string, string])[] = [
      ['10.0.4.11', "Unexpected argument '10.0.4.11'."],
      ['json', "Unexpected argument 'json'."],
      ["it's. no\u001b[2J", "Unexpected argument 'it's. no\\u{1b}[2J'."],
      ['--cell.ip=10.0.4.11', "Unknown option '--cell.ip'."],
      ['--constructor', "Unknown option '--constructor'."],
      ['-x', "Unknown option '-x'."],
      ['--watch=1.5', "Option '--watch' does not take an argument."],
    ];
    for (const [word, said] of typed) {
      expect(refusal('--untracked', word), word)
        .to.match(/^Incorrect Usage: /)
        .and.to.contain(said.slice(0, -1));
    }
    expect(refusal('--cell', '--output', 'json')).to.equal(
      `Incorrect Usage: Option '--cell' argument is ambiguous. ${see}`,
    );
  });

  it('say how a failure is reported, whatever else is wrong with them', () => {
    const form = (typed: string): string => failureForm(typed.split(' '));
    for (const typed of [
      '',
      '--output',
      '--output yaml',
      '--output json --output table',
      '-- --output json',
    ]) {
      expect(form(typed), typed).to.equal('table');
    }
    for (const typed of [
      '--output json',
      '--output=json --x',
      '--cell --output json',
      '--output json --output yaml',
    ]) {
      expect(form(typed), typed).to.equal('json');
    }
    expect(form('--watch --output=json')).to.equal('json-line');
    expect(form('--watch')).to.equal('table');
  });

  it('never fail in another way', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.keys(OPTIONS).map((o) => `--${o}`)),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (typed) => {
        try {
          readArguments(typed);
        } catch (error) {
          expect(error).to.be.instanceOf(KnownFailure);
        }
      }),
    );
  });

  it('stand in what cf keeps of the plugin, one dash short, as cf wants them', () => {
    const [command] = pluginMetadata.commands;
    expect(Object.keys(command?.options ?? {})).to.deep.equal(
      Object.keys(OPTIONS).map((name) => `-${name}`),
    );
    expect(USAGE).to.match(
      /^cf rollcall-status \[--cell CELL\] .* \[--expect-groups A,B\] \[--timeout SECONDS\]\n\nEXAMPLES:\n   cf /,
    );
    expect(command).to.include({ name: 'rollcall-status', alias: 'rcs', usage: USAGE });
    expect(pluginMetadata.libraryVersion[0]).to.be.at.most(1);
  });
});
