import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { Report } from '../../src/model/report.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import {
  complete,
  firstOf,
  outcome,
  outcomeOf,
  passOf,
  passWith,
  reportAfter,
  snapshotOf,
} from './cell-builder.ts';
import {
  app,
  cell,
  container,
  created,
  end,
  envoyOf,
  gardenAway,
  GARDEN,
  GDN,
  healthCheckOf,
  list,
  lose,
  loseProperties,
  privileged,
  refuseProperties,
  withCgroups,
  withoutCreatedList,
  type Cell,
  type Cgroups,
} from './cell.ts';
import { check, checkFor, expectShown, lastPass, saidOf } from './shown.ts';

const billing = app('billing');
const shop = app('shop', { pids: [300] });
const running = cell({ containers: [billing] });
const both = cell({ containers: [billing, shop] });
const shopLost = lose(both, shop);

const TRACKED = 'billing: tracked, 1 process';
const SHOP_TRACKED = 'shop: tracked, 1 process';
const SHOP_LOST = 'shop: untracked critical unknown-to-garden, 1 process';
const NO_PROPERTIES = 'undecided because Garden gives no properties: Garden refused the connection';
const HIDES =
  'undecided because the container hides itself: a part of its cgroup cannot be read, or ' +
  'exceeds what one pass reads';

/** What one check shows of a cell with these cgroups, in which Garden lists billing. */
const expectOf = (cgroups: Cgroups, ...lines: readonly string[]): void =>
  expectShown(check(cell({ listed: [billing], cgroups })), ...lines);

describe('A container is', () => {
  it('tracked if it is listed and live', () => {
    const two = app('billing', { pids: [200, 201] });
    expectShown(check(cell({ containers: [two] })), 'billing: tracked, 2 processes');
  });

  it('unknown to Garden if it is live in a Garden directory and not listed', () => {
    expectShown(check(shopLost), SHOP_LOST, TRACKED);
  });

  it('several containers if handles look alike', () => {
    const web = container('web');
    const others = [container('Web', { pids: [300] }), container('web.', { pids: [400] })];
    expectShown(
      check(cell({ containers: [web], lost: others })),
      'Web: untracked critical unknown-to-garden, 1 process',
      'web.: untracked critical unknown-to-garden, 1 process',
      'web: tracked, 1 process',
    );
  });

  it('in a directory of Garden, also where another cgroup of its name comes first', () => {
    const other = `/a/${billing.handle}`;
    expectShown(
      check(cell({ containers: [billing], cgroups: { [other]: [300] } })),
      TRACKED,
      '1 unrecognised cgroup',
    );
  });

  it('not a leftover empty directory', () => {
    expectShown(
      check(cell({ containers: [billing], cgroups: { [shop.cgroup]: [] } })),
      TRACKED,
      'leftover GDN/garden/shop',
    );
  });

  it('pending until a difference has lasted for the settle time, and a finding after that', () => {
    const lost = cell({ lost: [shop] });
    expectShown(checkFor(2, lost), 'shop: pending critical unknown-to-garden, 1 process');
    expectShown(checkFor(2, lost, lost), SHOP_LOST);
  });

  for (const handle of ['init', 'good', 'bad', 'x', 'Ünïcode', 'a.b.c', 'X'.repeat(200)])
    it(`tracked with the free-form handle ${handle.slice(0, 20)}`, () => {
      const bytes = Buffer.from(handle).toString('latin1');
      const one = cell({ listed: [handle], cgroups: { [`${GARDEN}/${bytes}`]: [200] } });
      expect(outcome(check(one))).to.deep.equal([`${handle} tracked`]);
    });

  for (const [listed, name] of [
    ['a', '\xef\xbb\xbfa'],
    ['a\\xff', 'a\xff'],
  ] as const)
    it(`not a cgroup whose name gives the same handle: ${JSON.stringify(name)}`, () => {
      const one = container(listed);
      const posing = { [`${GARDEN}/${name}`]: [300] };
      const unowned = loseProperties(cell({ containers: [one], cgroups: posing }), one);
      const { containers } = checkFor(2, unowned, unowned);
      const own = containers.filter(({ handle }) => handle === listed);
      expect(own).to.have.lengthOf(1);
      expect(own[0]).to.deep.include({ status: 'untracked', reason: 'unowned', pids: 1 });
    });

  it('only below the scope of a cell that is itself a container', () => {
    const vm = '/docker/vm';
    const one = cell({
      containers: [app('billing', { below: `${vm}${GDN}/garden` })],
      gdnIn: `${vm}${GDN}`,
      scope: { memory: `${vm}/init.scope` },
    });
    const report = check(one);
    expect(outcome(report)).to.deep.equal([`${billing.handle} tracked`]);
    expect(report.cell.scopes).to.deep.equal({ memory: vm });
  });
});

describe('Where gdn throttles containers,', () => {
  const good = app('billing', { below: `${GARDEN}/good` });
  const bad = app('billing', { below: `${GARDEN}/bad` });

  it('the empty bad/H of a listed container is not a leftover', () => {
    expectOf(
      { [good.cgroup]: [200], [bad.cgroup]: [] },
      'billing: tracked, 1 process, in GDN/garden/good/billing',
    );
  });

  it('one that is caught while it is throttled has the processes of good/H and bad/H', () => {
    expectOf(
      { [good.cgroup]: [200], [bad.cgroup]: [201] },
      'billing: tracked, 2 processes, in GDN/garden/bad/billing, throttled',
    );
  });

  it('an empty good/H and a live bad/H are one throttled container', () => {
    expectOf(
      { [good.cgroup]: [], [bad.cgroup]: [200] },
      'billing: tracked, 1 process, in GDN/garden/bad/billing, throttled',
    );
  });

  it('v1 moves processes in the cpu hierarchy only', () => {
    const one = cell({
      containers: [good],
      hierarchies: { cpu: { [bad.cgroup]: [200] } },
      memberships: { 200: { memory: good.cgroup, cpu: bad.cgroup } },
    });
    expectShown(
      check(one),
      'billing: tracked, 1 process, in GDN/garden/bad/billing, in GDN/garden/good/billing, ' +
        'throttled',
    );
  });
});

describe('A pea', () => {
  it('beside or below a container is a part of it', () => {
    const peas = { [envoyOf(billing)]: [201], [healthCheckOf(billing)]: [202] };
    expectShown(
      check(cell({ containers: [billing], cgroups: peas })),
      `${TRACKED}, with billing-envoy and billing-liveness-healthcheck-0`,
    );
  });

  it('does not keep its container alive', () => {
    expectOf(
      { [billing.cgroup]: [], [envoyOf(billing)]: [201] },
      'billing: pending warning no-cgroup, 0 processes, with billing-envoy',
    );
  });

  it('is not a container whose handle begins like another one', () => {
    const [a, b] = [container('a'), container('a-b', { pids: [201] })];
    expectShown(
      check(cell({ containers: [a], lost: [b] })),
      'a-b: untracked critical unknown-to-garden, 1 process',
      'a: tracked, 1 process',
    );
  });

  it('of a container with a finding has its processes in the report, apart from the others', () => {
    const lost = cell({ lost: [shop], cgroups: { [envoyOf(shop)]: [301, 666] } });
    const { processes, peaProcesses } = firstOf(
      check({ ...lost, processes: [{ pid: 300 }, { pid: 301 }, { pid: 666, comm: 'sleep' }] }),
    );
    expect(processes.map(({ pid }) => pid)).to.deep.equal([300]);
    expect(peaProcesses).to.have.length(1);
    expect(peaProcesses[0]).to.deep.include({ pea: `${shop.handle}-envoy`, pids: 2 });
    expect(peaProcesses[0]?.processes.map(({ comm }) => comm)).to.include('sleep');
  });

  it('whose container is neither listed nor alive is a warning', () => {
    expectShown(
      check(cell({ cgroups: { [healthCheckOf(billing)]: [202] } })),
      'billing: untracked warning unknown-to-garden, 0 processes, ' +
        'in GDN/garden/billing-liveness-healthcheck-0, with billing-liveness-healthcheck-0, ' +
        'left: peas',
    );
  });

  it('that is an Envoy and outlived its container, which no list names, is a warning, too', () => {
    expectShown(
      check(cell({ cgroups: { [billing.cgroup]: [], [envoyOf(billing)]: [202] } })),
      'billing: untracked warning unknown-to-garden, 0 processes, with billing-envoy, left: peas',
    );
  });

  it('is not what has a free-form handle like one, where Garden listed it before', () => {
    const mine = container('my-envoy', { pids: [202] });
    const listed = cell({ containers: [mine] });
    expectShown(
      check(listed, lose(listed, mine)),
      'my-envoy: untracked critical unknown-to-garden, 1 process',
    );
  });
});

describe("Garden's own directories", () => {
  const inGood = app('billing', { below: `${GARDEN}/good` });
  const TRACKED_IN_GOOD = 'billing: tracked, 1 process, in GDN/garden/good/billing';

  it('stay so when a process strays into one', () => {
    const strays = { [`${GARDEN}/good`]: [9], [GARDEN]: [8] };
    expectShown(
      check(cell({ containers: [inGood], cgroups: strays })),
      TRACKED_IN_GOOD,
      '2 unrecognised cgroups',
    );
  });

  it('stay so when the container good has moved a process into one', () => {
    const good = container('good', { below: GDN, pids: [8] });
    expectShown(
      check(cell({ containers: [inGood, good], cgroups: { [`${GARDEN}/good`]: [9] } })),
      TRACKED_IN_GOOD,
      'good: tracked, 1 process, privileged, in GDN/good',
      '1 unrecognised cgroup',
    );
  });

  it('are none where a privileged container has a handle like one', () => {
    const like = container('garden-x', { below: GDN, pids: [300] });
    expectShown(
      check(cell({ containers: [billing, like] })),
      TRACKED,
      'garden-x: tracked, 1 process, privileged, in GDN/garden-x',
    );
  });

  it("are never hidden by a container that is called like an ancestor of gdn's cgroup", () => {
    const named = created({ ...cell({ lost: [shop] }), listed: ['system.slice'] });
    expectShown(check(named), SHOP_LOST, 'system.slice: pending, 0 processes');
  });

  it('have privileged containers and their peas beside them', () => {
    const own = privileged('billing');
    const peas = { [`${own.cgroup}-envoy`]: [201], [healthCheckOf(own)]: [202] };
    expectShown(
      check(cell({ containers: [own], cgroups: peas })),
      'billing: tracked, 1 process, privileged, in GDN/billing, ' +
        'with billing-envoy and billing-liveness-healthcheck-0',
    );
  });

  it('may be below a container: everything there is its own', () => {
    const own = privileged('billing');
    const nested = { [`${own.cgroup}/garden/${shop.handle}`]: [300] };
    expectShown(
      check(cell({ containers: [own], cgroups: nested })),
      'billing: tracked, 2 processes, privileged, in GDN/billing',
    );
  });
});

describe('On v2, where containerd keeps the processes of a container in its leaf init,', () => {
  const inLeaf = (handle: string, pid: number, below = '/garden') =>
    container(handle, { cgroup: `${below}/${handle}/init`, pids: [pid] });

  it('good and bad are handles', () => {
    const own = container(billing.handle, {
      cgroup: `/garden/${billing.handle}/init`,
      pids: [300],
    });
    expectShown(
      check(cell({ primary: 'v2', containers: [inLeaf('good', 200), own] })),
      TRACKED,
      'good: tracked, 1 process',
    );
  });

  it('the leaf of the container good is not the container init', () => {
    const containers = [inLeaf('good', 200), inLeaf('init', 300)];
    expectShown(
      check(cell({ primary: 'v2', containers })),
      'good: tracked, 1 process',
      'init: tracked, 1 process',
    );
  });

  it('the throttled container init is not the leaf of good', () => {
    const containers = [inLeaf('good', 200, '/garden/good'), inLeaf('init', 300, '/garden/good')];
    expectShown(
      check(cell({ primary: 'v2', containers })),
      'good: tracked, 1 process, in /garden/good/good',
      'init: tracked, 1 process, in /garden/good/init',
    );
  });

  it('containers and their peas are in /garden, and privileged ones beside gdn', () => {
    const own = app('billing', { cgroup: `/garden/${billing.handle}/init` });
    const other = app('shop', { below: '/system.slice', pids: [300] });
    const envoy = { [`/garden/${billing.handle}/${billing.handle}-envoy`]: [201] };
    expectShown(
      check(cell({ primary: 'v2', containers: [own, other], cgroups: envoy })),
      `${TRACKED}, with billing-envoy`,
      'shop: tracked, 1 process, privileged, in /system.slice/shop',
    );
  });
});

/** Garden lists billing, of which nothing lives. */
const lifeless = cell({ listed: [billing], cgroups: { [GARDEN]: [] } });
const usingRoot: Cell = { ...lifeless, rootMounts: { [billing.handle]: [4711] } };

describe('A container that Garden lists, but of which nothing lives,', () => {
  const WARNING = 'billing: untracked warning no-cgroup, 0 processes';
  const CRITICAL = 'billing: untracked critical no-cgroup, 0 processes';
  const envoyOnly = cell({
    listed: [billing],
    cgroups: { [billing.cgroup]: [], [envoyOf(billing)]: [201] },
  });

  it('is partial while another hierarchy shows it alive', () => {
    const inCpu = cell({
      listed: [billing],
      cgroups: { [GARDEN]: [] },
      hierarchies: { cpu: { [billing.cgroup]: [200] } },
    });
    expectShown(
      check(inCpu, inCpu),
      'billing: untracked warning partial, 0 processes, missing in memory',
    );
  });

  it('stays pending in a short check', () => {
    expectShown(
      checkFor(20, lifeless, lifeless),
      'billing: pending warning no-cgroup, 0 processes',
    );
  });

  it('is a warning after a long check', () => {
    expectShown(checkFor(30, lifeless, lifeless), WARNING);
  });

  it('is a warning where only its Envoy runs', () => {
    expectShown(checkFor(30, envoyOnly, envoyOnly), `${WARNING}, with billing-envoy`);
  });

  it('is not said to run outside where only its Envoy runs', () => {
    expect(saidOf(firstOf(check(envoyOnly)))).to.contain(
      'but only its Envoy or a health check runs',
    );
  });

  it('is critical while a process uses its root filesystem', () => {
    expectShown(checkFor(30, usingRoot, usingRoot), CRITICAL);
  });

  it('stays critical where that was not searched for, as on a cell with very many', () => {
    const unsearched = { ...usingRoot, unsearched: [billing.handle] };
    expectShown(checkFor(30, usingRoot, usingRoot, unsearched), CRITICAL);
  });

  it('is a warning where that was never searched for', () => {
    const unsearched = { ...usingRoot, unsearched: [billing.handle] };
    expectShown(checkFor(30, unsearched, unsearched), WARNING);
  });

  it('is no difference while Garden has not called it created', () => {
    const creating = created(lifeless);
    expectShown(checkFor(30, creating, creating, creating), 'billing: pending, 0 processes');
  });

  it('keeps the evidence of a process outside that came after the first pass', () => {
    const later = { ...usingRoot, processes: [{ pid: 4711 }], at: 1000 };
    const { memory } = reportAfter([lifeless, later], 30_000);
    const remembered = memory.containers.get(asHandle(billing.handle));
    expect(remembered?.evidence?.processes.map(({ pid }) => pid)).to.deep.equal([4711]);
  });

  describe('while a later walk of the same pass shows it', () => {
    const shownLater = (one: Cell, before = EMPTY_MEMORY): readonly string[] => {
      const { primaryWalk } = snapshotOf(running);
      const { walks } = snapshotOf(one).answers;
      const later = new Map([
        ...walks,
        ...(primaryWalk === null ? [] : [['memory', primaryWalk] as const]),
      ]);
      const pass = passWith(one, before, { walks: later });
      return outcome(complete(pass, gracePeriodsOfCheck(0)).report);
    };

    it('is not partial', () => {
      const inCpu = cell({
        listed: [billing],
        cgroups: { [GARDEN]: [] },
        hierarchies: { cpu: { [billing.cgroup]: [200] } },
      });
      expect(shownLater(inCpu)).to.deep.equal([`${billing.handle} pending`]);
    });

    it('stays unowned', () => {
      const unowned = loseProperties(running, billing);
      const before = reportAfter([unowned, { ...unowned, at: 1 }]);
      const UNOWNED = [`${billing.handle} untracked unowned`];
      expect(outcome(before.report)).to.deep.equal(UNOWNED);
      const now = { ...loseProperties(lifeless, billing), at: 2 };
      expect(shownLater(now, before.memory)).to.deep.equal(UNOWNED);
    });
  });
});

describe('The owner of a container that was seen before', () => {
  const UNDECIDED = `billing: pending, 1 process, ${NO_PROPERTIES}`;
  const UNOWNED = 'billing: untracked critical unowned, 1 process, no rep runs';
  const noLongerCreated = created(both, shop);
  const unknownCreated = withoutCreatedList(both);

  it('is known without its properties while Garden calls the container created', () => {
    expectShown(check(both, refuseProperties(both, billing)), TRACKED, SHOP_TRACKED);
  });

  it('is unknown without them once Garden no longer calls it created', () => {
    expectShown(check(both, refuseProperties(noLongerCreated, billing)), UNDECIDED, SHOP_TRACKED);
  });

  it('is unknown without them if the list of created containers fails', () => {
    expectShown(check(both, refuseProperties(unknownCreated, billing)), UNDECIDED, SHOP_TRACKED);
  });

  it('is what its properties say once Garden no longer calls it created', () => {
    expectShown(check(both, noLongerCreated), TRACKED, SHOP_TRACKED);
  });

  it('is what its properties say if the list of created containers fails', () => {
    expectShown(check(both, unknownCreated), TRACKED, SHOP_TRACKED);
  });

  it('is lost with the properties once Garden no longer calls it created', () => {
    expectShown(check(both, loseProperties(noLongerCreated, billing)), UNOWNED, SHOP_TRACKED);
  });

  it('is lost with the properties if the list of created containers fails', () => {
    expectShown(check(both, loseProperties(unknownCreated, billing)), UNOWNED, SHOP_TRACKED);
  });

  it('is that of an earlier pass once Garden has lost the properties, and the report says so', () => {
    const sourcesOf = ({ containers }: Report): unknown =>
      containers.map(({ appSource }) => appSource);
    expect(sourcesOf(check(running, loseProperties(running, billing)))).to.deep.equal(['memory']);
    expect(sourcesOf(check(running, lose(running, billing)))).to.deep.equal(['memory']);
    expect(sourcesOf(check(running, running))).to.deep.equal([undefined]);
  });

  it('stays lost if Garden no longer answers', () => {
    const unowned = loseProperties(running, billing);
    expectShown(
      check(running, unowned, refuseProperties(unowned, billing)),
      'unknown: no-properties',
      '1 container live',
      UNOWNED,
    );
  });

  it('is not known of any container if Garden answers nothing but its list', () => {
    expectShown(
      check(both, refuseProperties(unknownCreated, billing, shop)),
      'unknown: no-properties',
      '2 containers live',
      TRACKED,
      SHOP_TRACKED,
    );
  });
});

describe('A container that hides itself', () => {
  const hidden = { ...end(running, billing), unreadable: [billing.cgroup] };
  const UNDECIDED = `billing: pending, 0 processes, ${HIDES}`;

  it('is no finding any more once Garden lists it', () => {
    expectShown(check(lose(running, billing), hidden), UNDECIDED);
  });

  it('is no finding any more once Garden has its properties', () => {
    const unowned = loseProperties(running, billing);
    expectShown(check(running, unowned, hidden), UNDECIDED);
  });

  it('stays a finding while Garden has lost its properties', () => {
    const unowned = loseProperties(running, billing);
    expectShown(
      check(running, unowned, loseProperties(hidden, billing)),
      `billing: untracked critical unowned, 0 processes, ${HIDES}`,
    );
  });

  it('leaves only itself undecided: once, its cgroup made the whole cell unknown', () => {
    const unreadable = cell({
      listed: [billing],
      lost: [shop],
      cgroups: { [billing.cgroup]: 'EACCES' },
    });
    expectShown(check(unreadable), SHOP_LOST, UNDECIDED);
  });

  it('is not a container if it is unknown', () => {
    const others: Cgroups = { '/delegating/x': 'EACCES', [`${GDN}/y`]: 'EACCES' };
    expectShown(check(withCgroups(running, others)), TRACKED);
  });

  it('counts as live where no list names it, in a Garden directory', () => {
    const one = withCgroups(running, { [shop.cgroup]: 'EACCES' });
    expectShown(
      checkFor(2, one, one),
      'shop: untracked critical unknown-to-garden, 0 processes, left: hidden',
      TRACKED,
    );
  });

  describe('and is privileged', () => {
    const own = privileged('shop', { pids: [300] });
    const listed = cell({ containers: [billing, own] });
    const HIDDEN =
      'shop: untracked critical unknown-to-garden, 0 processes, privileged, in GDN/shop, ' +
      'left: hidden';

    it('counts as live where Garden listed it before', () => {
      const one = withCgroups(running, { [own.cgroup]: 'EACCES' });
      expectShown(checkFor(2, listed, one, one), HIDDEN, TRACKED);
    });

    it('counts as live where it nests so deep that no path leads to its processes', () => {
      const nested = withCgroups(lose(listed, own), { [`${own.cgroup}/a/b`]: [] });
      const deep = {
        ...withCgroups(running, { [`${own.cgroup}/a/b`]: [] }),
        unreadable: [`${own.cgroup}/a/b/c`],
      };
      expectShown(checkFor(2, listed, nested, nested, deep), HIDDEN, TRACKED);
    });
  });
});

describe('A listed container whose cgroup shows no process', () => {
  /** shop runs, and Garden lists billing, too. */
  const withCpu = (cpu: Cgroups): Cell =>
    list(cell({ containers: [shop], hierarchies: { cpu } }), billing, shop);
  const read = withCpu({ [shop.cgroup]: [300] });
  const inCpuToo = withCpu({ [shop.cgroup]: [300], [billing.cgroup]: [200] });
  const UNREAD =
    'billing: pending, 0 processes, undecided because another hierarchy could not be read';

  it('is undecided if another hierarchy could not be read', () => {
    expectShown(check(withCpu({ [GARDEN]: 'EACCES' })), UNREAD, SHOP_TRACKED);
  });

  it('is undecided if a part of another hierarchy above containers could not be read', () => {
    const part = withCpu({ [shop.cgroup]: [300], [`${GARDEN}/good`]: 'EACCES' });
    expectShown(check(part), UNREAD, SHOP_TRACKED);
  });

  it('is undecided without its properties', () => {
    expectShown(
      check(refuseProperties(read, billing)),
      `billing: pending, 0 processes, ${NO_PROPERTIES}`,
      SHOP_TRACKED,
    );
  });

  it('is undecided if Garden does not say whether it is created', () => {
    expectShown(
      check(withoutCreatedList(read)),
      'billing: pending, 0 processes, undecided because Garden did not say whether the ' +
        'container is created',
      SHOP_TRACKED,
    );
  });

  it('is being created if Garden does not call it created', () => {
    expectShown(check(created(read, shop)), 'billing: pending, 0 processes', SHOP_TRACKED);
  });

  it('has lost its owner also if it runs only in another hierarchy', () => {
    expectShown(
      check(loseProperties(inCpuToo, billing)),
      'billing: untracked critical unowned, 0 processes, no rep runs',
      SHOP_TRACKED,
    );
  });

  it('is partial if it runs only in another hierarchy', () => {
    expectShown(
      check(inCpuToo, inCpuToo),
      'billing: untracked warning partial, 0 processes, missing in memory',
      SHOP_TRACKED,
    );
  });
});

/** Process 200 of billing is in the root of cpu, in which gdn keeps a Garden directory. */
const inRootOf = (hierarchy: string, cgroups: Cgroups): Cell =>
  cell({
    containers: [billing],
    hierarchies: { [hierarchy]: cgroups },
    memberships: { 200: { memory: billing.cgroup, [hierarchy]: '/' } },
  });
const partial = inRootOf('cpu', { [GARDEN]: [] });
const PARTIAL = 'billing: untracked warning partial, 1 process, in /, missing in cpu';
const IN_ROOT = 'billing: tracked, 1 process, in /';

describe('A container whose processes are in no cgroup of it in one hierarchy', () => {
  it('is never partial in one pass', () => {
    expectShown(
      check(partial),
      'billing: pending warning partial, 1 process, in /, missing in cpu',
    );
  });

  it('is partial in the second pass', () => {
    expectShown(check(partial, partial), PARTIAL);
  });

  it('is tracked if gdn keeps no directory in that controller', () => {
    const without = inRootOf('cpu', { [GDN]: [] });
    expectShown(check(without, without), IN_ROOT);
  });

  it('is tracked while another process of it is there', () => {
    const other = inRootOf('cpu', { [billing.cgroup]: [201] });
    expectShown(check(other, other), IN_ROOT);
  });

  it('is tracked if it is a named hierarchy', () => {
    const named = inRootOf('name=systemd', { [GARDEN]: [] });
    expectShown(check(named, named), IN_ROOT);
  });

  it('is partial in a controller in which this incarnation was seen before', () => {
    const place = `${GDN}/${billing.handle}`;
    const before = cell({
      containers: [billing],
      hierarchies: { cpu: { [place]: [200] } },
      memberships: { 200: { memory: billing.cgroup, cpu: place } },
    });
    const without = inRootOf('cpu', { [GDN]: [] });
    expectShown(check(before, without, without), PARTIAL);
  });
});

describe('A partial container to which a worse thing happens', () => {
  const unowned = loseProperties(partial, billing);
  const lost = lose(partial, billing);
  const since = (...cells: readonly Cell[]) => firstOf(checkFor(2, ...cells)).since;

  it('is partial until it has been without an owner for the grace period', () => {
    expectShown(checkFor(2, partial, partial, unowned), PARTIAL);
  });

  it('is unowned after that', () => {
    expectShown(
      checkFor(2, partial, partial, unowned, unowned),
      'billing: untracked critical unowned, 1 process, in /, no rep runs',
    );
  });

  it('is partial for one more pass if Garden does not list it', () => {
    expectShown(checkFor(2, partial, partial, lost), PARTIAL);
  });

  it('is unknown to Garden in the second pass', () => {
    expectShown(
      checkFor(2, partial, partial, lost, lost),
      'billing: untracked critical unknown-to-garden, 1 process, in /',
    );
  });

  describe('and that is privileged', () => {
    const own = privileged('billing');
    const inTop = (cpu: Cgroups): Cell =>
      cell({
        containers: [own],
        hierarchies: { cpu },
        memberships: { 200: { memory: own.cgroup, cpu: '/' } },
      });
    const missing = inTop({ [GARDEN]: [] });

    it('stays partial while nothing calls it by its name any more', () => {
      expectShown(
        checkFor(2, missing, missing, lose(missing, own)),
        'billing: untracked warning partial, 1 process, privileged, in /, in GDN/billing, ' +
          'missing in cpu',
      );
    });

    it('is pending where it is whole again, but lost', () => {
      const whole = lose(inTop({ [GARDEN]: [], [own.cgroup]: [201] }), own);
      expectShown(
        checkFor(2, missing, missing, whole),
        'billing: pending critical unknown-to-garden, 1 process, privileged, in /, ' +
          'in GDN/billing',
      );
    });
  });

  it('is partial as before when that goes away again', () => {
    expectShown(checkFor(2, partial, partial, unowned, partial, unowned), PARTIAL);
  });

  it('is still unowned after a pass in which Garden does not answer', () => {
    const refused = refuseProperties(unowned, billing);
    expectShown(
      checkFor(2, partial, partial, unowned, refused, unowned),
      'billing: untracked critical unowned, 1 process, in /, no rep runs',
    );
  });

  it('has begun with the first of several reasons in a row', () => {
    expect(since(partial, partial, lost, lost)).to.equal(since(partial, partial));
  });

  it('has the processes of that as evidence, not those of days ago', () => {
    const withProcess = (pid: number): Cell => ({
      ...cell({
        containers: [app('billing', { pids: [pid] })],
        hierarchies: { cpu: { [GARDEN]: [] } },
        memberships: { [pid]: { memory: billing.cgroup, cpu: '/' } },
      }),
      processes: [{ pid, comm: 'app' }],
    });
    const later = lose(withProcess(901), billing);
    const { memory } = lastPass(2, withProcess(500), withProcess(500), later, later);
    const { evidence } = memory.containers.get(asHandle(billing.handle)) ?? { evidence: null };
    expect(evidence?.processes.map(({ pid }) => pid)).to.deep.equal([901]);
  });

  it('stays a finding where no inode of its cgroup is remembered', () => {
    const one = cell({ lost: [shop] });
    const { memory: before } = reportAfter([one], 2000);
    const containers = new Map(
      [...before.containers].map(([handle, known]) => [handle, { ...known, cgroupInode: null }]),
    );
    const { report } = reportAfter([{ ...one, at: 2000 }], 2000, { ...before, containers });
    expectShown(report, SHOP_LOST);
  });
});

describe('The cell is unknown', () => {
  it('if the list of Garden cannot be read: that makes no findings', () => {
    expectShown(check(gardenAway(running)), 'unknown: garden-unavailable', '1 container live');
  });

  it('if no process of the cell is visible: not all is lost', () => {
    expectShown(
      check({ ...end(running, billing), gdn: [] }),
      'unknown: processes-hidden',
      '0 containers live',
    );
  });

  it('if nothing shows whose the Garden directories are', () => {
    const several = cell({
      listed: [billing],
      cgroups: {
        [`/a/garden/${shop.handle}`]: [300],
        '/b/garden/x': [301],
        [`/c/${billing.handle}`]: [200],
      },
      gdn: [],
    });
    expectShown(check(several), 'unknown: no-anchor', '3 containers live', '1 systemd cgroup');
  });

  it('if a directory that could hold containers cannot be read', () => {
    expectShown(
      check({ ...running, unreadable: [GARDEN] }),
      `unknown: unreadable ${GARDEN}`,
      '1 container live',
    );
  });

  it('if Garden answers its list and no question about any container', () => {
    expectShown(
      check(refuseProperties(running, billing)),
      'unknown: no-properties',
      '1 container live',
    );
  });

  it('but not if Garden does not return the owner of one container', () => {
    expectShown(
      check(refuseProperties(both, billing)),
      `billing: pending, 1 process, ${NO_PROPERTIES}`,
      SHOP_TRACKED,
    );
  });

  it('with the last known state, and the findings with their since', () => {
    const known = reportAfter([shopLost, { ...shopLost, at: 3000 }], 2000);
    const away = { ...gardenAway(shopLost), at: 9000 };
    const { report } = reportAfter([away], 2000, known.memory);
    expect(report.verdict).to.equal('unknown');
    expect(report.containers).to.deep.equal(known.report.containers);
  });

  it('since the time when Garden first was unavailable', () => {
    const away = gardenAway(running);
    const first = reportAfter([{ ...away, at: 1000 }]);
    const later = reportAfter([{ ...away, at: 5000 }], 0, first.memory);
    const since = ({ report: { garden } }: typeof first) =>
      garden.state === 'unavailable' ? garden.since : null;
    expect(since(later)).to.equal(since(first));
  });
});

describe('A hierarchy that is called like a property of every object', () => {
  for (const name of ['valueOf', 'constructor', '__proto__'])
    it(`is not taken for that property: ${name}`, () => {
      const trees = Object.fromEntries([...Object.entries(running.trees), [name, '/: 1']]);
      const memberships = { 200: { memory: billing.cgroup } };
      const odd = { ...running, trees, memberships };
      expect(outcomeOf(odd)).to.deep.equal(outcomeOf(running));
      expect(outcomeOf({ ...odd, gdn: [] })).to.deep.equal(outcomeOf({ ...running, gdn: [] }));
    });
});

describe('A pass over many unrecognised live cgroups of one unit', () => {
  it('looks at every one: with more than 256, the cell was unknown', () => {
    const many = Array.from({ length: 5000 }, (_, n) => [`/delegating/${n}`, [n + 1000]]);
    const one = withCgroups(running, {
      ...(Object.fromEntries(many) as Cgroups),
      '/alone': [999],
    });
    const { report, memory: known } = reportAfter([one]);
    expect(report.verdict).to.equal('all-tracked');
    const asked = questionsOf(passOf(one, known)).processes;
    expect(asked).to.have.length(2048);
    expect(asked).to.include(999);
  });
});

describe('A container about which a pass cannot decide', () => {
  const undecided = refuseProperties(both, shop);

  it('is not unknown to Garden any more if that lists it', () => {
    expectShown(
      checkFor(2, shopLost, shopLost, undecided),
      `shop: pending, 1 process, ${NO_PROPERTIES}`,
      TRACKED,
    );
  });

  it('may still have lost its owner if it is live', () => {
    const unowned = loseProperties(both, shop);
    expectShown(
      checkFor(2, unowned, unowned, refuseProperties(unowned, shop)),
      `shop: untracked critical unowned, 1 process, ${NO_PROPERTIES}`,
      TRACKED,
    );
  });

  it('is not no-cgroup any more if it is live', () => {
    const gone = loseProperties(list(running, billing, shop), shop);
    expectShown(
      checkFor(30, gone, gone, undecided),
      `shop: pending, 1 process, ${NO_PROPERTIES}`,
      TRACKED,
    );
  });
});
