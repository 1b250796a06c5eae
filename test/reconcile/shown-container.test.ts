import { expect } from 'chai';
import {
  app,
  cell,
  dadooOf,
  list,
  privileged,
  withCgroups,
  type Cell,
  type Container,
} from './cell.ts';
import { check, expectShown, questions, saidOf } from './shown.ts';

/*
 * Process 301 is in a cgroup `/garden-x/shop`, which nothing lists. In the hierarchies pids and cpu
 * it is where the privileged worker is: so worker may have made that cgroup.
 */

const billing = app('billing');
const worker = privileged('worker', { pids: [300] });
const shop = app('shop', { below: '/garden-x', pids: [301] });
const inOthers = { [billing.cgroup]: [200], [worker.cgroup]: [300, 301] };
const made = cell({
  containers: [billing, worker],
  lost: [shop],
  hierarchies: { pids: inOthers, cpu: inOthers },
});

/** Where process 301 is in the other hierarchies. */
const elsewhere = (before: Cell, place: string): Cell => ({
  ...before,
  memberships: { 301: { memory: shop.cgroup, pids: place, cpu: place } },
});
const inWorker = elsewhere(made, worker.cgroup);
const withRootOf = (before: Cell, owner: Pick<Container, 'handle'> | null): Cell => ({
  ...before,
  images: { 301: owner?.handle ?? null },
});

const OTHERS = [
  'billing: tracked, 1 process',
  'worker: tracked, 1 process, privileged, in GDN/worker',
];
const IN_WORKER = 'in GDN/worker, in /garden-x/shop, in GDN/worker';
const WARNING = 'shop: untracked warning unknown-to-garden, 1 process';
const CRITICAL = 'shop: untracked critical unknown-to-garden, 1 process';

describe('A live directory in a Garden directory that Garden does not list', () => {
  it('is a warning if only its name and its place suggest a container', () => {
    expectShown(check(withRootOf(inWorker, worker)), `${WARNING}, ${IN_WORKER}`, ...OTHERS);
  });

  it('is a warning whatever other root its process has', () => {
    expectShown(check(withRootOf(inWorker, null)), `${WARNING}, ${IN_WORKER}`, ...OTHERS);
  });

  it('is critical if a process has its root filesystem', () => {
    expectShown(check(withRootOf(inWorker, shop)), `${CRITICAL}, ${IN_WORKER}`, ...OTHERS);
  });

  it('is critical if a process descends from its helper', () => {
    const started = {
      ...withRootOf(inWorker, null),
      ancestors: { 301: [dadooOf(shop, '/depot')] },
    };
    expectShown(check(started), `${CRITICAL}, ${IN_WORKER}`, ...OTHERS);
  });

  it('is critical if most of the other hierarchies name it', () => {
    const named = elsewhere(made, `/x/${shop.handle}`);
    expectShown(
      check(withRootOf(named, null)),
      `${CRITICAL}, in /x/shop, in /garden-x/shop, in /x/shop`,
      ...OTHERS,
    );
  });

  it('is critical if the other hierarchies could not be read', () => {
    expectShown(check(withRootOf(made, null)), `${CRITICAL}, in /garden-x/shop`, ...OTHERS);
  });

  it('is critical if Garden listed it before', () => {
    const before = list(
      cell({ containers: [billing, worker], lost: [shop], images: { 301: shop.handle } }),
      billing,
      shop,
      worker,
    );
    expectShown(
      check(before, withRootOf(inWorker, worker)),
      `${CRITICAL}, ${IN_WORKER}`,
      ...OTHERS,
    );
  });

  it('is a warning if another root filesystem speaks against all hierarchies', () => {
    const everywhere = elsewhere(made, shop.cgroup);
    expectShown(
      check(withRootOf(everywhere, worker)),
      `${WARNING}, in /garden-x/shop, in /garden-x/shop, in /garden-x/shop`,
      ...OTHERS,
    );
  });

  it('is critical if a process of another container joined it', () => {
    const joined = {
      ...withCgroups(inWorker, { [shop.cgroup]: [301, 302] }),
      images: { 301: worker.handle, 302: shop.handle },
    };
    expectShown(
      check(joined),
      `shop: untracked critical unknown-to-garden, 2 processes, ${IN_WORKER}`,
      ...OTHERS,
    );
  });

  const onV1Alone = cell({ containers: [billing], lost: [shop] });
  const known = {
    ...withRootOf(onV1Alone, worker),
    memberships: { 301: { memory: shop.cgroup } },
  };

  it('is said to be a container only by its name and its place', () => {
    const [found] = check(known).containers;
    expect(found && saidOf(found)).to.contain(
      '1 process runs in this cgroup, but Garden does not list it. ' +
        "Only the cgroup's name and place, in one of Garden's cgroup directories, suggest a " +
        'container.',
    );
  });

  it('is asked about its root, its parents and its cgroups', () => {
    const asked = questions({
      ...onV1Alone,
      open: ['rootImages', 'ancestors', 'memberships'],
    });
    expect(asked.rootImages).to.deep.equal([301]);
    expect(asked.ancestors).to.deep.equal([301]);
    expect(asked.memberships).to.deep.equal([200, 301]);
  });

  it('is not asked about once that is known', () => {
    const asked = questions({ ...known, ancestors: { 301: [] } });
    expect(asked.rootImages).to.deep.equal([]);
    expect(asked.ancestors).to.deep.equal([]);
    expect(asked.memberships).to.deep.equal([200]);
  });
});
