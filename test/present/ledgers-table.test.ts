import { expect } from 'chai';
import type { LedgersView } from '../../src/model/answers.ts';
import type { EntryKind } from '../../src/model/ledger.ts';
import { colors } from '../../src/present/color.ts';
import { ledgersTable } from '../../src/present/ledgers-table.ts';

const AT = '2026-01-01T00:00:00Z';
const VIEW: LedgersView = {
  schemaVersion: 1,
  takenAt: AT,
  containers: [],
  agreeing: 3,
  unknown: 0,
  unread: [],
  aloneOmitted: 0,
  sharing: [],
  alone: [],
  agent: null,
};
const shown = (change: Partial<LedgersView>, columns = 100): string =>
  ledgersTable({ ...VIEW, ...change }, { colors: colors(false), columns, isOne: false });
const entry = (kind: EntryKind, name: string) => ({ kind, name, since: AT, isLeftover: false });

describe('the table of ledgers', () => {
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
    for (const kind of ['overlay', 'namespace', 'reservation', 'policy', 'depot'] as const)
      expect(shown({ alone: [entry(kind, 'plain-1')] }), kind).to.match(/^ {2}\w.*plain-1/m);
  });

  it('names each mark with one sign, also on a narrow terminal', () => {
    const marks = {
      kernel: 'yes',
      garden: 'no',
      owner: 'unknown',
      runtime: 'none',
      rootfs: 'yes',
      network: 'yes',
      policy: 'yes',
      depot: 'yes',
    } as const;
    const row = { handle: 'h'.repeat(36), app: null, address: null, policy: null, marks };
    for (const columns of [80, 120]) {
      const lines = shown({ containers: [row] }, columns).split('\n');
      expect(lines[1]?.replaceAll(/ +/g, ' ')).to.match(/ ✓ – \? n\/a ✓ ✓ ✓ ✓$/);
      for (const line of lines) expect(line.length).to.be.at.most(columns);
    }
  });
});
