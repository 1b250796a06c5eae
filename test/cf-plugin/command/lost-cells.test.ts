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

/** Cells that report, so many seconds after NOW. */
const reporting = (seconds: number, ...numbers: readonly number[]): StandInCell[] =>
  numbers.map((number) => cell(number, { reconciled: 9 - seconds }));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

interface Place {
  /** Runs the plugin here, once more. */
  readonly run: (...typed: readonly string[]) => Promise<Ran>;
  readonly status: (...typed: readonly string[]) => Promise<FoundationStatus>;
  /** From now on, the foundation is that of so many seconds after NOW, and has these cells. */
  readonly after: (
    seconds: number,
    cells: readonly StandInCell[],
    more?: Partial<StandInOptions>,
  ) => void;
  readonly home: string;
  readonly origin: string;
}

/** A machine on which one user runs the plugin, and the foundation with the cells that it asks. */
async function placeBeside(
  cells: readonly StandInCell[],
  { home = temporaryFolder(), user = 'user-1' }: { home?: string; user?: string } = {},
): Promise<Place> {
  const foundation = await foundationWith({ series: cells.flatMap(seriesOf) });
  const cf = { accessToken: () => Promise.resolve(tokenFor(user)) };
  const run: Place['run'] = (...typed) => ranPlugin(foundation, typed, { home, cf });
  return {
    run,
    status: async (...typed) => {
      const { stdout } = await run('--output=json', ...typed);
      return JSON.parse(stdout) as FoundationStatus;
    },
    after: (seconds, later, more = {}) =>
      foundation.become({ now: NOW + seconds, series: later.flatMap(seriesOf), ...more }),
    home,
    origin: foundation.origin,
  };
}

const folderOf = ({ home }: Place): string => path.join(home, '.cf/rollcall');

function fileOf(place: Place): string {
  const [name = expect.fail('nothing was kept'), ...more] = readdirSync(folderOf(place));
  expect(more).to.deep.equal([]);
  return path.join(folderOf(place), name);
}

/** Writing fails there from now on, also for root. */
function unwritable(place: Place): void {
  mkdirSync(`${fileOf(place)}.${process.pid}`);
}

const goneIn = ({ cells }: FoundationStatus): string[] =>
  cells.filter(({ verdict }) => verdict === 'gone').map(({ ip }) => ip);

describe('a cell that no longer reports', () => {
  it('is gone since its last sample, long after Log Cache has forgotten it, and makes the answer unknown', async () => {
    const place = await placeBeside(reporting(0, ...upTo(14)));
    expect((await place.status()).verdict).to.equal('all-tracked');
    for (const later of [20 * MINUTE, 30 * DAY]) {
      place.after(later, reporting(later, ...upTo(7)));
      const status = await place.status();
      expect(status).to.include({ verdict: 'unknown', complete: false });
      expect(status.summary.byVerdict).to.include({ gone: 7, 'all-tracked': 7 });
      expect(status.cells[0]).to.include({
        verdict: 'gone',
        goneSince: new Date((NOW - 6) * 1000).toISOString(),
        listed: null,
      });
      const { code, stdout } = await place.run();
      expect(code).to.equal(1);
      expect(stdout).to.match(
        /^diego_cell\/\S{8} gone since 2026-03-02T10:21:39Z: Nothing has arrived for more than 5m, and no run here saw a later sample\. Its rep is silent too: the VM is deleted or down, or its clock is behind\.$/m,
      );
      expect(stdout).to.match(
        /^A gone cell stays in this list until it reports again\. If it was deleted: cf rollcall-status --forget CELL \(or all-gone\)\.$/m,
      );
      expect(stdout).to.contain('14 cells: 7 gone, 7 all tracked. Nothing is known to be');
    }
  });

  it('is gone since the newest sample of all runs', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(10 * MINUTE, reporting(10 * MINUTE, 0, 1));
    await place.run();
    place.after(DAY, reporting(DAY, 0));
    const [lost] = (await place.status()).cells;
    expect(lost?.goneSince).to.equal(new Date((NOW + 10 * MINUTE - 6) * 1000).toISOString());
  });

  it('is gone while its rep reports, which is said', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, [...reporting(DAY, 0), cell(1, { isCovered: false })]);
    const [lost] = (await place.status()).cells;
    expect(lost?.verdict).to.equal('gone');
    expect(lost?.why).to.contain('Its rep still reports: check that its rollcall and prom_scraper');
  });

  it('is all tracked once it reports again, also as another VM', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, reporting(DAY, 0));
    expect((await place.status()).verdict).to.equal('unknown');
    const recreated = cell(1, { reconciled: 9 - 2 * DAY, ip: '10.0.9.9' });
    place.after(2 * DAY, [...reporting(2 * DAY, 0), recreated]);
    expect(await place.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('is unknown, not gone, if Log Cache goes back too little', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, reporting(DAY, 0), { oldestAge: 100 });
    const [lost] = (await place.status()).cells;
    expect(lost).to.include({
      verdict: 'unknown',
      why: 'It reported before, and Log Cache goes back too little to tell whether it still does.',
    });
  });

  it('is unknown, not gone, if a read fails', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, reporting(DAY, 0), {
      fault: ({ pathname }) =>
        pathname.endsWith('/read/rep') ? { kind: 'answer', status: 500, body: '' } : null,
    });
    const [lost] = (await place.status()).cells;
    expect(lost?.verdict).to.equal('unknown');
    expect(lost?.why).to.match(/^Not all of its samples could be read: Log Cache answers 500/);
  });

  it('is not known of a Log Cache that knows nothing, and is still known later', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, []);
    expect((await place.run()).stderr).to.match(/^Log Cache knows no cell, not even from rep/);
    place.after(2 * DAY, reporting(2 * DAY, 0));
    expect(goneIn(await place.status())).to.deep.equal(['10.0.4.11']);
  });

  it('is not judged where other cells are asked for, and is kept', async () => {
    const other = (seconds: number): StandInCell =>
      cell(5, { deployment: 'iso', reconciled: 9 - seconds });
    const place = await placeBeside([...reporting(0, 0, 1), other(0)]);
    await place.run('--deployment', 'iso');
    place.after(DAY, [...reporting(DAY, 0), other(DAY)]);
    expect((await place.status('--deployment', 'iso')).verdict).to.equal('all-tracked');
    expect(goneIn(await place.status('--deployment', 'cf'))).to.deep.equal(['10.0.4.11']);
  });

  it('is not kept where rollcall never reported', async () => {
    const place = await placeBeside([...reporting(0, 0), cell(1, { isCovered: false })]);
    expect((await place.status()).summary.byVerdict).to.include({ uncovered: 1 });
    place.after(DAY, reporting(DAY, 0));
    expect(await place.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('is not kept where its rep was never heard, which is said while Log Cache shows it', async () => {
    const unheard = cell(1, { repSent: null });
    const place = await placeBeside([...reporting(0, 0), unheard]);
    expect((await place.status()).verdict).to.equal('all-tracked');
    place.after(5 * MINUTE, [
      ...reporting(5 * MINUTE, 0),
      { ...unheard, scraped: 200, reconciled: 205 - 5 * MINUTE },
    ]);
    const shown = await place.status();
    expect(goneIn(shown)).to.deep.equal(['10.0.4.11']);
    expect(shown.notes).to.include(
      '1 gone cell disappears when Log Cache forgets it: no run here heard it together with its rep. Use --expect-cells N.',
    );
    place.after(DAY, reporting(DAY, 0));
    expect((await place.status()).verdict).to.equal('all-tracked');
  });
});

describe('cf rollcall-status --forget', () => {
  const lostCells = async () => {
    const place = await placeBeside(reporting(0, 0, 1, 2, 3));
    await place.run();
    place.after(DAY, reporting(DAY, 0));
    return place;
  };

  it('forgets the cells that it names, by the beginning of the index, by name or by address', async () => {
    const place = await lostCells();
    const index = (number: number): string => cell(number).index;
    const named = `${index(1).slice(0, 8)},diego_cell/${index(2)}`;
    const { stdout, code } = await place.run('--forget', named);
    expect(stdout).to.contain(`\nForgotten: diego_cell/${index(1)}, diego_cell/${index(2)}.\n`);
    expect(code).to.equal(1);
    expect(goneIn(await place.status())).to.deep.equal(['10.0.4.13']);
    expect(await place.status('--forget', '10.0.4.13')).to.include({ verdict: 'all-tracked' });
    expect(await place.status()).to.include({ verdict: 'all-tracked', complete: true });
  });

  it('forgets all gone cells, or those of a deployment', async () => {
    const place = await lostCells();
    expect((await place.status('--forget', 'all-gone', '--deployment', 'iso')).notes).to.include(
      'No cell is gone: none is forgotten.',
    );
    const { verdict, notes } = await place.status('--forget', 'all-gone');
    expect(verdict).to.equal('all-tracked');
    expect(notes.join(' ')).to.match(
      /Forgotten: diego_cell\/\S+, diego_cell\/\S+, diego_cell\/\S+\.$/,
    );
    const again = await place.status('--forget', 'all-gone');
    expect(again.notes).to.include('No cell is gone: none is forgotten.');
  });

  it('holds while Log Cache still has samples of a cell that was just deleted', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    const silentFor = (seconds: number, since: number): StandInCell =>
      cell(1, { scraped: seconds, reconciled: seconds + 3 - since, repSent: null });
    for (const [later, silence, typed] of [
      [4 * MINUTE, 200, ['--forget=all-gone']],
      [5 * MINUTE, 260, []],
      [14 * MINUTE, 800, []],
      [DAY, 1000, []],
    ] as const) {
      place.after(later, [...reporting(later, 0), silentFor(silence, later)]);
      expect((await place.status(...typed)).verdict, `${later}`).to.equal('all-tracked');
    }
  });

  it('lasts until the cell reports again', async () => {
    const place = await lostCells();
    await place.run('--forget', 'all-gone');
    const soon = DAY + 5 * MINUTE;
    place.after(soon, reporting(soon, 0, 1));
    expect((await place.status()).summary.byVerdict).to.include({ 'all-tracked': 2, gone: 0 });
    place.after(2 * DAY, reporting(2 * DAY, 0));
    expect(goneIn(await place.status())).to.deep.equal(['10.0.4.11']);
  });

  it('refuses a name of no gone cell, and one of several, and forgets nothing then', async () => {
    const place = await lostCells();
    expect((await place.run('--forget', '10.0.4.11,10.0.4.10')).stderr).to.equal(
      'No gone cell is called 10.0.4.10: cf rollcall-status lists those that are gone.\n',
    );
    expect((await place.run('--forget', 'diego_cell/')).stderr).to.equal(
      '3 gone cells are called diego_cell/: name each by more of its index.\n',
    );
    const { stdout } = await place.run('--forget', 'none', '--output=json');
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'CELL_NOT_FOUND');
    expect(goneIn(await place.status())).to.have.length(3);
  });

  it('fails where that cannot be kept', async () => {
    const place = await lostCells();
    unwritable(place);
    const { stderr, code } = await place.run('--forget', 'all-gone');
    expect(stderr).to.match(
      /^Nothing is forgotten, because \/\S+\.json cannot be written \(EISDIR\)\.\n$/,
    );
    expect(code).to.equal(1);
  });
});

describe('with --expect-cells', () => {
  it('gone cells are named, and do not make the answer unknown if as many report', async () => {
    const place = await placeBeside(reporting(0, ...upTo(4)));
    await place.run();
    place.after(DAY, reporting(DAY, 0, 1, 9));
    expect(await place.status('--expect-cells=4')).to.include({ verdict: 'unknown' });
    const status = await place.status('--expect-cells=3');
    expect(status).to.include({ verdict: 'all-tracked', complete: true });
    expect(goneIn(status)).to.deep.equal(['10.0.4.12', '10.0.4.13']);
    const { code, stdout } = await place.run('--expect-cells=3');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^diego_cell\/\S{8} gone since /m);
    expect(stdout).to.match(/\n5 cells: 2 gone, 3 all tracked\. No container is untracked\.\n$/);
  });

  it('a gone cell whose rep reports makes the answer unknown all the same: it is not deleted', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    place.after(DAY, [...reporting(DAY, 0), cell(1, { isCovered: false })]);
    expect((await place.status('--expect-cells=1')).verdict).to.equal('unknown');
  });
});

describe('what the plugin keeps of the cells', () => {
  it('is a file of this API and user in a folder of its own in the home of cf, which only they can read', async () => {
    const place = await placeBeside(reporting(0, 0));
    await place.run();
    const file = fileOf(place);
    expect(path.basename(file)).to.match(/^cells-[0-9a-f]{32}\.json$/);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(statSync(folderOf(place)).mode & 0o777).to.equal(0o700);
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({
      schemaVersion: 1,
      api: place.origin,
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

  it('is not mixed with that of another user, or of another API', async () => {
    const home = temporaryFolder();
    const ofOne = await placeBeside(reporting(0, 0, 1), { home });
    const ofOther = await placeBeside(reporting(0, 0, 2), { home });
    await ofOne.run();
    await ofOther.run();
    ofOne.after(DAY, reporting(DAY, 0));
    ofOther.after(DAY, reporting(DAY, 0));
    expect(goneIn(await ofOne.status())).to.deep.equal(['10.0.4.11']);
    expect(goneIn(await ofOther.status())).to.deep.equal(['10.0.4.12']);
    expect(readdirSync(folderOf(ofOne))).to.have.length(2);
    const asOther = { accessToken: () => Promise.resolve(tokenFor('user-2')) };
    const { stdout } = await ranPlugin(
      { now: NOW + DAY, series: reporting(DAY, 0).flatMap(seriesOf) },
      ['--output=json'],
      { home, cf: { ...asOther, apiEndpoint: () => Promise.resolve(ofOne.origin) } },
    );
    expect(goneIn(JSON.parse(stdout) as FoundationStatus)).to.deep.equal([]);
  });

  it('is nothing on the first run, which is said, because more may be lost', async () => {
    const place = await placeBeside(reporting(0, 0));
    const first =
      'No earlier run here with this API and user is known: a cell that was lost more than 15m ago would be missing. Use --expect-cells N to notice.';
    expect((await place.status()).notes).to.deep.equal([first]);
    expect((await place.status()).notes).to.deep.equal([]);
    const expecting = await placeBeside(reporting(0, 0));
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
    it(`is replaced where it ${what}, which is said and makes one answer unknown`, async () => {
      const place = await placeBeside(reporting(0, 0, 1));
      await place.run();
      const file = fileOf(place);
      writeFileSync(file, content);
      const status = await place.status();
      expect(status).to.include({ verdict: 'unknown', complete: false });
      expect(status.notes).to.deep.equal([
        `The cells that earlier runs saw are not known, because ${file} ${why}: a lost cell may be missing. This run begins anew.`,
      ]);
      expect(await place.status()).to.include({ verdict: 'all-tracked', complete: true });
      writeFileSync(file, content);
      const expecting = await place.status('--expect-cells=2');
      expect(expecting).to.include({ verdict: 'all-tracked' });
      expect(expecting.notes).to.deep.equal(status.notes);
    });

  it('is not that of another user of the same API', async () => {
    const place = await placeBeside(reporting(0, 0));
    await place.run();
    const file = fileOf(place);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"user-1"', '"user-2"'));
    expect((await place.status()).notes[0]).to.contain(`${file} is of another API or user`);
  });

  it('is said not to be known where it cannot be read', async () => {
    const home = temporaryFolder();
    writeFiles(home, { '.cf/rollcall': 'a file in place of the folder' });
    const place = await placeBeside(reporting(0, 0), { home });
    const { verdict, notes } = await place.status();
    expect(verdict).to.equal('unknown');
    expect(notes[0]).to.contain('.json cannot be read (ENOTDIR): a lost cell may be missing.');
  });

  it('is not read where it is not a file', async () => {
    const place = await placeBeside(reporting(0, 0));
    await place.run();
    const file = fileOf(place);
    rmSync(file);
    mkdirSync(file);
    const { notes } = await place.status();
    expect(notes[0]).to.contain(`${file} is not a file: a lost cell may be missing`);
    expect(notes[1]).to.match(/are not kept, because \S+ cannot be written \(EISDIR\)/);
  });

  it('is not kept in a home that cannot be written, which is said, and the answer is the usual one', async () => {
    const place = await placeBeside(reporting(0, 0), { home: '/sys' });
    const { verdict, notes } = await place.status();
    expect(verdict).to.equal('all-tracked');
    expect(notes[1]).to.match(
      /^The cells of this run are not kept, because \/sys\/\.cf\/rollcall\/\S+ cannot be written \(E[A-Z]+\): later runs do not know them\.$/,
    );
  });

  it('is nothing for a token that does not say whose it is', async () => {
    const { stdout } = await ranPlugin({ series: reporting(0, 0).flatMap(seriesOf) }, [], {
      cf: { accessToken: () => Promise.resolve('bearer opaque') },
    });
    expect(stdout).to.match(
      /^The cells of this run are not kept, because cf's token does not say whose it is: later runs do not know them\.$/m,
    );
  });

  it('has 10,000 cells at most, those that were seen first, and says that more report', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    const file = fileOf(place);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { cells: { index: string }[] };
    const [one = expect.fail('no cell')] = kept.cells;
    const lost = { ...one, lastSampleAt: '2026-03-01T00:00:00Z' };
    const cells = Array.from({ length: 10_000 }, (_, at) => ({ ...lost, index: `lost-${at}` }));
    writeFileSync(file, JSON.stringify({ ...kept, cells }));
    const { notes, summary } = await place.status();
    expect(summary.byVerdict.gone).to.equal(10_000);
    expect(notes).to.include('Only 10,000 cells can be kept, and 2 more report.');
    expect(readFileSync(file, 'utf8')).to.contain('lost-9999').and.not.contain(cell(1).index);
    // What is forgotten must not make the file too large to be read again.
    await place.run('--forget', 'lost-9999');
    const { summary: later } = await place.status();
    expect(later.byVerdict.gone).to.equal(9999);
  });

  it('has no cell of a name that BOSH cannot give', async () => {
    const names = ['x'.repeat(101), 'a\u001b[2J', 'a\u202eb'];
    const strange = names.map((index) => cell(1, { index }));
    const place = await placeBeside([...reporting(0, 0), ...strange]);
    await place.run();
    expect(readFileSync(fileOf(place), 'utf8').match(/"index"/g)).to.have.length(1);
  });

  it('cannot steer the terminal, whatever is in it', async () => {
    const place = await placeBeside(reporting(0, 0, 1));
    await place.run();
    const file = fileOf(place);
    const nasty = readFileSync(file, 'utf8').replaceAll('diego_cell', 'x\\u001b[2J\\n');
    writeFileSync(file, nasty);
    place.after(DAY, reporting(DAY, 0));
    const { stdout } = await place.run('--forget', 'all-gone');
    expect(stdout).to.contain('Forgotten: x\\u{1b}[2J\\n/').and.not.contain('\u001b');
  });
});
