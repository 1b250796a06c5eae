import { expect } from 'chai';
import type { ProcessFacts } from '../../src/model/process.ts';
import { A, G, P, cellWithA, outcome, reportAfter, type CellText } from './cell-builder.ts';

const init = { pid: 300, comm: 'garden-init', namespacePids: [300, 1], parentPid: 290, realUid: 5 };
const shimOf = (id: string, namespace = 'garden'): Partial<ProcessFacts> => ({
  pid: 290,
  comm: 'containerd-shim',
  launched: { by: 'containerd-shim', namespace, id, address: null },
});
const dadooOf = (id: string): Partial<ProcessFacts> => ({
  pid: 280,
  comm: 'dadoo',
  launched: { by: 'dadoo', id, depot: null },
});
const shim = shimOf(P);

describe("unlisted cgroups: live ones outside Garden's directories", () => {
  it('counts a cgroup whose init a containerd-shim of the namespace garden started', () => {
    const { report } = reportAfter([
      cellWithA(`${G}/${P}: 300`, { processes: [init], ancestors: { 300: [shim] } }),
    ]);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
    expect(report.containers[0]).to.deep.include({ privileged: true });
  });

  for (const [story, chain] of Object.entries({
    'a shim of another namespace': [shimOf(P, 'moby')],
    'a process in a container that calls itself dadoo': [
      { ...dadooOf(P), namespacePids: [280, 7] },
    ],
    "an ordinary user's process that calls itself containerd-shim": [{ ...shim, realUid: 2000 }],
    "nobody of Garden's": [{ pid: 280, comm: 'systemd' }],
  })) {
    it(`does not count one started by ${story}`, () => {
      const { report } = reportAfter([
        cellWithA(`${G}/${P}: 300`, { processes: [init], ancestors: { 300: chain } }),
      ]);
      expect(outcome(report)).to.deep.equal([`${A} tracked`]);
      expect(report.ignored.unrecognised).to.equal(1);
    });
  }

  it('counts one of which only a process that joined it later descends from dadoo (runc mode)', () => {
    const sh = { pid: 301, comm: 'sh', namespacePids: [301, 7], parentPid: 280 };
    const { report } = reportAfter([
      cellWithA(`${G}/${P}: 300 301`, {
        processes: [init, sh],
        ancestors: { 300: [], 301: [dadooOf(P)] },
      }),
    ]);
    expect(outcome(report)[0]).to.equal(`${P} untracked unknown-to-garden`);
  });

  it('gives a container the name that its runtime gave it, not one that it gave its cgroups', () => {
    const { report } = reportAfter([
      cellWithA(`${G}/${P}/someone-else: 300`, { processes: [init], ancestors: { 300: [shim] } }),
    ]);
    expect(outcome(report)[0]).to.equal(`${P} untracked unknown-to-garden`);
    expect(report.containers[0]?.cgroups).to.deep.equal({ memory: `${G}/${P}` });
  });

  it('leaves processes that a listed container moved elsewhere to it', () => {
    const { report } = reportAfter([
      cellWithA('/moved/here: 300', { processes: [init], ancestors: { 300: [shimOf(A)] } }),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it('counts one in whose cgroup a listed container has put an older process', () => {
    const older = { pid: 250, comm: 'sh', namespacePids: [250, 9], parentPid: 240 };
    const { report } = reportAfter([
      cellWithA(`${G}/${P}: 250 300`, {
        processes: [older, init],
        ancestors: { 250: [shimOf(A)], 300: [shim] },
      }),
    ]);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
  });

  describe('in a directory that holds other containers', () => {
    const B = 'bbbbbbbb-0000-4000-8000-0000';
    const lost = (path: string, handle: string): CellText => ({
      trees: {
        memory: `${G}: 100\n${path}: 300\n${G}/garden/${B}: 301\n${G}/garden/good/${A}: 200`,
      },
      listed: [],
      processes: [init],
      ancestors: { 300: [shimOf(handle)] },
    });
    const both = [`${A} untracked unknown-to-garden`, `${B} untracked unknown-to-garden`];

    for (const path of ['garden', 'garden/good']) {
      it(`does not hide them when Garden has lost all: ${path}`, () => {
        const { report } = reportAfter([lost(`${G}/${path}`, P)]);
        expect(outcome(report)).to.have.members([`${P} untracked unknown-to-garden`, ...both]);
        const number = { [`${G}/garden`]: 'memory.usage_in_bytes=7' };
        const held = reportAfter([{ ...lost(`${G}/${path}`, P), numbers: number }]).report.held;
        expect(held).to.deep.equal({ memoryBytes: null, pids: 3 });
      });
    }

    it("does not hide them if it is called like gdn's cgroup", () => {
      const { report } = reportAfter([lost(`${G}/x`, 'garden.service')]);
      expect(outcome(report)).to.include.members(both);
    });

    for (const handle of ['good', 'garden']) {
      it(`does not hide them if it is called ${handle} and Garden listed it before`, () => {
        const path = handle === 'good' ? `${G}/garden/good` : `${G}/garden`;
        const one = { ...lost(path, handle), ancestors: {} };
        const before = { ...one, listed: [handle, A, B] };
        const { report } = reportAfter([before, one]);
        expect(outcome(report)).to.include.members(both);
      });
    }
  });

  it('is not fooled by the name of a privileged container: bpm, systemd, garden-x', () => {
    for (const name of ['x-bpm-y', 'web.service', 'garden-x']) {
      const { report } = reportAfter([
        cellWithA(`${G}/${name}: 300`, { processes: [init], ancestors: { 300: [shimOf(name)] } }),
      ]);
      expect(outcome(report)[0]).to.equal(`${name} untracked unknown-to-garden`);
    }
  });

  for (const [hierarchy, base] of [
    ['memory', G],
    ['v2', '/system.slice'],
  ] as const) {
    const below = (directory: string, more: Partial<CellText> = {}): CellText => ({
      trees: {
        [hierarchy]: `${G}: 100\n${G}/garden/${A}: 200\n${base}/${P}\n${base}/${P}/${directory}: 300`,
      },
      listed: [A],
      ...more,
    });
    for (const directory of ['init.scope', 'bpm-x', `docker/${'ab'.repeat(32)}`, 'plain']) {
      it(`finds one whose processes stand below its own cgroup, in ${directory} (${hierarchy})`, () => {
        const { report } = reportAfter([
          below(directory, { processes: [init], ancestors: { 300: [shim] } }),
        ]);
        expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
      });

      it(`finds one that Garden listed before and that stands in ${directory} now (${hierarchy})`, () => {
        const before: CellText = {
          trees: { [hierarchy]: `${G}: 100\n${G}/garden/${A}: 200\n${base}/${P}: 300` },
          listed: [A, P],
        };
        const { report } = reportAfter([before, below(directory)]);
        expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
        expect(report.containers[0]).to.deep.include({
          cgroups: { [hierarchy]: `${base}/${P}` },
        });
      });
    }

    it(`does not take a pea below it that still runs for a live container (${hierarchy})`, () => {
      const tree = `${G}: 100\n${G}/garden/${A}: 200`;
      const envoy = `${base}/${P}/${P}-envoy: 301`;
      const before: CellText = {
        trees: { [hierarchy]: `${tree}\n${base}/${P}: 300\n${envoy}` },
        listed: [A, P],
      };
      const { report } = reportAfter([
        before,
        { trees: { [hierarchy]: `${tree}\n${base}/${P}\n${envoy}` }, listed: [A] },
      ]);
      expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    });
  }

  it('finds one that is called like a directory of Garden, and that Garden listed before', () => {
    for (const path of ['garden/good', 'garden-x']) {
      const name = path.split('/').at(-1) ?? '';
      const before = cellWithA(`${G}/${path}: 300`, { listed: [A, name] });
      const { report } = reportAfter([before, cellWithA(`${G}/${path}: 300`)]);
      expect(outcome(report), path).to.deep.equal([
        `${name} untracked unknown-to-garden`,
        `${A} tracked`,
      ]);
    }
  });

  it('counts units of a system in a container of somebody else as what they are', () => {
    const units = Array.from(
      { length: 300 },
      (_, n) => `/lxc.payload.c0/system.slice/x${n}.service: ${1000 + n}`,
    );
    const { report } = reportAfter([cellWithA(units.join('\n'))]);
    expect(report.verdict).to.equal('all-tracked');
    expect(report.ignored.systemd).to.equal(300);
  });

  it('finds it once when some of its processes have moved elsewhere', () => {
    const { report } = reportAfter([
      cellWithA(`${G}/garden/${P}: 299\n/moved: 300`, {
        processes: [init],
        ancestors: { 300: [shim] },
      }),
    ]);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
  });

  it('does not take a system service for a container because a client chose its name as a handle', () => {
    const images = { 6: null };
    const before = cellWithA('/system.slice/cron.service: 6', {
      listed: [A, 'cron.service'],
      images,
    });
    const { report } = reportAfter([
      before,
      cellWithA('/system.slice/cron.service: 6', { images }),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it('counts peas beside it and cgroups below it as parts of it', () => {
    const { report } = reportAfter([
      cellWithA(`${G}/${P}: 300\n${G}/${P}-envoy: 301\n${G}/${P}/docker/x: 302`, {
        processes: [init, { ...init, pid: 301 }, { ...init, pid: 302 }],
        ancestors: { 300: [shim], 301: [shim], 302: [shim] },
      }),
    ]);
    expect(outcome(report)).to.deep.equal([`${P} untracked unknown-to-garden`, `${A} tracked`]);
    expect(report.containers[0]?.peas).to.deep.equal([`${P}-envoy`]);
  });

  it('counts bpm, docker, systemd and the unrecognised by kind, and reports none', () => {
    const id = '0123456789abcdef'.repeat(4);
    const { report } = reportAfter([
      cellWithA(
        [
          '/system.slice/monit.service/bpm-rep: 1',
          '/system.slice/runc-bpm-route_emitter.scope: 2',
          '/system.slice/monit-service-bpm-bpm-loggr-agent.scope: 3',
          `/docker/${id}: 4`,
          `/system.slice/docker-${id}.scope/init: 5`,
          '/system.slice/cron.service: 6',
          '/user.slice/user-0.slice/session-1.scope: 7',
          '/something: 8',
        ].join('\n'),
      ),
    ]);
    expect(report.verdict).to.equal('all-tracked');
    expect(report.ignored).to.deep.equal({
      bpm: 3,
      docker: 2,
      systemd: 2,
      'other-garden': 0,
      unrecognised: 1,
    });
  });

  for (const [hierarchy, path] of [
    ['memory', G],
    ['v2', '/system.slice'],
    ['memory', '/'],
  ] as const) {
    it(`could not tell where ${path} cannot be read: containers stand in it (${hierarchy})`, () => {
      const { report } = reportAfter([
        {
          trees: { [hierarchy]: `${G}: 100\n${G}/garden/${A}: 200` },
          listed: [A],
          unreadable: [path],
        },
      ]);
      expect(report.verdict).to.equal('unknown');
      expect(report.unknownCause).to.deep.include({ kind: 'unreadable', path });
    });
  }

  it('can do without what stands in a unit that cannot be read', () => {
    const { report } = reportAfter([
      cellWithA('/system.slice/cron.service: 6', { unreadable: ['/system.slice/cron.service'] }),
    ]);
    expect(report.verdict).to.equal('all-tracked');
  });

  it('ignores the containers of another gdn', () => {
    const other = '/system.slice/other-garden.service';
    const { report } = reportAfter([
      cellWithA(`${other}: 150\n${other}/garden/${P}: 300`, {
        gdn: [
          { pid: 150, startTicks: 10, cgroups: { memory: other } },
          { pid: 100, startTicks: 2000, cgroups: { memory: G } },
        ],
      }),
    ]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.ignored['other-garden']).to.equal(1);
  });
});

describe('anchor: which process is gdn', () => {
  const unknown = `${P} untracked unknown-to-garden`;
  const anchored = (gdn: CellText['gdn']) =>
    reportAfter([cellWithA(`${G}/garden/${P}: 300`, gdn === undefined ? {} : { gdn })]).report;

  for (const [story, impostor] of Object.entries({
    'in a container': { pid: 50, startTicks: 1, cgroups: { memory: `${G}/garden/${A}` } },
    'in a pid namespace': {
      pid: 50,
      startTicks: 1,
      namespacePids: [50, 3],
      cgroups: { memory: '/x' },
    },
    'of an ordinary user': { pid: 50, startTicks: 1, realUid: 1000, cgroups: { memory: '/x' } },
    'elsewhere on the host': { pid: 50, startTicks: 1, cgroups: { memory: '/system.slice/x' } },
  })) {
    it(`is not the older one that calls itself gdn ${story}`, () => {
      const report = anchored([impostor, { pid: 100, startTicks: 900, cgroups: { memory: G } }]);
      expect(report.cgroups.anchor?.pid).to.equal(100);
      expect(outcome(report)).to.include(unknown);
    });
  }

  it('is remembered while gdn does not run', () => {
    const before = cellWithA('');
    const { report } = reportAfter([before, cellWithA(`${G}/garden/${P}: 300`, { gdn: [] })]);
    expect(report.cgroups.anchor?.source).to.equal('memory');
    expect(outcome(report)).to.include(unknown);
  });

  it('is found by a walk where nothing is remembered', () => {
    const report = anchored([]);
    expect(report.cgroups.anchor).to.deep.include({ source: 'walk', path: G });
    expect(outcome(report)).to.include(unknown);
  });

  it('accepts a tagged garden directory', () => {
    const { report } = reportAfter([
      {
        trees: { memory: `${G}: 100\n${G}/garden-ab/${A}: 200\n${G}/garden-ab/${P}: 300` },
        listed: [A],
      },
    ]);
    expect(outcome(report)).to.deep.equal([unknown, `${A} tracked`]);
  });
});
