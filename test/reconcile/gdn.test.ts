import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { passOf, reportAfter, type CellText } from './cell-builder.ts';
import { app, cell, gardenAway, GARDEN, GDN, list, withCgroups, type Cell } from './cell.ts';
import { check, expectShown } from './shown.ts';

type Gdn = NonNullable<CellText['gdn']>[number];

/** Garden's server is process 100. An older process, 50, is called gdn, too, and is in `/x`. */
const real: Gdn = { pid: 100, startTicks: 2000, cgroups: { memory: GDN } };
const older: Gdn = { pid: 50, startTicks: 10, cgroups: { memory: '/x' } };
const inOther = (pid: number, startTicks: number, cgroup: string): Gdn => ({
  pid,
  startTicks,
  cgroups: { memory: cgroup },
});

const billing = app('billing');
const shop = app('shop', { pids: [300] });
const inX = ({ handle }: typeof billing): string => `/x/garden/${handle}`;
const both = cell({ containers: [billing], cgroups: { '/x': [50] }, gdn: [older, real] });
const nothingListed = list(both);

const TRACKED = 'billing: tracked, 1 process';
const LOST = 'billing: untracked critical unknown-to-garden, 1 process';
const X = '1 unrecognised cgroup';

describe('Where several processes are called gdn, Garden is', () => {
  it('the one in memory when the list is empty, not an older one elsewhere', () => {
    expectShown(check(both, nothingListed), LOST, X);
  });

  it('the one with living children when neither the list nor memory tells', () => {
    const withChildren = { ...nothingListed, gdn: [older, { ...real, children: 2 }] };
    expectShown(check(withChildren), LOST, X);
  });

  it('unknown when two have children and nothing else tells', () => {
    const twoWithChildren = {
      ...nothingListed,
      gdn: [
        { ...older, children: 1 },
        { ...real, children: 2 },
      ],
    };
    expectShown(
      check(twoWithChildren),
      'unknown: no-anchor',
      '1 container live',
      '1 systemd cgroup',
      X,
    );
  });

  it('the one that holds more listed handles where both hold one', () => {
    const places = {
      [inX(billing)]: [300],
      [`${GARDEN}/${shop.handle}`]: [201],
    };
    expectShown(
      check(list(withCgroups(both, places), billing, shop)),
      TRACKED,
      'shop: tracked, 1 process',
      '1 other-garden cgroup',
      X,
    );
  });

  it('not found by empty, younger directories that are called like listed handles', () => {
    const places = { [inX(billing)]: [], [inX(shop)]: [] };
    const withEmpty = list(withCgroups(both, places), billing, shop);
    expectShown(
      check({ ...withEmpty, inodes: { [billing.cgroup]: 2 } }),
      'shop: pending warning no-cgroup, 0 processes',
      TRACKED,
      X,
    );
  });

  it('not another one of before while it is away, nor when it is back', () => {
    const away = gardenAway({ ...both, gdn: [older] });
    expectShown(check(both, away, nothingListed), LOST, X);
  });

  it('the one that is left, also if memory knew another one first', () => {
    const olderFirst = cell({
      cgroups: { '/x': [50] },
      gdn: [{ ...older, children: 2 }, real],
    });
    const left = cell({ containers: [billing], gdn: [real], searched: [real] });
    expectShown(check(olderFirst, left, left), TRACKED);
  });

  it('another one of before where Garden answers and only that one runs', () => {
    const newer = inOther(500, 9000, '/new');
    const withNew: Cell = cell({
      containers: [billing],
      cgroups: { '/new': [500] },
      gdn: [real, newer],
    });
    const onlyNew: Cell = {
      ...withCgroups(withNew, { [`/new/garden/${shop.handle}`]: [600] }),
      gdn: [newer],
      searched: [newer],
    };
    expectShown(
      check(
        cell({ containers: [billing], gdn: [real] }),
        withNew,
        list(onlyNew, billing, shop),
        onlyNew,
        onlyNew,
      ),
      'shop: untracked critical unknown-to-garden, 1 process',
      TRACKED,
      '1 systemd cgroup',
    );
  });

  it('not a zombie, whose cgroup reads /', () => {
    const zombie = { ...older, cgroups: { memory: '/' }, state: 'Z' };
    expectShown(check({ ...nothingListed, gdn: [zombie, real] }), LOST, X);
  });

  it('one server where a child before its exec is in the same cgroup', () => {
    const server = { ...real, children: 1 };
    const child = { ...inOther(101, 3000, GDN), children: 1 };
    expectShown(check({ ...both, gdn: [server, child] }), TRACKED, X);
  });

  it("found in bpm's job garden, which has a pid namespace", () => {
    const gdn = [{ pid: 100, namespacePids: [100, 7], cgroups: { memory: '/bpm-garden' } }];
    const inBpm = app('billing', { below: '/bpm-garden/garden' });
    const one = cell({ containers: [inBpm], cgroups: { '/bpm-garden': [100] }, gdn });
    expectShown(check(one), TRACKED, '1 systemd cgroup');
  });
});

describe('The gdn that was found', () => {
  it('leaves what a dead one left to that one, also after a pass that reads no cgroup', () => {
    const withOther = withCgroups(both, { '/x/garden/b': [300] });
    const { report } = reportAfter([
      withOther,
      { ...withOther, trees: {} },
      { ...withOther, gdn: [real] },
    ]);
    expect(report.ignored).to.include({ 'other-garden': 1 });
  });

  it('is within the scope although a sensor has moved pid 1', () => {
    const moved = { ...both, scope: { memory: '/sensor.falcon' } };
    const { state } = passOf(moved, EMPTY_MEMORY);
    expect(state.cgroups.primary?.scope).to.equal('/');
    expect(state.gdn?.pid).to.equal(100);
  });

  it('leaves the scope of a cell in a container as it is, whether gdn runs or not', () => {
    const outer = `/outer/cell${GDN}`;
    const inner = app('billing', { below: `${outer}/garden` });
    const inContainer = cell({
      containers: [inner],
      gdnIn: outer,
      scope: { memory: '/outer/cell' },
      gdn: [{ ...real, cgroups: { memory: outer } }],
    });
    const { memory, report } = reportAfter([inContainer]);
    expect(report.cell.scopes).to.deep.equal({ memory: '/outer/cell' });
    const stopped = reportAfter([{ ...inContainer, gdn: [] }], 0, memory).report;
    expect(stopped.cell.scopes).to.deep.equal(report.cell.scopes);
  });
});
