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

/** What is typed, and what is said about it. */
const REFUSED: readonly (readonly [typed: string, said: string])[] = [
  ['--cells x', "Unknown option '--cells'."],
  ['--cell.ip=10.0.4.11', "Unknown option '--cell.ip'."],
  ['--constructor', "Unknown option '--constructor'."],
  ['-x', "Unknown option '-x'."],
  ['10.0.4.11', "Unexpected argument '10.0.4.11'."],
  ['--wide=1.5', "Option '--wide' does not take an argument."],
  ['--cell --output json', "Option '--cell' argument is ambiguous."],
  ['--cell', "Option '--cell <value>' argument missing."],
  ['--output yaml', '--output is table or json.'],
  ['--expect-cells=x', '--expect-cells is a number of cells.'],
  ['--expect-cells=-1', '--expect-cells is a number of cells.'],
  ['--expect-cells=1.5', '--expect-cells is a number of cells.'],
  ['--expect-cells=1e3', '--expect-cells is a number of cells.'],
  ['--expect-cells=', '--expect-cells is a number of cells.'],
  ['--timeout=0', '--timeout is a number of seconds.'],
  ['--timeout=1.5', '--timeout is a number of seconds.'],
  ['--timeout=', '--timeout is a number of seconds.'],
  ['--expect-groups=a,', '--expect-groups has an empty name.'],
  ['--expect-groups=,', '--expect-groups has an empty name.'],
  ['--forget=a,,b', '--forget has an empty name.'],
  ['--forget=', '--forget is empty.'],
  ['--app a --forget b', '--app and --forget exclude each other.'],
  ['--app=', '--app is empty.'],
  ['--org shop', '--org and --space need --app.'],
  ['--space test', '--org and --space need --app.'],
  ['--app a --sensors', '--app and --sensors exclude each other.'],
  ['--app a --cell 10.0.4.10', '--app and --cell exclude each other.'],
  ['--app a --expect-cells 2', '--app and --expect-cells exclude each other.'],
  ['--app a --expect-groups b', '--app and --expect-groups exclude each other.'],
  ['--app a --deployment cf', '--app and --deployment exclude each other.'],
  ['--untracked --sensors', '--untracked and --sensors exclude each other.'],
];

describe('the options of cf rollcall-status', () => {
  it('have defaults', () => {
    expect(readArguments([])).to.deep.equal({
      app: null,
      selection: { cell: null, deployment: null, untrackedOnly: false },
      isWide: false,
      view: 'cells',
      output: 'table',
      expectedCells: null,
      expectedGroups: null,
      forget: null,
      timeoutSeconds: 20,
    });
  });

  it('are read as they are typed', () => {
    const typed = ['--cell=10.0.4.12', '--deployment', 'cf', '--untracked', '--output', 'json'];
    const more = ['--expect-cells', '250', '--expect-groups', 'a, b', '--timeout', '5', '--wide'];
    const forget = ['--forget', '10.0.4.11, 5b1c0f4e'];
    expect(readArguments([...typed, ...more, ...forget])).to.deep.equal({
      app: null,
      selection: { cell: '10.0.4.12', deployment: 'cf', untrackedOnly: true },
      isWide: true,
      view: 'cells',
      output: 'json',
      expectedCells: 250,
      expectedGroups: ['a', 'b'],
      forget: ['10.0.4.11', '5b1c0f4e'],
      timeoutSeconds: 5,
    });
  });

  for (const [typed, said] of REFUSED)
    it(`are refused in one line where they are ${typed}`, () => {
      expect(refusal(...typed.split(/ +/))).to.equal(
        `Incorrect Usage: ${said} See cf help rollcall-status.`,
      );
    });

  it('are refused with their whole words, escaped so that they control no terminal', () => {
    expect(refusal('--untracked', "it's. no\u001b[2J")).to.contain(
      "Unexpected argument 'it's. no\\u{1b}[2J'.",
    );
    expect(refusal('--expect-groups', ' ')).to.contain('has an empty name.');
    expect(refusal('--cell', '')).to.contain('--cell is empty.');
    expect(readArguments(['--']).selection.cell).to.equal(null);
  });

  it('decide how a failure is reported, whatever else is wrong with them', () => {
    const form = (typed: string): string => failureForm(typed.split(' '));
    const tables = ['', '--output', '--output yaml', '--output json --output table'];
    for (const typed of [...tables, '-- --output json'])
      expect(form(typed), typed).to.equal('table');
    const json = ['--output json', '--output=json --x', '--cell --output json'];
    for (const typed of [...json, '--output json --output yaml'])
      expect(form(typed), typed).to.equal('json');
  });

  it('fail only with a known failure', () => {
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

  it('are in the metadata for cf, which adds one of their two dashes itself', () => {
    const { command } = pluginMetadata;
    expect(Object.keys(command.options)).to.deep.equal(
      Object.keys(OPTIONS).map((name) => `-${name}`),
    );
    expect(USAGE).to.match(/^cf rollcall-status \[--cell CELL\] /);
    expect(USAGE).to.match(
      / \[--expect-groups A,B\] \[--forget A,B\|all-gone\] \[--timeout SECONDS\]\n\nEXAMPLES:\n {3}cf /,
    );
    expect(command).to.include({ name: 'rollcall-status', alias: 'rcs', usage: USAGE });
    expect(pluginMetadata.libraryVersion[0]).to.be.at.most(1);
  });
});
