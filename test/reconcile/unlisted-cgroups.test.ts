import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { NO_ANSWERS } from '../../src/model/questions.ts';
import {
  type UnlistedCgroup,
  unlistedAncestorsToAsk,
  unlistedPidsToAsk,
} from '../../src/reconcile/observe/unlisted-cgroups.ts';
import { passOf, process } from './cell-builder.ts';
import {
  app,
  cell,
  container,
  CRON,
  dadooOf,
  gardenInit,
  GARDEN,
  GDN,
  list,
  lose,
  parent,
  privileged,
  shimOf,
  withCgroups,
  withFiles,
  type Cell,
  type Cgroups,
  type Container,
} from './cell.ts';
import { check, expectShown } from './shown.ts';

/*
 * Garden lists billing. Process 300 is the init of a container in another cgroup, and what started
 * it shows whether that is Garden's.
 */

const billing = app('billing');
const shop = app('shop', { pids: [301] });
const worker = privileged('worker', { pids: [300] });
const running = cell({ containers: [billing] });

const startedBy = (before: Cell, ...parents: readonly Partial<ProcessFacts>[]): Cell => ({
  ...before,
  processes: [gardenInit(300)],
  ancestors: { 300: parents },
});
/** Beside billing, the init of a container of Garden is in this cgroup. */
const initIn = (cgroup: string, of: Pick<Container, 'handle'> = worker): Cell =>
  startedBy(withCgroups(running, { [cgroup]: [300] }), shimOf(of));

const TRACKED = 'billing: tracked, 1 process';
const UNRECOGNISED = '1 unrecognised cgroup';
const onlyInit = (name: string, place: string): string =>
  `${name}: untracked warning unknown-to-garden, 1 process, privileged, in ${place}, ` +
  'left: garden-init, started by containerd';
const CRITICAL = 'worker: untracked critical unknown-to-garden';

describe("A live cgroup outside Garden's directories is a container that Garden lost", () => {
  it('if a containerd-shim of the namespace garden started its init', () => {
    expectShown(check(initIn(worker.cgroup)), onlyInit('worker', 'GDN/worker'), TRACKED);
  });

  it('called as its runtime called it, and not as it called its own cgroups', () => {
    expectShown(
      check(initIn(`${worker.cgroup}/someone-else`)),
      onlyInit('worker', 'GDN/worker'),
      TRACKED,
    );
  });

  for (const handle of ['x-bpm-y', 'web.service', 'garden-x'])
    it(`with the handle ${handle}, too`, () => {
      const one = container(handle, { below: GDN });
      expectShown(check(initIn(one.cgroup, one)), onlyInit(handle, `GDN/${handle}`), TRACKED);
    });

  it('once, when some of its processes have moved elsewhere', () => {
    const moved = { [`${GARDEN}/${worker.handle}`]: [299], '/moved': [300] };
    expectShown(
      check(startedBy(withCgroups(running, moved), shimOf(worker))),
      `${CRITICAL}, 1 process`,
      TRACKED,
    );
  });

  it('also in garden/good, if Garden listed it before', () => {
    const good = container('good', { pids: [300] });
    const listed = cell({ containers: [billing, good] });
    expectShown(
      check(listed, lose(listed, good)),
      'good: untracked critical unknown-to-garden, 1 process, privileged',
      TRACKED,
    );
  });

  it('also in garden-x, if Garden listed it before', () => {
    const one = container('garden-x', { below: GDN, pids: [300] });
    const listed = cell({ containers: [billing, one] });
    expectShown(
      check(listed, lose(listed, one)),
      'garden-x: untracked critical unknown-to-garden, 1 process, privileged, in GDN/garden-x',
      TRACKED,
    );
  });

  it('with the peas beside it and the cgroups below it as parts', () => {
    const parts = {
      [worker.cgroup]: [300],
      [`${worker.cgroup}-envoy`]: [301],
      [`${worker.cgroup}/docker/x`]: [302],
    };
    const whole = {
      ...withCgroups(running, parts),
      processes: [gardenInit(300)],
      ancestors: { 300: [shimOf(worker)], 301: [shimOf(worker)], 302: [shimOf(worker)] },
    };
    expectShown(
      check(whole),
      'worker: untracked warning unknown-to-garden, 1 process, privileged, in GDN/worker, ' +
        'with worker-envoy, left: garden-init, started by containerd',
      TRACKED,
    );
  });

  it('with the processes of all its cgroups', () => {
    const parts = { [`${worker.cgroup}/a`]: [300], [`${worker.cgroup}/b`]: [301] };
    const whole = {
      ...withCgroups(running, parts),
      processes: [gardenInit(300), gardenInit(301)],
      ancestors: { 300: [shimOf(worker)], 301: [shimOf(worker)] },
    };
    expectShown(
      check(whole),
      `${CRITICAL}, 2 processes, privileged, in GDN/worker, started by containerd`,
      TRACKED,
    );
  });

  it('in a Garden directory, which may have a tag', () => {
    const [one, lost] = [
      app('billing', { below: `${GDN}/garden-ab` }),
      app('worker', { below: `${GDN}/garden-ab`, pids: [300] }),
    ];
    expectShown(
      check(cell({ containers: [one], lost: [lost] })),
      `${CRITICAL}, 1 process, in GDN/garden-ab/worker`,
      'billing: tracked, 1 process, in GDN/garden-ab/billing',
    );
  });

  /** Another gdn (process 150) runs in `/x`. */
  const withOtherGdn = (before: Cell): Cell => ({
    ...withCgroups(before, { '/x': [150] }),
    gdn: [{ cgroups: { memory: GDN } }, { pid: 150, startTicks: 9000, cgroups: { memory: '/x' } }],
  });

  it('where a container of another gdn has put an older process', () => {
    const joined = {
      ...withOtherGdn(withCgroups(running, { [worker.cgroup]: [250, 300] })),
      processes: [gardenInit(250), gardenInit(300)],
      ancestors: {
        250: [shimOf(shop), parent('gdn', 150)],
        300: [shimOf(worker), parent('gdn', 100)],
      },
    };
    expectShown(
      check(joined),
      `${CRITICAL}, 2 processes, privileged, in GDN/worker, started by containerd`,
      TRACKED,
      UNRECOGNISED,
    );
  });

  it('but not ours if another gdn is above its helper', () => {
    const others = startedBy(
      withOtherGdn(withCgroups(running, { '/y': [300] })),
      shimOf(worker),
      parent('gdn', 150),
    );
    expectShown(check(others), TRACKED, '1 other-garden cgroup', UNRECOGNISED);
  });

  it('in runc mode if only a process that joined it later descends from dadoo', () => {
    const joined = {
      ...withCgroups(running, { [worker.cgroup]: [300, 301] }),
      processes: [gardenInit(300), { pid: 301, comm: 'sh', namespacePids: [301, 7] }],
      ancestors: { 300: [], 301: [dadooOf(worker, '/depot')] },
    };
    expectShown(
      check(joined),
      `${CRITICAL}, 2 processes, privileged, in GDN/worker, started by runc`,
      TRACKED,
    );
  });

  it('where a listed container has put an older process', () => {
    const joined = {
      ...withCgroups(running, { [worker.cgroup]: [250, 300] }),
      processes: [{ pid: 250, comm: 'sh', namespacePids: [250, 9] }, gardenInit(300)],
      ancestors: { 250: [shimOf(billing)], 300: [shimOf(worker)] },
    };
    expectShown(
      check(joined),
      `${CRITICAL}, 2 processes, privileged, in GDN/worker, started by containerd`,
      TRACKED,
    );
  });
});

describe("A live cgroup outside Garden's directories is not a container of its own", () => {
  it('if a listed container moved processes there', () => {
    expectShown(check(initIn('/moved/here', billing)), TRACKED);
  });

  it('if a listed container moved all its processes there', () => {
    expectShown(
      check(list(initIn('/moved/here', shop), billing, shop)),
      'shop: pending warning no-cgroup, 0 processes',
      TRACKED,
    );
  });

  it('if a containerd-shim of another namespace started its init', () => {
    const docker = withCgroups(running, { [worker.cgroup]: [300] });
    expectShown(check(startedBy(docker, shimOf(worker, 'moby'))), TRACKED, UNRECOGNISED);
  });

  it("if none of Garden's helpers started its init", () => {
    const other = withCgroups(running, { [worker.cgroup]: [300] });
    expectShown(check(startedBy(other, parent('systemd', 280))), TRACKED, UNRECOGNISED);
  });

  it('if it is a system service, although a client chose its name as a handle', () => {
    const cron = container('cron.service', { cgroup: CRON, pids: [6] });
    const listed = cell({ containers: [billing, cron], images: { 6: null } });
    expectShown(check(listed, lose(listed, cron)), TRACKED, '1 systemd cgroup');
  });

  it("if it is bpm's, docker's, systemd's or not recognised: none of these is reported", () => {
    const docker = 'ab'.repeat(32);
    const others = {
      '/system.slice/monit.service/bpm-rep': [1],
      '/system.slice/runc-bpm-route_emitter.scope': [2],
      '/system.slice/monit-service-bpm-bpm-loggr-agent.scope': [3],
      [`/docker/${docker}`]: [4],
      [`/system.slice/docker-${docker}.scope/init`]: [5],
      [CRON]: [6],
      '/user.slice/user-0.slice/session-1.scope': [7],
      '/something': [8],
    };
    expectShown(
      check(withCgroups(running, others)),
      TRACKED,
      '3 bpm cgroups',
      '2 docker cgroups',
      '2 systemd cgroups',
      UNRECOGNISED,
    );
  });

  it('if it is of systemd in a container of somebody else', () => {
    const others = { '/lxc.payload.c0/system.slice/x.service': [1000] };
    expectShown(check(withCgroups(running, others)), TRACKED, '1 systemd cgroup');
  });

  it("if it is docker's beside gdn's own cgroup, where only v2 has containers", () => {
    const place = `/system.slice/${worker.handle}/docker/${'ab'.repeat(32)}`;
    expectShown(check(initIn(place)), TRACKED, '1 docker cgroup');
  });

  it('if only a pea below it still runs', () => {
    const envoy = `${worker.cgroup}/${worker.handle}-envoy`;
    const listed = withCgroups(cell({ containers: [billing, worker] }), { [envoy]: [301] });
    const ended = lose(withCgroups(listed, { [worker.cgroup]: [] }), worker);
    expectShown(check(listed, ended), TRACKED, UNRECOGNISED);
  });
});

describe('A cgroup that cannot be read', () => {
  for (const path of [GDN, '/'])
    it(`leaves the cell unknown if it is above containers: ${path}`, () => {
      expectShown(
        check({ ...running, unreadable: [path] }),
        `unknown: unreadable ${path}`,
        '1 container live',
      );
    });

  it('does not if it is a systemd unit, which can hold none', () => {
    const withUnit = withCgroups(running, { [CRON]: [6] });
    expectShown(check({ ...withUnit, unreadable: [CRON] }), TRACKED, '1 systemd cgroup');
  });
});

describe("On v2, a live cgroup outside Garden's directories", () => {
  const one = app('billing', { cgroup: `${GARDEN}/${billing.handle}` });
  const lost = app('worker', { below: '/system.slice', pids: [300] });
  const onV2 = (cgroups: Cgroups = {}): Cell => cell({ primary: 'v2', containers: [one], cgroups });
  const initInV2 = (place: string, more: Cgroups = {}): Cell =>
    startedBy(onV2({ ...more, [place]: [300] }), shimOf(worker));
  const DOCKER = `docker/${'ab'.repeat(32)}`;

  it('is no container if only a pea below it still runs', () => {
    const envoy = `${lost.cgroup}/${lost.handle}-envoy`;
    const listed = cell({ primary: 'v2', containers: [one, lost], cgroups: { [envoy]: [301] } });
    const ended = lose(withCgroups(listed, { [lost.cgroup]: [] }), lost);
    expectShown(check(listed, ended), TRACKED, UNRECOGNISED);
  });

  it("is docker's below a unit beside gdn", () => {
    expectShown(check(initInV2(`${CRON}/${DOCKER}`)), TRACKED, '1 docker cgroup');
  });

  it("is docker's where it is not beside gdn", () => {
    expectShown(check(initInV2(`/other/${DOCKER}`)), TRACKED, '1 docker cgroup');
  });

  it("is a container in containerd's leaf", () => {
    expectShown(
      check(initInV2(`${lost.cgroup}/init`, { [lost.cgroup]: [] })),
      onlyInit('worker', '/system.slice/worker'),
      TRACKED,
    );
  });

  it('leaves the cell unknown if it is /system.slice and cannot be read', () => {
    expectShown(
      check({ ...onV2(), unreadable: ['/system.slice'] }),
      'unknown: unreadable /system.slice',
      '1 container live',
    );
  });
});

describe('A lost container whose processes are below its own cgroup', () => {
  for (const [primary, own, shownIn] of [
    ['memory', worker.cgroup, 'GDN/worker'],
    ['v2', `/system.slice/${worker.handle}`, '/system.slice/worker'],
  ] as const)
    for (const below of ['init.scope', 'bpm-x', `docker/${'ab'.repeat(32)}`, 'plain']) {
      const place = `${below.slice(0, 10)} on ${primary}`;
      const lost = app('worker', { cgroup: own, pids: [300] });
      const moved = cell({
        primary,
        containers: [billing],
        cgroups: { [own]: [], [`${own}/${below}`]: [300] },
      });

      it(`is found by its helper in ${place}`, () => {
        expectShown(check(startedBy(moved, shimOf(worker))), onlyInit('worker', shownIn), TRACKED);
      });

      it(`is found in ${place} if Garden listed it before`, () => {
        expectShown(
          check(cell({ primary, containers: [billing, lost] }), moved),
          `${CRITICAL}, 1 process, privileged, in ${shownIn}`,
          TRACKED,
        );
      });
    }
});

describe('When Garden has lost all containers, one', () => {
  const throttling = app('billing', { below: `${GARDEN}/good` });
  /** A container has moved its init to a cgroup that Garden needs. */
  const allLost = (place: string, of: Pick<Container, 'handle'>): Cell =>
    startedBy(cell({ lost: [throttling, shop], cgroups: { [place]: [300] } }), shimOf(of));
  const OTHERS = [
    'billing: untracked critical unknown-to-garden, 1 process, in GDN/garden/good/billing',
    'shop: untracked critical unknown-to-garden, 1 process',
  ];

  for (const [place, shownIn] of [
    [GARDEN, 'GDN/garden'],
    [`${GARDEN}/good`, 'GDN/garden/good'],
  ] as const) {
    it(`in ${shownIn} does not hide the others`, () => {
      expectShown(check(allLost(place, worker)), ...OTHERS, onlyInit('worker', shownIn));
    });

    it(`in ${shownIn} holds nothing of the others`, () => {
      const charged = withFiles(allLost(place, worker), GARDEN, { 'memory.usage_in_bytes': 7 });
      expect(check(charged).unaccounted).to.deep.equal({ memoryBytes: null, pids: 3 });
    });
  }

  it("does not hide the others if it is called like gdn's cgroup", () => {
    const named = { handle: 'garden.service' };
    const [first, second] = OTHERS;
    expectShown(
      check(allLost(`${GDN}/x`, named)),
      `${first}`,
      `${second}`,
      onlyInit('garden.service', 'GDN/x'),
    );
  });

  for (const [handle, place, shownIn] of [
    ['good', `${GARDEN}/good`, ''],
    ['garden', GARDEN, 'in GDN/garden, '],
  ] as const)
    it(`does not hide the others if it is called ${handle} and Garden listed it before`, () => {
      const named = container(handle, { cgroup: place, pids: [300] });
      const listed = {
        ...cell({ containers: [named, throttling, shop] }),
        processes: [gardenInit(300)],
      };
      expectShown(
        check(listed, list(listed)),
        ...OTHERS,
        `${handle}: untracked warning unknown-to-garden, 1 process, privileged, ${shownIn}` +
          'left: garden-init, started by runc',
      );
    });
});

describe('A pass reads of unlisted cgroups', () => {
  const POSSIBLE: UnlistedCgroup = {
    handle: asHandle(worker.handle),
    path: asByteString('/x'),
    inode: 7,
    pids: Array.from({ length: 20 }, (_, n) => 20 - n),
    peas: [],
    kind: 'unrecognised',
    unit: '/x',
    mayBeContainer: true,
    basis: null,
    isOwnerUnknown: false,
    isInGardenDirectory: false,
  };
  const at = (path: string, change: Partial<UnlistedCgroup> = {}): UnlistedCgroup => ({
    ...POSSIBLE,
    path: asByteString(path),
    ...change,
  });
  const siblings = (count: number) => Array.from({ length: count }, (_, n) => at(`/unit/${n}`));

  it('the processes of those with few siblings first', () => {
    const [first] = unlistedPidsToAsk([...siblings(2), at('/alone/x', { pids: [7] })]);
    expect(first).to.equal(7);
  });

  it('fewer processes of each the more there are', () => {
    expect(unlistedPidsToAsk(siblings(1))).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(unlistedPidsToAsk(siblings(400))).to.have.length(400 * 5);
    expect(unlistedPidsToAsk(siblings(3000))).to.have.length(2048);
  });

  it('nothing of those that are known, or cannot be a container', () => {
    const others = [at('/x', { basis: 'ancestry' }), at('/x', { mayBeContainer: false })];
    expect(unlistedPidsToAsk(others)).to.deep.equal([]);
  });

  it('the parents of processes that are an init', () => {
    const { state } = passOf(running, EMPTY_MEMORY);
    const ownership = state.ownership ?? expect.fail('the cell has no hierarchy');
    const answers = {
      ...NO_ANSWERS,
      processes: new Map([
        [2, process(gardenInit(300, { parentPid: 290 }))],
        [3, process({})],
      ]),
    };
    const facts = { ...ownership, answers, gdn: null };
    expect(unlistedAncestorsToAsk(siblings(1), facts)).to.deep.equal([2]);
  });
});

describe('gdn', () => {
  const lost = app('worker', { pids: [300] });
  const both = cell({ containers: [billing], lost: [lost] });
  const FOUND = [`${CRITICAL}, 1 process`, TRACKED];
  const real = { pid: 100, startTicks: 900, cgroups: { memory: GDN } };
  const older = (cgroup: string, more: Partial<ProcessFacts> = {}) => ({
    pid: 50,
    startTicks: 1,
    cgroups: { memory: cgroup },
    ...more,
  });

  it('is not an older process that calls itself gdn in a container', () => {
    expectShown(check({ ...both, gdn: [older(billing.cgroup), real] }), ...FOUND);
  });

  it('is not an older process that calls itself gdn in a pid namespace', () => {
    const inner = older('/x', { namespacePids: [50, 3] });
    expectShown(check({ ...both, gdn: [inner, real] }), ...FOUND);
  });

  it('is not an older process that calls itself gdn elsewhere on the host', () => {
    expectShown(check({ ...both, gdn: [older('/system.slice/x'), real] }), ...FOUND);
  });

  it('is not an older process of an ordinary user that calls itself gdn', () => {
    const report = check({ ...both, gdn: [older('/x', { realUid: 1000 }), real] });
    expect(report.cgroups.anchor).to.include({ pid: 100, source: 'process' });
    expectShown(report, ...FOUND);
  });

  it('is remembered while it does not run', () => {
    expectShown(check(running, { ...both, gdn: [] }), ...FOUND);
  });

  it('is found by a walk where nothing is remembered', () => {
    expectShown(check({ ...both, gdn: [] }), ...FOUND);
  });
});
