import { expect } from 'chai';
import { app, cell, envoyOf, imageOf, withFiles, type Cell } from './cell.ts';
import { checkFor, expectShown, filesAsked, questions, saidOf } from './shown.ts';

/*
 * Cgroup v2, containerd mode: billing has no process in its cgroup and the leaf init. shop runs, so
 * that the cell can be compared. `populated` in cgroup.events is 1 where a process is below.
 */

const billing = app('billing', { below: '/garden', pids: [] });
const shop = app('shop', { below: '/garden', pids: [300] });
const LEAF = `${billing.cgroup}/init`;
const ENVOY = envoyOf(billing);

const empty = cell({
  primary: 'v2',
  listed: [billing, shop],
  containers: [shop],
  cgroups: { [LEAF]: [] },
});
/** Its Envoy runs, and no other container does. */
const withEnvoy = cell({
  primary: 'v2',
  listed: [billing],
  cgroups: { [LEAF]: [], [ENVOY]: [400] },
});

/** What cgroup.events says of the container, its leaf and its Envoy; null: it cannot be read. */
const populated = (before: Cell, own: 0 | 1 | null, leaf: 0 | 1 | null, envoy?: 0 | 1): Cell => {
  const events = (one: Cell, path: string, value: 0 | 1 | null): Cell =>
    withFiles(one, path, { 'cgroup.events': value });
  const both = events(events(before, billing.cgroup, own), LEAF, leaf);
  return envoy === undefined ? both : events(both, ENVOY, envoy);
};

const exiting = populated(empty, 1, 1);
const NO_CGROUP = 'billing: untracked warning no-cgroup, 0 processes';
const WHY =
  'undecided because the cgroup of the container lists no process, but one may still ' +
  'be exiting there (cgroup.events)';
const UNDECIDED = `billing: pending, 0 processes, ${WHY}`;
const SHOP = 'shop: tracked, 1 process';

/** What is shown once the cell has been so for half a minute. */
const expectLasting = (one: Cell, ...lines: readonly string[]): void =>
  expectShown(checkFor(30, one, one), ...lines);

describe('A listed container whose cgroups list no process', () => {
  it('is asked whether they are populated, and no other container is', () => {
    expect(filesAsked(questions(empty))).to.deep.equal([
      '/garden/billing of v2: cgroup.events',
      '/garden/billing/init of v2: cgroup.events',
    ]);
  });

  it('is not asked on v1, which has no such file', () => {
    const onV1 = app('billing', { pids: [] });
    expect(filesAsked(questions(cell({ containers: [onV1] })))).to.deep.equal([]);
  });

  it('is no-cgroup if none is populated', () => {
    expectLasting(populated(empty, 0, 0), NO_CGROUP, SHOP);
  });

  it('is undecided as long as one is populated, and the others are compared', () => {
    expectLasting(exiting, UNDECIDED, SHOP);
  });

  it('says why it is undecided', () => {
    const [found] = checkFor(30, exiting).containers;
    expect(found && saidOf(found)).to.contain(
      'Not decided in this pass: the cgroup of the container lists no process, but one ' +
        'may still be exiting there (cgroup.events).',
    );
  });

  it('has still escaped if a process of it is outside', () => {
    const escaped = { pid: 200, image: imageOf(billing), cgroups: { memory: '/' } };
    expectLasting(
      { ...exiting, suspects: [escaped] },
      'billing: untracked critical escaped, 0 processes',
      SHOP,
    );
  });

  it('is undecided if cgroup.events of its cgroup or of its leaf cannot be read', () => {
    expectLasting(populated(empty, null, 0), UNDECIDED, SHOP);
    expectLasting(populated(empty, 0, null), UNDECIDED, SHOP);
  });

  it('is no-cgroup in a capture that does not have these files', () => {
    expectLasting(empty, NO_CGROUP, SHOP);
  });

  it('is no-cgroup if only its Envoy populates its cgroup', () => {
    expectLasting(populated(withEnvoy, 1, 0, 1), `${NO_CGROUP}, with billing-envoy`);
  });

  it('is undecided if its leaf is populated beside its Envoy', () => {
    expectLasting(
      populated(withEnvoy, 1, 1, 1),
      `billing: pending, 0 processes, with billing-envoy, ${WHY}`,
    );
  });

  it('is undecided if something else than its leaf and its Envoy populates its cgroup', () => {
    expectLasting(
      populated(withEnvoy, 1, 0, 0),
      `billing: pending, 0 processes, with billing-envoy, ${WHY}`,
    );
  });

  it('is undecided where it is privileged, and its directory for throttling is empty', () => {
    const bad = `/garden/bad/${billing.handle}`;
    const own = `/system.slice/${billing.handle}`;
    const places = cell({ primary: 'v2', listed: [billing], cgroups: { [bad]: [], [own]: [] } });
    const events = withFiles(places, bad, { 'cgroup.events': 0 });
    expectLasting(
      withFiles(events, own, { 'cgroup.events': 1 }),
      `billing: pending, 0 processes, in /garden/bad/billing, ${WHY}`,
    );
  });

  it('stays a finding that was reported before', () => {
    const gone = populated(empty, 0, 0);
    expectShown(checkFor(30, gone, gone, exiting), `${NO_CGROUP}, ${WHY}`, SHOP);
  });
});
