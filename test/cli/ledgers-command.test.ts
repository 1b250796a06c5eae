import { expect } from 'chai';
import { exitOfLedgers } from '../../src/cli/ledgers-command.ts';
import { exitOfPreflight } from '../../src/cli/preflight-command.ts';
import { RECORDED } from '../../tools/demo-cell/scenes.ts';
import type { ExplainView, LedgersView } from '../../src/model/answers.ts';
import type { Mark } from '../../src/model/ledger.ts';
import { AGREEING } from '../present/agent-state-builder.ts';
import { capturedCell, LOST } from './captured-cell.ts';
import { typed } from './rollcall.ts';

const AT = '2026-01-01T00:00:00Z';
const rowWith = (...marks: readonly Mark[]): LedgersView['containers'][number] => ({
  handle: 'h',
  app: null,
  address: null,
  policy: null,
  marks: Object.fromEntries(marks.map((mark, index) => [`ledger${index}`, mark])),
});
const ALONE = { kind: 'overlay', name: 'h', since: AT, isLeftover: false } as const;
const exitOf = (change: Partial<LedgersView>, isOne = false): number =>
  exitOfLedgers({ ...AGREEING, ...change }, isOne);

describe('the exit code', () => {
  it('of preflight is 1, with a line for each thing, where one waits and one would be lost', async () => {
    const { code, stdout } = await typed(['preflight', '--capture', capturedCell()]);
    expect(code).to.equal(1);
    expect(stdout.match(/^(?:waits|lost) +\S+/gm)).to.deep.equal([
      'waits   stuck',
      `lost    ${LOST}`,
    ]);
  });

  for (const command of ['ledgers', 'preflight', 'sensors'])
    it(`of ${command} is 2 while Garden's list cannot be read, with the reason and no answer`, async () => {
      const ran = await typed([command, '--capture', capturedCell({ listed: null })]);
      expect([ran.code, ran.stdout]).to.deep.equal([2, '']);
      expect(ran.stderr).to.match(/^rollcall: .*Garden's list cannot be read/);
    });

  it('of ledgers is 1 where two differ, an entry is alone, or an address is shared', () => {
    expect(exitOf({ containers: [rowWith('yes', 'none', 'unknown')] })).to.equal(0);
    expect(exitOf({ containers: [rowWith('yes', 'no', 'unknown')] })).to.equal(1);
    expect(exitOf({ alone: [ALONE] })).to.equal(1);
    expect(exitOf({ sharing: [{ address: '10.255.0.2', handles: ['a', 'b'] }] })).to.equal(1);
  });

  it('of ledgers is 0 where the only containers that differ come or go', () => {
    const containers = [rowWith('yes', 'no')];
    expect(exitOf({ containers, changing: ['h'] })).to.equal(0);
    expect(exitOf({ containers, changing: ['another'] })).to.equal(1);
  });

  it('of ledgers is 2 where a kind of entries could not be read, whatever else is wrong', () => {
    expect(exitOf({ unread: ['overlay'] })).to.equal(2);
    expect(exitOf({ unread: ['overlay'], alone: [ALONE] })).to.equal(2);
  });

  it('of ledgers HANDLE is about that container alone', () => {
    const others = { unread: ['overlay'], alone: [ALONE] } as const;
    expect(exitOf({ ...others, containers: [rowWith('yes', 'none')] }, true)).to.equal(0);
    expect(exitOf({ ...others, containers: [rowWith('yes', 'no')] }, true)).to.equal(1);
    expect(exitOf({ ...others, containers: [rowWith('yes', 'no', 'unknown')] }, true)).to.equal(2);
  });

  it('of preflight is 2 if something is not known, else 1 if it found something', () => {
    const items = (['lost', 'unknown'] as const).map((effect) => ({
      effect,
      cause: 'unowned' as const,
      handle: null,
      pending: false,
      seconds: null,
      sentence: '',
      command: null,
    }));
    expect(
      [0, 1, 2].map((count) => exitOfPreflight({ items: items.slice(0, count) })),
    ).to.deep.equal([0, 1, 2]);
  });
});

describe('ledgers of a capture', () => {
  it('have the address that Garden gave to the container', async () => {
    const saved = ['--json', '--capture', RECORDED.healthy];
    const { stdout } = await typed(['ledgers', '--all', ...saved]);
    const { containers } = JSON.parse(stdout) as LedgersView;
    expect(containers).to.have.length(7);
    for (const { handle, address } of containers) {
      const { properties } = JSON.parse(
        (await typed(['explain', handle, ...saved])).stdout,
      ) as ExplainView;
      expect(properties?.['garden.network.container-ip'], handle).to.equal(address);
    }
  });

  it('knows what earlier passes have asked and the last one need not', async () => {
    const { stdout } = await typed(
      `ledgers --all --format json --capture ${RECORDED.leaked}`.split(' '),
    );
    const { containers } = JSON.parse(stdout) as LedgersView;
    const owners = containers.map(
      ({ app, marks }) => `${marks['owner'] ?? ''} ${app?.name ?? '-'}`,
    );
    expect(owners.toSorted()).to.deep.equal([
      'no -',
      'no -',
      'yes -',
      'yes billing',
      'yes checkout-api',
      'yes search',
    ]);
  });
});
