import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { temporaryFolder, writeFiles } from '../../temporary-folder.ts';
import { cell, NOW, seriesOf, type StandInCell } from '../standin/fleet.ts';
import { foundationWith, type StandInOptions } from '../standin/foundation.ts';
import { ranPlugin, type Ran } from '../standin/ran-plugin.ts';
import { tokenFor } from '../standin/tokens.ts';

const MINUTE = 60;
const DAY = 86_400;

/** The cells of a foundation at some time, by their numbers. */
interface Cells {
  /** Both rollcall and rep report from these. */
  readonly reporting: readonly number[];
  /** Only rep reports from these. */
  readonly withoutRollcall?: readonly number[];
  /** Any others, as they are. */
  readonly others?: readonly StandInCell[];
}

/** A cell from which rollcall reports, so many seconds after NOW. */
const reportingCell = (
  number: number,
  seconds: number,
  change: Partial<StandInCell> = {},
): StandInCell => cell(number, { passAge: 9 - seconds, ...change });

/** The cells as Log Cache has them so many seconds after NOW. */
const cellsAt = (
  seconds: number,
  { reporting, withoutRollcall = [], others = [] }: Cells,
): readonly StandInCell[] => [
  ...reporting.map((number) => reportingCell(number, seconds)),
  ...withoutRollcall.map((number) => cell(number, { isCovered: false })),
  ...others,
];

/** The numbers of the first cells of a foundation. */
const firstCells = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, number) => number);

/** A machine on which one user runs the plugin, and the foundation that the plugin asks. */
interface Machine {
  /** Runs the plugin once, with these options. */
  readonly run: (...typed: readonly string[]) => Promise<Ran>;
  /** Runs it once with these options, for its answer in JSON. */
  readonly status: (...typed: readonly string[]) => Promise<FoundationStatus>;
  /** From now on it is so many seconds after NOW, and the foundation has these cells. */
  readonly later: (seconds: number, laterCells: Cells, more?: Partial<StandInOptions>) => void;
  /** The home of cf. */
  readonly home: string;
  /** The address of the API. */
  readonly origin: string;
}

async function machineWith(
  cells: Cells,
  { home = temporaryFolder(), user = 'user-1' }: { home?: string; user?: string } = {},
): Promise<Machine> {
  const foundation = await foundationWith({ series: seriesOf(...cellsAt(0, cells)) });
  const cf = { accessToken: () => Promise.resolve(tokenFor(user)) };
  const run: Machine['run'] = (...typed) => ranPlugin(foundation, typed, { home, cf });
  return {
    run,
    status: async (...typed) => {
      const { stdout } = await run('--output=json', ...typed);
      return JSON.parse(stdout) as FoundationStatus;
    },
    later: (seconds, laterCells, more = {}) =>
      foundation.become({
        now: NOW + seconds,
        series: seriesOf(...cellsAt(seconds, laterCells)),
        ...more,
      }),
    home,
    origin: foundation.origin,
  };
}

/** The folder in which the plugin remembers cells. */
const folderOf = ({ home }: Machine): string => path.join(home, '.cf/rollcall');

/** The only file in that folder. */
function fileOf(machine: Machine): string {
  const [name = expect.fail('nothing was kept'), ...more] = readdirSync(folderOf(machine));
  expect(more).to.deep.equal([]);
  return path.join(folderOf(machine), name);
}

/** From now on that file cannot be written, not even by root: a directory is where it is made. */
function makeUnwritable(machine: Machine): void {
  mkdirSync(`${fileOf(machine)}.${process.pid}`);
}

/** The addresses of the cells that are gone. */
const goneIn = ({ cells }: FoundationStatus): string[] =>
  cells.filter(({ verdict }) => verdict === 'gone').map(({ ip }) => ip);

describe('a cell that no longer reports', () => {
  it('is gone since its last sample, long after Log Cache has forgotten it, and makes the answer unknown', async () => {
    const machine = await machineWith({ reporting: firstCells(14) });
    expect((await machine.status()).verdict).to.equal('all-tracked');
    for (const later of [20 * MINUTE, 30 * DAY]) {
      machine.later(later, { reporting: firstCells(7) });
      const status = await machine.status();
      expect(status).to.include({ verdict: 'unknown', complete: false });
      expect(status.summary.byVerdict).to.include({ gone: 7, 'all-tracked': 7 });
      expect(status.cells[0]).to.include({
        verdict: 'gone',
        goneSince: new Date((NOW - 6) * 1000).toISOString(),
        listed: null,
      });
      const { code, stdout } = await machine.run();
      expect(code).to.equal(1);
      expect(stdout).to.match(
        /^diego_cell\/\S{8} gone since 2026-03-02T10:21:39Z: Nothing has arrived for more than 5m, and no run on this machine saw a later sample\. rep there is silent too: the VM is deleted or down, or its clock is behind\.$/m,
      );
      expect(stdout).to.match(
        /^A gone cell stays in this list until it reports again\. If it was deleted: cf rollcall-status --forget CELL \(or all-gone\)\.$/m,
      );
      expect(stdout).to.contain('14 cells: 7 gone, 7 all tracked. Nothing is known to be');
    }
  });

  it('is gone since the newest sample of all runs', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(10 * MINUTE, { reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [0] });
    const [lost] = (await machine.status()).cells;
    expect(lost?.goneSince).to.equal(new Date((NOW + 10 * MINUTE - 6) * 1000).toISOString());
  });

  it('is gone although its rep still reports, and the answer says so', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [0], withoutRollcall: [1] });
    const [lost] = (await machine.status()).cells;
    expect(lost?.verdict).to.equal('gone');
    expect(lost?.why).to.contain('rep there still reports: check that rollcall and prom_scraper');
  });

  it('is tracked once it reports again, also as another VM', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [0] });
    expect((await machine.status()).verdict).to.equal('unknown');
    const recreated = reportingCell(1, 2 * DAY, { ip: '10.0.9.9' });
    machine.later(2 * DAY, { reporting: [0], others: [recreated] });
    expect(await machine.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('is unknown, not gone, if Log Cache goes back too little', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [0] }, { oldestAge: 100 });
    const [lost] = (await machine.status()).cells;
    expect(lost).to.include({
      verdict: 'unknown',
      why:
        'The cell reported before, ' +
        'and Log Cache goes back too little to show whether it still does.',
    });
  });

  it('is unknown, not gone, if a read fails', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(
      DAY,
      { reporting: [0] },
      {
        fault: ({ pathname }) =>
          pathname.endsWith('/read/rep') ? { kind: 'answer', status: 500, body: '' } : null,
      },
    );
    const [lost] = (await machine.status()).cells;
    expect(lost?.verdict).to.equal('unknown');
    expect(lost?.why).to.match(/^Not all samples of the cell could be read: Log Cache answers 500/);
  });

  it('stays remembered through a run in which Log Cache knows no cell', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [] });
    expect((await machine.run()).stderr).to.match(/^Log Cache knows no cell, not even from rep/);
    machine.later(2 * DAY, { reporting: [0] });
    expect(goneIn(await machine.status())).to.deep.equal(['10.0.4.11']);
  });

  it('is left out of the answer about another deployment, and stays remembered', async () => {
    const isolated = (seconds: number): StandInCell =>
      reportingCell(5, seconds, { deployment: 'iso' });
    const machine = await machineWith({ reporting: [0, 1], others: [isolated(0)] });
    await machine.run('--deployment', 'iso');
    machine.later(DAY, { reporting: [0], others: [isolated(DAY)] });
    expect((await machine.status('--deployment', 'iso')).verdict).to.equal('all-tracked');
    expect(goneIn(await machine.status('--deployment', 'cf'))).to.deep.equal(['10.0.4.11']);
  });

  it('is not remembered if rollcall never reported from it', async () => {
    const machine = await machineWith({ reporting: [0], withoutRollcall: [1] });
    expect((await machine.status()).summary.byVerdict).to.include({ uncovered: 1 });
    machine.later(DAY, { reporting: [0] });
    expect(await machine.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('is not remembered if its rep was never heard, as a note says while Log Cache still shows it', async () => {
    const withoutRep = cell(1, { repSampleAge: null });
    const machine = await machineWith({ reporting: [0], others: [withoutRep] });
    expect((await machine.status()).verdict).to.equal('all-tracked');
    const silent = cell(1, { repSampleAge: null, sampleAge: 200, passAge: 205 - 5 * MINUTE });
    machine.later(5 * MINUTE, { reporting: [0], others: [silent] });
    const shown = await machine.status();
    expect(goneIn(shown)).to.deep.equal(['10.0.4.11']);
    expect(shown.notes).to.include(
      '1 gone cell disappears from this list when Log Cache forgets it, ' +
        'because no run on this machine saw samples of both its rollcall and its rep. ' +
        'Use --expect-cells N.',
    );
    machine.later(DAY, { reporting: [0] });
    expect((await machine.status()).verdict).to.equal('all-tracked');
  });
});

describe('cf rollcall-status --forget', () => {
  const lostCells = async () => {
    const machine = await machineWith({ reporting: [0, 1, 2, 3] });
    await machine.run();
    machine.later(DAY, { reporting: [0] });
    return machine;
  };

  it('forgets the cells that it names, by the beginning of the index, by name or by address', async () => {
    const machine = await lostCells();
    const index = (number: number): string => cell(number).index;
    const named = `${index(1).slice(0, 8)},diego_cell/${index(2)}`;
    const { stdout, code } = await machine.run('--forget', named);
    expect(stdout).to.contain(`\nForgotten: diego_cell/${index(1)}, diego_cell/${index(2)}.\n`);
    expect(code).to.equal(1);
    expect(goneIn(await machine.status())).to.deep.equal(['10.0.4.13']);
    expect(await machine.status('--forget', '10.0.4.13')).to.include({ verdict: 'all-tracked' });
    expect(await machine.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('forgets all gone cells, or those of a deployment', async () => {
    const machine = await lostCells();
    expect((await machine.status('--forget', 'all-gone', '--deployment', 'iso')).notes).to.include(
      'No cell is gone: none is forgotten.',
    );
    const { verdict, notes } = await machine.status('--forget', 'all-gone');
    expect(verdict).to.equal('all-tracked');
    expect(notes.join(' ')).to.match(
      /Forgotten: diego_cell\/\S+, diego_cell\/\S+, diego_cell\/\S+\.$/,
    );
    const again = await machine.status('--forget', 'all-gone');
    expect(again.notes).to.include('No cell is gone: none is forgotten.');
  });

  it('holds although Log Cache still has samples of the cell, which was just deleted', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    const lastSample = 40;
    const deleted = (now: number): StandInCell =>
      cell(1, { sampleAge: now - lastSample, passAge: 3 - lastSample, repSampleAge: null });
    machine.later(4 * MINUTE, { reporting: [0], others: [deleted(4 * MINUTE)] });
    expect(goneIn(await machine.status())).to.deep.equal(['10.0.4.11']);
    await machine.run('--forget=all-gone');
    for (const now of [4 * MINUTE, 5 * MINUTE, 14 * MINUTE, DAY]) {
      machine.later(now, { reporting: [0], others: [deleted(now)] });
      expect((await machine.status()).verdict, `after ${now} s`).to.equal('all-tracked');
    }
  });

  it('lasts until the cell reports again', async () => {
    const machine = await lostCells();
    await machine.run('--forget', 'all-gone');
    const soon = DAY + 5 * MINUTE;
    machine.later(soon, { reporting: [0, 1] });
    expect((await machine.status()).summary.byVerdict).to.include({ 'all-tracked': 2, gone: 0 });
    machine.later(2 * DAY, { reporting: [0] });
    expect(goneIn(await machine.status())).to.deep.equal(['10.0.4.11']);
  });

  it('refuses a name that fits no gone cell, or several, and then forgets nothing', async () => {
    const machine = await lostCells();
    expect((await machine.run('--forget', '10.0.4.11,10.0.4.10')).stderr).to.equal(
      'No gone cell is called 10.0.4.10: cf rollcall-status lists those that are gone.\n',
    );
    expect((await machine.run('--forget', 'diego_cell/')).stderr).to.equal(
      '3 gone cells are called diego_cell/: name each by more of its index.\n',
    );
    const { stdout } = await machine.run('--forget', 'none', '--output=json');
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'CELL_NOT_FOUND');
    expect(goneIn(await machine.status())).to.have.length(3);
  });

  it('fails if the file of remembered cells cannot be written, and forgets nothing', async () => {
    const machine = await lostCells();
    makeUnwritable(machine);
    const { stderr, code } = await machine.run('--forget', 'all-gone');
    expect(stderr).to.match(
      /^Nothing is forgotten, because \/\S+\.json cannot be written \(EISDIR\)\.\n$/,
    );
    expect(code).to.equal(1);
  });
});

describe('with --expect-cells', () => {
  it('gone cells are named, and do not make the answer unknown if as many report', async () => {
    const machine = await machineWith({ reporting: firstCells(4) });
    await machine.run();
    machine.later(DAY, { reporting: [0, 1, 9] });
    expect(await machine.status('--expect-cells=4')).to.include({ verdict: 'unknown' });
    const status = await machine.status('--expect-cells=3');
    expect(status).to.include({ verdict: 'all-tracked', complete: true });
    expect(goneIn(status)).to.deep.equal(['10.0.4.12', '10.0.4.13']);
    const { code, stdout } = await machine.run('--expect-cells=3');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^diego_cell\/\S{8} gone since /m);
    expect(stdout).to.match(/\n5 cells: 2 gone, 3 all tracked\. No container is untracked\.\n$/);
  });

  it('a gone cell whose rep reports makes the answer unknown all the same: it is not deleted', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    machine.later(DAY, { reporting: [0], withoutRollcall: [1] });
    expect((await machine.status('--expect-cells=1')).verdict).to.equal('unknown');
  });
});

describe('the file in which the plugin remembers cells', () => {
  it('is one for this API and user, in a folder in the home of cf, and only they can read it', async () => {
    const machine = await machineWith({ reporting: [0] });
    await machine.run();
    const file = fileOf(machine);
    expect(path.basename(file)).to.match(/^cells-[0-9a-f]{32}\.json$/);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(statSync(folderOf(machine)).mode & 0o777).to.equal(0o700);
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({
      schemaVersion: 1,
      api: machine.origin,
      user: 'user-1',
      cells: [
        {
          deployment: 'cf',
          instanceGroup: 'diego_cell',
          index: cell(0).index,
          ip: '10.0.4.10',
          lastSampleAt: '2026-03-02T10:21:39.000Z',
          forgottenAt: null,
        },
      ],
    });
  });

  it('is not shared with another user, or for another API', async () => {
    const home = temporaryFolder();
    const ofOne = await machineWith({ reporting: [0, 1] }, { home });
    const ofOther = await machineWith({ reporting: [0, 2] }, { home });
    await ofOne.run();
    await ofOther.run();
    ofOne.later(DAY, { reporting: [0] });
    ofOther.later(DAY, { reporting: [0] });
    expect(goneIn(await ofOne.status())).to.deep.equal(['10.0.4.11']);
    expect(goneIn(await ofOther.status())).to.deep.equal(['10.0.4.12']);
    expect(readdirSync(folderOf(ofOne))).to.have.length(2);
    const asOther = { accessToken: () => Promise.resolve(tokenFor('user-2')) };
    const { stdout } = await ranPlugin(
      { now: NOW + DAY, series: seriesOf(...cellsAt(DAY, { reporting: [0] })) },
      ['--output=json'],
      { home, cf: { ...asOther, apiEndpoint: () => Promise.resolve(ofOne.origin) } },
    );
    expect(goneIn(JSON.parse(stdout) as FoundationStatus)).to.deep.equal([]);
  });

  it('is missing on the first run, which says that lost cells may be missing from its answer', async () => {
    const machine = await machineWith({ reporting: [0] });
    const first =
      'No earlier run on this machine with this API and user is known: ' +
      'a cell that was lost more than 15m ago would be missing. ' +
      'Use --expect-cells N to notice.';
    expect((await machine.status()).notes).to.deep.equal([first]);
    expect((await machine.status()).notes).to.deep.equal([]);
    const expecting = await machineWith({ reporting: [0] });
    expect((await expecting.status('--expect-cells=1')).notes).to.deep.equal([]);
  });

  for (const [what, content, why] of [
    ['is damaged', '{"schemaVersion":1,"cel', 'is not valid JSON'],
    ['is of another version', '{"schemaVersion":2}', 'has the schemaVersion 2'],
    ['is no object', '[]', 'has no schemaVersion'],
    [
      'lacks its cells',
      '{"schemaVersion":1,"api":"a","user":"b"}',
      'has an unexpected value at cells',
    ],
    [
      'is that of another API',
      '{"schemaVersion":1,"api":"https://api.example.com","user":"user-1","cells":[]}',
      'is of another API or user',
    ],
    ['costs too much to parse', '['.repeat(70_000), 'is nested deeper than 64 levels'],
    ['is too large', ' '.repeat(17 * 1024 * 1024), 'is too large'],
  ] as const)
    it(`is replaced if it ${what}: that run says so, and its answer is unknown`, async () => {
      const machine = await machineWith({ reporting: [0, 1] });
      await machine.run();
      const file = fileOf(machine);
      writeFileSync(file, content);
      const status = await machine.status();
      expect(status).to.include({ verdict: 'unknown', complete: false });
      expect(status.notes).to.deep.equal([
        `The cells that earlier runs saw are not known, because ${file} ${why}: ` +
          'a lost cell may be missing. ' +
          'This run begins anew.',
      ]);
      expect(await machine.status()).to.include({ verdict: 'all-tracked', complete: true });
      writeFileSync(file, content);
      const expecting = await machine.status('--expect-cells=2');
      expect(expecting).to.include({ verdict: 'all-tracked' });
      expect(expecting.notes).to.deep.equal(status.notes);
    });

  it('is replaced if it is that of another user of the same API', async () => {
    const machine = await machineWith({ reporting: [0] });
    await machine.run();
    const file = fileOf(machine);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"user-1"', '"user-2"'));
    expect((await machine.status()).notes[0]).to.contain(`${file} is of another API or user`);
  });

  it('makes the answer unknown if it cannot be read', async () => {
    const home = temporaryFolder();
    writeFiles(home, { '.cf/rollcall': 'a file in place of the folder' });
    const machine = await machineWith({ reporting: [0] }, { home });
    const { verdict, notes } = await machine.status();
    expect(verdict).to.equal('unknown');
    expect(notes[0]).to.contain('.json cannot be read (ENOTDIR): a lost cell may be missing.');
  });

  it('is neither read nor written if a directory has its name', async () => {
    const machine = await machineWith({ reporting: [0] });
    await machine.run();
    const file = fileOf(machine);
    rmSync(file);
    mkdirSync(file);
    const { notes } = await machine.status();
    expect(notes[0]).to.contain(`${file} is not a file: a lost cell may be missing`);
    expect(notes[1]).to.match(/are not saved, because \S+ cannot be written \(EISDIR\)/);
  });

  it('is not written in a home that is read-only: a note says so, and the answer is the usual one', async () => {
    const machine = await machineWith({ reporting: [0] }, { home: '/sys' });
    const { verdict, notes } = await machine.status();
    expect(verdict).to.equal('all-tracked');
    expect(notes[1]).to.match(
      /^The cells of this run are not saved, because \/sys\/\.cf\/rollcall\/\S+ cannot be written \(E[A-Z]+\): later runs do not know them\.$/,
    );
  });

  it("is not written if cf's token does not say whose it is", async () => {
    const { stdout } = await ranPlugin(
      { series: seriesOf(...cellsAt(0, { reporting: [0] })) },
      [],
      {
        cf: { accessToken: () => Promise.resolve('bearer opaque') },
      },
    );
    expect(stdout).to.match(
      /^The cells of this run are not saved, because cf's token does not say whose it is: later runs do not know them\.$/m,
    );
  });

  describe('with 10,000 cells that are lost', () => {
    const crowdedMachine = async (): Promise<Machine> => {
      const machine = await machineWith({ reporting: [0, 1] });
      await machine.run();
      const file = fileOf(machine);
      const kept = JSON.parse(readFileSync(file, 'utf8')) as { cells: { index: string }[] };
      const [one = expect.fail('no cell')] = kept.cells;
      const lost = { ...one, lastSampleAt: '2026-03-01T00:00:00Z' };
      const cells = Array.from({ length: 10_000 }, (_, at) => ({ ...lost, index: `lost-${at}` }));
      writeFileSync(file, JSON.stringify({ ...kept, cells }));
      return machine;
    };

    it('has no room for others, and a note says how many those are', async () => {
      const machine = await crowdedMachine();
      const { notes, summary } = await machine.status();
      expect(summary.byVerdict.gone).to.equal(10_000);
      expect(notes).to.include('Only 10,000 cells can be saved, and 2 more report.');
      const kept = readFileSync(fileOf(machine), 'utf8');
      expect(kept).to.contain('lost-9999').and.not.contain(cell(1).index);
    });

    it('can still be read after one of them is forgotten', async () => {
      const machine = await crowdedMachine();
      await machine.run('--forget', 'lost-9999');
      const { summary } = await machine.status();
      expect(summary.byVerdict.gone).to.equal(9999);
    });
  });

  it('has no cell with a name that BOSH cannot give', async () => {
    const names = ['x'.repeat(101), 'a\u001b[2J', 'a\u202eb'];
    const strange = names.map((index) => cell(1, { index }));
    const machine = await machineWith({ reporting: [0], others: strange });
    await machine.run();
    expect(readFileSync(fileOf(machine), 'utf8').match(/"index"/g)).to.have.length(1);
  });

  it('cannot steer the terminal, whatever is in it', async () => {
    const machine = await machineWith({ reporting: [0, 1] });
    await machine.run();
    const file = fileOf(machine);
    const nasty = readFileSync(file, 'utf8').replaceAll('diego_cell', 'x\\u001b[2J\\n');
    writeFileSync(file, nasty);
    machine.later(DAY, { reporting: [0] });
    const { stdout } = await machine.run('--forget', 'all-gone');
    expect(stdout).to.contain('Forgotten: x\\u{1b}[2J\\n/').and.not.contain('\u001b');
  });
});
