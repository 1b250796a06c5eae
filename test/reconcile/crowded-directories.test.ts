import { expect } from 'chai';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { app, cell, GARDEN, list, type Cell } from './cell.ts';
import { check, checkFor, expectShown } from './shown.ts';

const billing = app('billing');
const shop = app('shop', { pids: [300] });
/** The pass read only a part of the Garden directory, and in it billing, but not shop. */
const partly: Cell = { ...cell({ containers: [billing] }), crowded: [GARDEN] };
const bothListed = list(partly, billing, shop);
/** All is read: shop runs, and Garden does not list it. */
const shopLost = cell({ containers: [billing], lost: [shop] });

const TRACKED = 'billing: tracked, 1 process';
const SHOP_LOST = 'shop: untracked critical unknown-to-garden, 1 process';
const WARNING = 'warning too-many-cgroups';

describe('A Garden directory of which a pass read only a part', () => {
  it('is never all tracked, although all that was read is', () => {
    const withDirectory = cell({ containers: [billing], cgroups: { [GARDEN]: [] } });
    const report = check({ ...withDirectory, crowded: [GARDEN] });
    expect(report).to.deep.include({ verdict: 'unknown', unknownCause: null });
    expect(report.containers.map(({ status }) => status)).to.deep.equal(['tracked']);
    expect(report.cell.warnings).to.deep.equal([{ reason: 'too-many-cgroups' }]);
    expect(verdictSentence(report)).to.match(/^1 of 1 container is tracked\. Warning: A Garden/);
  });

  it('leaves undecided what Garden lists and no pass has looked up', () => {
    expectShown(
      checkFor(30, bothListed),
      'shop: pending, 0 processes, undecided because the Garden directory of the container has ' +
        'more cgroups than one pass reads, and this pass did not read that of the container',
      TRACKED,
      WARNING,
    );
  });

  it('lacks a container that was looked up', () => {
    expectShown(
      checkFor(30, bothListed, bothListed),
      'shop: pending warning no-cgroup, 0 processes',
      TRACKED,
      WARNING,
    );
  });

  it('lacks it for good after some time', () => {
    expectShown(
      checkFor(30, bothListed, bothListed, bothListed, bothListed),
      'shop: untracked warning no-cgroup, 0 processes',
      TRACKED,
      WARNING,
    );
  });

  it('ends no finding of what it lacks, because its cgroup may be renamed', () => {
    expectShown(
      checkFor(30, shopLost, shopLost, partly, partly),
      'shop: untracked critical unknown-to-garden, 0 processes, undecided because a Garden ' +
        'directory has more cgroups than one pass reads, and the cgroup of the container may ' +
        'have another name',
      TRACKED,
      WARNING,
    );
  });

  it('ends such a finding once all is read', () => {
    const all = cell({ containers: [billing] });
    expectShown(checkFor(30, shopLost, shopLost, partly, all), TRACKED);
  });

  it('ends no finding of what was looked up and is still there', () => {
    const crowded = { ...shopLost, crowded: [GARDEN] };
    expectShown(checkFor(30, shopLost, shopLost, crowded), SHOP_LOST, TRACKED, WARNING);
  });

  it('has a finding of what is in the part that was read', () => {
    const crowded = { ...shopLost, crowded: [GARDEN] };
    expectShown(checkFor(30, crowded, crowded, crowded), SHOP_LOST, TRACKED, WARNING);
  });

  it('ends a finding at once on v2, where no cgroup can be renamed', () => {
    const [one, other] = [
      app('billing', { below: '/garden' }),
      app('shop', { below: '/garden', pids: [300] }),
    ];
    const found = cell({ primary: 'v2', containers: [one], lost: [other] });
    const gone = cell({ primary: 'v2', containers: [one], crowded: ['/garden'] });
    expectShown(checkFor(30, found, found, gone), TRACKED, WARNING);
  });
});
