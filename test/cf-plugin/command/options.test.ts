import { expect } from 'chai';
import fc from 'fast-check';
import { OPTIONS, readArguments, USAGE } from '../../../src/cf-plugin/command/options.ts';
import { pluginMetadata } from '../../../src/cf-plugin/command/plugin-metadata.ts';
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
      cell: null,
      deployment: null,
      untracked: false,
      output: 'table',
      watch: false,
      expectCells: null,
    });
  });

  it('are read as they are typed', () => {
    const typed = ['--cell=10.0.4.12', '--deployment', 'cf', '--untracked', '--output', 'json'];
    expect(readArguments([...typed, '--watch', '--expect-cells', '250'])).to.deep.equal({
      cell: '10.0.4.12',
      deployment: 'cf',
      untracked: true,
      output: 'json',
      watch: true,
      expectCells: 250,
    });
  });

  it('are refused in one line', () => {
    const see = 'See cf help rollcall-status.';
    expect(refusal('--cells', 'x')).to.equal(`Incorrect Usage: Unknown option '--cells'. ${see}`);
    expect(refusal('--output', 'yaml')).to.equal(
      `Incorrect Usage: --output is table or json. ${see}`,
    );
    for (const number of ['x', '-1', '1.5', '1e3', '']) {
      expect(refusal(`--expect-cells=${number}`), number).to.contain('is a number of cells');
    }
    expect(refusal('--cell', '')).to.contain('--cell is empty.');
    for (const typed of [['--cell'], ['cell'], ['--watch=yes'], ['-x'], ['--']]) {
      if (typed[0] === '--') expect(readArguments(typed).cell).to.equal(null);
      else
        expect(refusal(...typed), typed.join(' ')).to.match(/^Incorrect Usage: .+\. See cf help/);
    }
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
    expect(USAGE).to.equal(
      'cf rollcall-status [--cell CELL] [--deployment NAME] [--untracked] [--output table|json] [--watch] [--expect-cells N]',
    );
    expect(command).to.include({ name: 'rollcall-status', alias: 'rcs', usage: USAGE });
    expect(pluginMetadata.libraryVersion.major).to.be.at.most(1);
  });
});
