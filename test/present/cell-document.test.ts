import { expect } from 'chai';
import type { CellIdentity } from '../../src/model/cell-identity.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import type { ContainerReport, Report, UnknownCause } from '../../src/model/report.ts';
import { TYPED_ON_CELL } from '../../src/model/typed-as.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { colors } from '../../src/present/color.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportAfter, type CellText } from '../reconcile/cell-builder.ts';
import {
  BOSH,
  container,
  containers,
  EMPTY,
  LOST,
  NOW,
  report as reportWith,
} from './agent-state-builder.ts';

const A = 'aaaaaaaa-0000-4000-8000-0000';
const G = '/system.slice/garden.service';

const reportOf = (cell: Partial<CellText> & { tree: string }): Report =>
  reportAfter([{ listed: [], ...cell, trees: { memory: `${G}: 100\n${cell.tree}` } }]).report;

type CheckOptions = Parameters<typeof checkText>[1];

const PLAIN: CheckOptions = {
  colors: colors(false),
  columns: 80,
  all: false,
  wide: false,
  isWhole: false,
  settleMilliseconds: 0,
};

const tableOf = (report: Report, columns = 80, all = false): string =>
  checkText(reportJson(report), { ...PLAIN, columns, all });

/** Characters that steer a terminal, newlines of our own aside. */
const STEERING = /[\p{Cc}\p{Cf}]/u;

describe('the table of check', () => {
  it('puts the worst first, its sentence below, and the verdict last', () => {
    const table = tableOf(
      reportOf({ tree: `${G}/garden/${A}: 200\n${G}/garden/lost: 300`, listed: [A] }),
    );
    const lines = table.split('\n');
    expect(lines[1]).to.match(/^untracked .*lost .*unknown-to-garden$/);
    expect(lines[2]).to.match(/^tracked /);
    expect(table).to.contain('1 process runs in this container, but Garden does not list it');
    expect(table).to.match(
      / rollcall explain lost\n\n1 of 2 containers is untracked: [^\n]+\n[^\n]*\n?$/,
    );
  });

  it('counts the processes of a container that run outside its cgroups', () => {
    const outside = { cgroup: asByteString('/'), kept: [], byGlance: false, enteredBy: null };
    const left: ContainerReport = {
      ...LOST,
      pids: 0,
      reason: 'escaped',
      explanation: { kind: 'escaped', processes: [{ pid: 77, ...outside }] },
    };
    expect(tableOf(reportWith([left]))).to.match(/ 0 \(1 outside\) +escaped$/m);
  });

  it('fits a terminal of 80 × 24, for eight containers with one finding', () => {
    const shown = reportWith([{ ...LOST, isSinceOfAgent: true }, ...containers(7)]);
    const text = checkText(reportJson({ ...shown, cell: { ...shown.cell, bosh: BOSH } }), {
      ...PLAIN,
      typedAs: TYPED_ON_CELL,
      settleMilliseconds: 2000,
    });
    expect(text.trimEnd().split('\n')).to.have.length.at.most(24);
  });

  it('says once what is the same about many findings, with their handles below', () => {
    const tree = Array.from({ length: 25 }, (_, n) => `${G}/garden/lost-${n}: ${300 + n}`);
    const table = tableOf(reportOf({ tree: tree.join('\n') }));
    expect(table.match(/^untracked: /gm)).to.have.length(1);
    expect(table).to.match(/^untracked: unknown-to-garden, critical {2}25 containers$/m);
    expect(table.match(/Diego\s+never\s+removes\s+the\s+container/g)).to.have.length(1);
    expect(table).to.contain('rollcall explain HANDLE');
    expect(table.match(/^ {2}lost-\d+ +\(\S+\) +-$/gm)).to.have.length(25);
    expect(table.split('\n').length).to.be.below(75);
  });

  it('keeps apps apart whose findings differ in a sentence', () => {
    const tree = `${G}/garden/one: 300\n${G}/garden/two: 400 401`;
    const table = tableOf(reportOf({ tree }));
    expect(table.match(/^untracked: /gm)).to.have.length(2);
  });

  it('names the apps and spaces of several findings, the most affected first', () => {
    const lost = (n: number, name: string | null, place: string | null): ContainerReport => {
      const { app } = LOST;
      if (app === null) throw new Error('no app');
      const named = { ...app, id: 'a-guid', name, spaceName: place, organizationName: place };
      return { ...LOST, handle: asHandle(`h-${n}`), app: name === '' ? null : named };
    };
    const affectedIn = (...found: readonly ContainerReport[]): string | undefined =>
      /^Affected: (.*)$/m.exec(tableOf(reportWith([container(0), ...found]), 300))?.[1];
    expect(affectedIn(lost(1, 'pay', 'prod'))).to.equal(undefined);
    expect(
      affectedIn(lost(1, 'pay', 'prod'), lost(2, 'shop', 'prod'), lost(3, 'shop', 'prod')),
    ).to.equal('2 containers of shop (prod / prod) and 1 container of pay (prod / prod).');
    expect(affectedIn(lost(1, null, null), lost(2, '', null), lost(3, 'pay', 'prod'))).to.equal(
      '1 container of app a-guid, ' +
        '1 container without a known app and 1 container of pay (prod / prod).',
    );
    const many = Array.from({ length: 9 }, (_, n) => lost(n, `app-${n}`, 'p'));
    expect(affectedIn(...many)).to.match(
      /, 1 container of app-4 \(p \/ p\) and 4 containers of other apps\.$/,
    );
  });

  it('cuts handles in the table of a narrow terminal, not in findings, nor if wide', () => {
    const tree = `${G}/garden/${A}: 200\n${G}/garden/bbbbbbbb-0000-4000-8000-0000: 300`;
    const report = reportJson(reportOf({ tree, listed: [A] }));
    const row = (change: Partial<CheckOptions>): string =>
      checkText(report, { ...PLAIN, ...change }).split('\n')[1] ?? '';
    expect(row({})).to.match(/ bbbbbbbb +- /);
    expect(row({ wide: true })).to.match(/ bbbbbbbb-0000-4000-8000-0000 /);
    expect(row({ columns: 120 })).to.match(/ bbbbbbbb-0000-4000-8000-0000 /);
    expect(tableOf(reportOf({ tree, listed: [A] }))).to.match(
      /^untracked: .* bbbbbbbb-0000-4000-8000-0000/m,
    );
  });

  it('begins with the cell if BOSH says which it is', () => {
    const bare = reportOf({ tree: '/:' });
    const reported = (bosh: CellIdentity | null): readonly string[] =>
      tableOf({ ...bare, cell: { ...bare.cell, bosh } }, 100).split('\n');
    const heading = 'diego_cell/7 (7f3a91c2-5d0e-4d7b-8a55-0f4f1f7f6a10) in cf, z2, 10.0.4.24';
    expect(reported(BOSH)).to.deep.equal([heading, '', ...reported(null)]);
    expect(reported({ ...BOSH, az: null, ip: null })[0]).to.equal(heading.slice(0, -15));
    expect(reported({ ...BOSH, group: 'a\u001b[31m' })[0]).to.match(/^a\\u\{1b\}\[31m\/7 /);
  });

  it('counts ignored cgroups by kind, and leaves out kinds without one', () => {
    const ignoring = (ignored: Partial<Report['ignored']>): string => {
      const none = { bpm: 0, docker: 0, systemd: 0, 'other-garden': 0, unrecognised: 0 };
      const table = tableOf(reportWith([], { ignored: { ...none, ...ignored } }), 200);
      return /ignored cgroups: (.*?)[;.]/.exec(table)?.[1] ?? '';
    };
    expect(ignoring({})).to.equal('none');
    expect(ignoring({ bpm: 12, systemd: 34, 'other-garden': 2, unrecognised: 1 })).to.equal(
      '12 bpm, 34 systemd, 2 of another Garden, 1 not recognised',
    );
  });

  it('counts many tracked containers and lists them on demand', () => {
    const handles = Array.from({ length: 40 }, (_, n) => `h${n}`);
    const tree = handles.map((handle, n) => `${G}/garden/${handle}: ${n + 200}`).join('\n');
    const report = reportOf({ tree, listed: handles });
    expect(tableOf(report)).to.contain('… and 40 tracked');
    expect(tableOf(report, 80, true).match(/^tracked /gm)).to.have.length(40);
  });

  it('says how old a time was at the pass, and breaks neither the time nor its age', () => {
    const view = reportJson(reportWith(containers(3, LOST)));
    for (const columns of [60, 80, 160]) {
      const table = checkText(view, { ...PLAIN, columns, settleMilliseconds: Infinity });
      expect(table).to.contain('since 2026-03-02T10:09:09Z (12 min ago)');
      for (const line of table.split('\n')) expect(line.length).to.be.at.most(columns);
    }
  });

  it('has the word "warning" in the row and in the heading', () => {
    const table = tableOf(reportWith(containers(3, LOST, EMPTY)));
    expect(table).to.match(/^warning {2,}mail-worker\/0 .* no-cgroup$/m);
    expect(table).to.match(/^untracked: no-cgroup, warning/m);
  });

  it('puts a drill apart, below everything that is real, and does not count it as a finding', () => {
    const drill = { handle: 'a-drill', since: NOW, until: NOW };
    const real = tableOf(withDrill(reportWith(containers(3, LOST, EMPTY)), drill));
    const lines = real.split('\n');
    const at = lines.findIndex((line) => line.startsWith('DRILL  a-drill'));
    expect(real.match(/a-drill/g)).to.have.length(1);
    expect(at).to.be.greaterThan(lines.findIndex((line) => line.includes('no-cgroup, warning')));
    const alone = tableOf(withDrill(reportWith(containers(3)), drill));
    expect(alone).to.not.match(/^untracked|critical|Next:/m);
    expect(alone).to.match(/^A drill is running\. All 3 containers/m);
  });

  it('counts nothing if nothing was read', () => {
    const cause = { kind: 'own-namespace' } as const;
    const blind = reportWith([], { verdict: 'unknown', unknownCause: cause });
    expect(tableOf(blind)).to.not.match(/\b0 (bpm|docker|other)/);
  });

  for (const columns of [40, 60, 80, 120]) {
    it(`fits ${columns} columns`, () => {
      const report = reportOf({
        tree: `${G}/garden/${A}: 200\n${G}/garden/lost: 300`,
        listed: [A],
      });
      const text = tableOf(report, columns);
      // What is copied stays whole, whatever the width, or is cut so that commands take it.
      const lines = text.split('\n').filter((line) => !line.includes(A));
      expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(columns);
      expect(text).to.contain(columns < 120 ? A.slice(0, 8) : A);
    });
  }

  it('lets no text of a container control the terminal, in the table or as JSON', () => {
    const hostile = 'x\u001b[31m\u009b2J\u202e"\'<b>';
    const name = Buffer.from(hostile, 'utf8').toString('latin1');
    const report = reportOf({
      tree: `${G}/garden/${name}: 200`,
      processes: [
        { pid: 200, comm: 'a\u001bc', command: `sh -c \u001b]0;pwned\u0007${'y'.repeat(5000)}` },
      ],
    });
    expect(report.containers[0]?.handle).to.equal(hostile);
    expect(tableOf(report).replaceAll('\n', '')).not.to.match(STEERING);
    const json = jsonText(reportJson(report));
    expect(json).not.to.match(STEERING);
    expect(JSON.parse(json)).to.have.nested.property('containers[0].handle', hostile);
  });

  it('says that the verdict is unknown, and why, instead of an empty table', () => {
    const report = reportAfter([{ trees: { memory: `${G}: 100` }, listed: null }]).report;
    expect(tableOf(report)).to.match(/^Unknown: Garden's list cannot be read/);
  });

  it('says since when Garden is unavailable only if an earlier pass saw it', () => {
    const unread = (at: number) => ({ trees: { memory: `${G}: 100` }, listed: null, at });
    const first = reportAfter([unread(1000)]);
    expect(tableOf(first.report, 400)).to.match(/Garden: unavailable\.$/m);
    expect(tableOf(first.report, 400)).not.to.match(/unavailable since/i);
    const second = reportAfter([unread(5000)], 0, first.memory);
    expect(tableOf(second.report, 400)).to.match(
      /Unavailable since \d.*Garden: unavailable since \d/s,
    );
  });

  it('says how long a check must last to decide what is pending', () => {
    const isPending = { status: 'pending', reason: 'no-cgroup', severity: 'warning' } as const;
    const pending = reportJson(reportWith([container(0, isPending)]));
    expect(checkText(pending, PLAIN).replaceAll('\n', ' ')).to.contain('use --settle 30s or more');
    expect(checkText(pending, { ...PLAIN, settleMilliseconds: 30_000 })).not.to.contain('--settle');
  });

  it('points to the mounts only if no hierarchy is usable', () => {
    const tableFor = (unknownCause: UnknownCause): string =>
      tableOf(reportWith([], { verdict: 'unknown', unknownCause }), 200);
    for (const table of [
      tableOf(reportAfter([{ trees: { memory: `${G}: 100` }, listed: null }]).report, 200),
      tableFor({ kind: 'no-properties', why: 'Timed out.' }),
      tableFor({ kind: 'processes-hidden', by: null }),
      tableFor({ kind: 'pass-failed', why: 'EMFILE.' }),
    ]) {
      expect(table).to.match(/\nFix that, then run rollcall check again\.\n$/);
      expect(table).not.to.contain('rollcall mounts');
    }
    expect(tableFor({ kind: 'no-properties', why: 'Timed out.' })).to.match(
      /^Unknown: Garden returns its list, but not the properties of its containers\. Timed out\.$/m,
    );
    expect(tableFor({ kind: 'no-hierarchy', why: 'No mount.' })).to.match(
      /^Unknown: no cgroup hierarchy is usable\. No mount\. rollcall mounts names each mount and the reason\.$/m,
    );
  });
});
