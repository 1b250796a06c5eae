import { expect } from 'chai';
import type { LedgersView } from '../../src/model/answers.ts';
import { ENTRY_KINDS, type EntryKind } from '../../src/model/ledger.ts';
import { colors } from '../../src/present/color.ts';
import type { SensorView } from '../../src/model/report-view.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { ledgersDocument, ledgersOf, sensorCount } from '../../src/present/ledgers.ts';
import { shortHandle } from '../../src/present/names.ts';
import { sensorView } from '../../src/present/sensors-text.ts';
import { AGREEING, SENSOR } from './agent-state-builder.ts';

const AT = '2026-01-01T00:00:00Z';
const shown = (change: Partial<LedgersView>, columns = 100): string =>
  documentText(
    ledgersDocument(
      { ...AGREEING, ...change },
      {
        isOne: false,
        instances: (change.containers ?? []).map((row) => ({ ...row, kind: 'app-instance' })),
      },
    ),
    { colors: colors(false), columns },
  );
const entry = (kind: EntryKind, name: string) => ({ kind, name, since: AT, isLeftover: false });

const MARKS = {
  kernel: 'yes',
  garden: 'no',
  owner: 'unknown',
  runtime: 'none',
  rootfs: 'yes',
  network: 'yes',
  policy: 'yes',
  depot: 'yes',
} as const;
const ROW = { handle: 'h'.repeat(36), app: null, address: null, policy: null, marks: MARKS };
const sensor = (seesBy: SensorView['seesBy'], sees: SensorView['sees']): SensorView => ({
  ...sensorView(SENSOR),
  seesBy,
  sees,
});

describe('the table of ledgers', () => {
  it('says what each mark means, unless it has no row', () => {
    const legend = '✓ has an entry, - has none, ? not known, n/a does not apply.';
    expect(shown({ containers: [ROW] })).to.contain(legend);
    expect(shown({})).to.not.contain(legend);
  });

  it('counts what comes or goes, and says how to see it', () => {
    expect(shown({ changing: ['h'] })).to.contain('1 more comes or goes (shown with --all).');
    expect(shown({ changing: ['h', 'i'] })).to.contain('2 more come or go (shown with --all).');
  });

  it('shows a command for a plain name only, and escapes any other', () => {
    const text = shown({
      alone: [
        entry('policy', 'a"b; rm -rf /'),
        entry('depot', '-rf'),
        entry('overlay', 'x\u001b[2J'),
      ],
    });
    expect(text).to.not.match(/^ {2}(?:jq|ls|grep)/m);
    expect(text).to.not.include('\u001b[2J');
    expect(shown({ alone: [entry('address', '10.255.1.2')] })).to.include('s-010255001002');
    for (const kind of ENTRY_KINDS.filter((one) => one !== 'address'))
      expect(shown({ alone: [entry(kind, 'plain-1')] }), kind).to.match(/^ {2}\w.*plain-1/m);
  });

  it('keeps the time of an entry whole on a narrow terminal, and leaves out its age', () => {
    const view = { takenAt: '2026-01-01T00:03:00Z', alone: [entry('namespace', 'h'.repeat(36))] };
    expect(shown(view)).to.match(/SEEN SINCE +FOR\n.*h {2}2026-01-01T00:00:00Z {2}3 min\n/);
    expect(shown(view, 80)).to.match(/SEEN SINCE\n.*h {2}2026-01-01T00:00:00Z\n/);
  });

  it('says about how many containers the ledgers agree, and what could not be read', () => {
    expect(shown({})).to.equal(
      'The ledgers agree about 3 containers. 0 entries belong to no container.\n',
    );
    const text = shown({ unknown: 2, unread: ['overlay'], alone: [entry('depot', 'h')] }, 200);
    expect(text).to.match(/^rollcall could not match these with containers: overlays\.$/m);
    expect(text).to.match(
      /^The ledgers agree about 3 containers\. For 2 more, not every ledger could be read\. 1 entry belongs to no container\.$/m,
    );
  });

  it('names who lacks its policies, in the table of the cell and in that of the container', () => {
    const since = '2025-12-31T23:50:00Z';
    const marks = { kernel: 'yes', policy: 'no' } as const;
    const row = { handle: 'h', app: null, address: null, policy: null, marks };
    const view = { ...AGREEING, containers: [row], unpoliced: [{ handle: 'h', since }] };
    for (const isOne of [true, false]) {
      const groups = ledgersDocument(view, {
        isOne,
        instances: [{ ...row, kind: 'app-instance' }],
      });
      expect(documentText(groups, { colors: colors(false), columns: 300 })).to.match(
        /^h has an address and no policy entry, first seen .*10 min.*\. After a restart of vxlan-policy-agent, this container may run without its security groups/m,
      );
    }
  });

  it('names each mark with one sign, also on a narrow terminal', () => {
    for (const columns of [80, 120]) {
      const lines = shown({ containers: [ROW] }, columns).split('\n');
      expect(lines[1]?.replaceAll(/ +/g, ' ')).to.match(/ ✓ - \? n\/a ✓ ✓ ✓ ✓$/);
      for (const line of lines) expect(line.length).to.be.at.most(columns);
    }
  });

  it('has a column for each sensor, in brackets where it is only predicted', () => {
    const containers = [ROW, { ...ROW, handle: 'other' }];
    const marksBy = (seesBy: SensorView['seesBy']) => {
      const sees = { [ROW.handle]: 'no', other: 'unknown' } as const;
      const text = shown({ containers, sensors: [sensor(seesBy, sees)] }, 140);
      expect(text).to.match(/DEPOT +TRACEE\n/);
      return text
        .split('\n')
        .flatMap((line) => /✓ ✓ +(\S+)$/.exec(line.replace(/ +/g, ' '))?.[1] ?? []);
    };
    expect(marksBy('event-file')).to.deep.equal(['-', '?']);
    expect(marksBy('prediction')).to.deep.equal(['(-)', '?']);
  });

  it('calls a container that a sensor was not asked about unknown, and one without processes n/a', () => {
    const view = sensor('event-file', {});
    const stopped = { ...ROW, marks: { ...MARKS, kernel: 'no' } } as const;
    const markIn = (row: typeof ROW | typeof stopped): string | undefined =>
      documentText([[ledgersOf(row, [view])]], { colors: colors(false), columns: 100 }).match(
        /^tracee +(\S+)/m,
      )?.[1];
    expect(markIn({ ...ROW, handle: 'constructor' })).to.equal('?');
    expect(markIn(stopped)).to.equal('n/a');
  });

  it('says how many containers a sensor sees, and what shows that', () => {
    expect(sensorCount(sensor('event-file', { a: 'yes', b: 'no' }))).to.equal(
      'Tracee sees 1 of 2 containers, by its event file.',
    );
    expect(sensorCount(sensor('prediction', { a: 'yes', b: 'no', c: 'unknown' }))).to.equal(
      'Tracee would see 1 of 3 containers: a prediction, shown in brackets. 1 is not known.',
    );
    for (const one of [sensor(null, {}), sensor('prediction', { a: 'unknown' })])
      expect(sensorCount(one)).to.equal('Which containers Tracee sees is not known.');
  });

  it('cuts a handle on a narrow terminal to what no other container of the cell begins with', () => {
    const handles = ['aaaaaaaa-0001', 'aaaaaaaa-0002', 'bbbbbbbb-0000', 'b', 'c"; x'].map(
      (handle) => ({ handle }),
    );
    expect(handles.map(shortHandle(handles))).to.deep.equal([
      'aaaaaaaa-0001',
      'aaaaaaaa-0002',
      'bbbbbbbb',
      'b',
      'c"; x',
    ]);
    const containers = handles.map(({ handle }) => ({ ...ROW, handle }));
    expect(shown({ containers }, 119)).to.match(/^bbbbbbbb /m);
    expect(shown({ containers }, 120)).to.match(/^bbbbbbbb-0000 /m);
  });
});
