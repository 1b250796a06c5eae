import { expect } from 'chai';
import {
  app,
  cell,
  container,
  gardenInit,
  GDN,
  privileged,
  shimOf,
  type Cell,
  type Cgroups,
} from './cell.ts';
import { checkFor, expectShown, questions } from './shown.ts';

/** worker was listed in the first pass; then Garden lost it, and its processes are elsewhere. */
const billing = app('billing');
const worker = privileged('worker', { pids: [300, 301] });
const shop = app('shop', { pids: [250] });
const listed = cell({ containers: [billing, worker] });

/** The roots of its two processes; by default that of worker. */
const lostIn = (
  place: string,
  root: string | null = worker.handle,
  more: Partial<Cell> = {},
): Cell => ({
  ...cell({ containers: [billing], cgroups: { [place]: [300, 301] } }),
  images: { 300: root, 301: root },
  ...more,
});

const TRACKED = 'billing: tracked, 1 process';
const FOUND = 'worker: untracked critical unknown-to-garden, 2 processes, privileged';
/** Below billing, a process counts for both. */
const billingWith = (processes: number): string =>
  `billing: tracked, ${processes} process${processes === 1 ? '' : 'es'}`;

const BELOW_BILLING = `${billing.cgroup}/${worker.handle}`;
const PLACES: readonly (readonly [string, string, number])[] = [
  ['below another container', BELOW_BILLING, 3],
  ['deeper below another container', `${billing.cgroup}/x/${worker.handle}/y`, 3],
  ['that is called like a unit', `/${worker.handle}-x.service`, 1],
  ['that is called like a pea', `/${worker.handle}-envoy`, 1],
  ['with its name elsewhere', `/x/${worker.handle}`, 1],
  ['below a docker container', `/docker/${'ab'.repeat(32)}/${worker.handle}`, 1],
];

describe('A container that Garden lost and that moved to a cgroup', () => {
  for (const [what, place, processes] of PLACES) {
    const shownIn = place
      .replace('/y', '')
      .replace(GDN, 'GDN')
      .replaceAll(billing.handle, 'billing')
      .replaceAll(worker.handle, 'worker');
    const lines = [`${FOUND}, in ${shownIn}`, billingWith(processes)];
    const moved = lostIn(place);

    it(`${what} is found`, () => {
      expectShown(checkFor(2, listed, moved, moved), ...lines);
    });

    it(`${what} while it is reported stays reported`, () => {
      const lost = lostIn(worker.cgroup);
      expectShown(checkFor(2, listed, lost, lost, moved), ...lines);
    });
  }

  it('is found where it moves in every pass', () => {
    const places = [`/x1/${worker.handle}`, `/x2/${worker.handle}`, BELOW_BILLING];
    const last = lostIn(`/x4/${worker.handle}`);
    expectShown(
      checkFor(2, listed, ...places.map((place) => lostIn(place)), last),
      `${FOUND}, in /x4/worker`,
      TRACKED,
    );
  });

  it("is found where it moves in every pass, by containerd's shim that started it", () => {
    const byShim = { processes: [gardenInit(300)], ancestors: { 300: [shimOf(worker)] } };
    const first = lostIn(`/x1/${worker.handle}`, null, byShim);
    const second = lostIn(`/x2/${worker.handle}`, null, byShim);
    expectShown(
      checkFor(2, listed, first, second),
      `${FOUND}, in /x2/worker, started by containerd`,
      TRACKED,
    );
  });

  it('counts its processes once, and not among unlisted cgroups', () => {
    const first = lostIn(`/x/${worker.handle}/y`);
    const second = lostIn(`/${worker.handle}-x/${worker.handle}`);
    expectShown(checkFor(2, listed, first, second), `${FOUND}, in /worker-x`, TRACKED);
  });

  it('does not take the place of all others if it is called like a directory of systemd', () => {
    const slice = container('system.slice', { pids: [300], below: GDN });
    const before = cell({ containers: [billing, shop, slice], images: { 300: slice.handle } });
    const after = cell({
      containers: [billing],
      lost: [shop],
      cgroups: { '/system.slice/x': [300] },
      images: { 300: slice.handle },
    });
    expectShown(
      checkFor(2, before, after, after),
      'shop: untracked critical unknown-to-garden, 1 process',
      TRACKED,
      '1 unrecognised cgroup',
    );
  });
});

describe('A container that Garden lost is not in a cgroup', () => {
  it('of its name whose processes have another root', () => {
    expectShown(
      checkFor(2, listed, lostIn(`/x/${worker.handle}`, billing.handle)),
      TRACKED,
      '1 unrecognised cgroup',
    );
  });

  it('whose processes have the root of a pea', () => {
    expectShown(
      checkFor(2, listed, lostIn(BELOW_BILLING, `${worker.handle}-envoy`)),
      billingWith(3),
    );
  });

  it('whose processes have a root of the host', () => {
    expectShown(
      checkFor(2, listed, lostIn(`/${worker.handle}-x.service`, null)),
      TRACKED,
      '1 systemd cgroup',
    );
  });

  it('if Garden never listed it', () => {
    expectShown(checkFor(2, lostIn(BELOW_BILLING)), billingWith(3));
  });

  it('of another gdn', () => {
    const otherGdn = { pid: 150, startTicks: 9000, cgroups: { memory: '/y' } };
    const gdn = [{ cgroups: { memory: GDN } }, otherGdn];
    expectShown(
      checkFor(2, listed, lostIn(`/y/${worker.handle}`, worker.handle, { gdn })),
      TRACKED,
      '1 other-garden cgroup',
    );
  });
});

describe('The root of the processes in cgroups with a lost name', () => {
  it('is asked of three in a cgroup, in four cgroups', () => {
    const nine = Array.from({ length: 9 }, (_, n) => [
      `/x${n}/${worker.handle}`,
      [1, 2, 3, 4].map((pid) => 100 + n * 10 + pid),
    ]);
    const lost = cell({
      containers: [billing],
      cgroups: Object.fromEntries(nine) as Cgroups,
      open: ['rootImages'],
    });
    expect(questions(listed, lost).rootImages).to.deep.equal([
      101, 102, 103, 111, 112, 113, 121, 122, 123, 131, 132, 133,
    ]);
  });

  it('is not asked where the lost one runs nowhere', () => {
    const gone = cell({ containers: [billing], open: ['rootImages'] });
    expect(questions(listed, gone).rootImages).to.deep.equal([]);
  });
});
