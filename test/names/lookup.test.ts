import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { Names } from '../../src/model/names.ts';
import { keysOf, falcoIdOf } from '../../src/names/keys.ts';
import { lookUp, lookUpProcess, type Found } from '../../src/names/lookup.ts';
import { BILLING, cgroupAt, container, namesOf, SHOP } from './named-containers.ts';

const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';

/** The container that was found, with the pea if it is one; else why none was. */
const answer = (found: Found): string => {
  if (found.kind !== 'named') return found.kind;
  return found.pea === null ? found.container.handle : `pea ${found.pea}`;
};
const whose = (names: Names, id: string): string => answer(lookUp(names, id));

describe('an id of a container', () => {
  const names = namesOf(container(BILLING), container(SHOP), container(TASK));

  it('is its handle, or a beginning that no other handle has', () => {
    expect(whose(names, BILLING)).to.equal(BILLING);
    expect(whose(names, '479c5b5')).to.equal(BILLING);
  });

  it('is too short with fewer characters than a sensor writes of a handle', () => {
    for (const id of ['4', '479c5b', 'good/4', 'garden/479c'])
      expect(whose(names, id), id).to.equal('too-short');
    expect(whose(names, '9')).to.equal('not-found');
    expect(whose(namesOf(container('4'), container(BILLING)), '4')).to.equal('4');
  });

  it('is whatever a sensor makes of its cgroup, whole or cut', () => {
    for (const handle of [BILLING, SHOP, TASK])
      for (const key of keysOf(handle)) expect(whose(names, key), key).to.equal(handle);
    expect(keysOf(BILLING)).to.deep.equal([
      BILLING,
      `good/${BILLING}`,
      `bad/${BILLING}`,
      `garden/${BILLING}`,
      '479c5b59-177',
      'good/479c5b5',
      'bad/479c5b59',
      'garden/479c5',
    ]);
  });

  it('names nobody if two containers have it', () => {
    const near = namesOf(container(BILLING), container('479c5b59-177f-4e0a-5d3b-9f21'));
    expect(whose(near, '479c5b59-177')).to.equal('ambiguous');
    expect(whose(near, 'good/479c5b5')).to.equal('ambiguous');
    expect(whose(near, BILLING)).to.equal(BILLING);
  });

  it('names nobody if a running and an ended container have it', () => {
    const ended = container('479c5b59-0000-4e0a-5d3b-9f21', { ended: 1 });
    expect(whose(namesOf(container(BILLING), ended), '479c5b59')).to.equal('ambiguous');
  });

  it('names nobody if it is a whole handle, and may be a longer one that was cut', () => {
    const cut = namesOf(container('nightly-jobs'), container('nightly-jobs-2'));
    expect(whose(cut, 'nightly-jobs')).to.equal('ambiguous');
    const short = namesOf(container('nightly'), container('nightly-2'));
    expect(whose(short, 'nightly')).to.equal('nightly');
  });

  it('cannot name anybody if a sensor gives it to many', () => {
    for (const id of ['garden.servi', 'host', '', 'good/', 'garden'])
      expect(whose(names, id), id).to.equal('unnameable');
  });

  it('is not found only if the kernel and Garden were read', () => {
    expect(whose(names, 'ffff')).to.equal('not-found');
    expect(whose({ ...names, wasRead: false }, 'ffff')).to.equal('unread');
    expect(whose({ ...names, wasRead: false }, '479c5b59')).to.equal(BILLING);
  });

  it('may be like the key of an object', () => {
    const odd = namesOf(container('__proto__'), container('constructor'));
    expect(whose(odd, '__proto__')).to.equal('__proto__');
    expect(whose(names, '__proto__')).to.equal('not-found');
    expect(whose(names, 'constructor')).to.equal('not-found');
  });

  it('is not found if it is longer than any path', () => {
    expect(whose(names, BILLING.padEnd(5000, '/x'))).to.equal('not-found');
  });
});

describe('the cgroup path of a container', () => {
  const names = namesOf(
    container(BILLING, {
      cgroups: [
        cgroupAt(`/system.slice/garden.service/garden/good/${BILLING}`),
        cgroupAt(`/system.slice/garden.service/garden/good/${BILLING}/${BILLING}-envoy`, {
          pea: `${BILLING}-envoy`,
        }),
      ],
    }),
    container(SHOP, {
      cgroups: [
        cgroupAt(`/system.slice/garden.service/garden/bad/${SHOP}`),
        cgroupAt(`/system.slice/garden.service/garden/${SHOP}-liveness-healthcheck-0`, {
          pea: `${SHOP}-liveness-healthcheck-0`,
        }),
      ],
    }),
  );
  const garden = '/system.slice/garden.service/garden';

  it('names it, and so does everything below', () => {
    expect(whose(names, `${garden}/good/${BILLING}`)).to.equal(BILLING);
    expect(whose(names, `${garden}/good/${BILLING}/init`)).to.equal(BILLING);
    expect(whose(names, `${garden}/good/${BILLING} (deleted)`)).to.equal(BILLING);
    expect(whose(names, garden)).to.equal('not-found');
  });

  it('names it after gdn has throttled it, and after that ended', () => {
    expect(whose(names, `${garden}/bad/${BILLING}/init`)).to.equal(BILLING);
    expect(whose(names, `${garden}/good/${SHOP}`)).to.equal(SHOP);
  });

  it('names its pea', () => {
    expect(whose(names, `${garden}/good/${BILLING}/${BILLING}-envoy`)).to.equal(
      `pea ${BILLING}-envoy`,
    );
    expect(whose(names, `${garden}/bad/${BILLING}/${BILLING}-envoy`)).to.equal(
      `pea ${BILLING}-envoy`,
    );
    expect(whose(names, `${SHOP}-liveness-healthcheck-0`)).to.equal(
      `pea ${SHOP}-liveness-healthcheck-0`,
    );
  });

  it('may begin at a mount point or at a cgroup namespace', () => {
    expect(whose(names, `/sys/fs/cgroup${garden}/good/${BILLING}/init`)).to.equal(BILLING);
    expect(whose(names, `/garden/good/${BILLING}`)).to.equal(BILLING);
    expect(whose(names, `/../../garden/good/${BILLING}`)).to.equal(BILLING);
  });

  it('names the container that made it, not the one that it is called after', () => {
    expect(whose(names, `${garden}/good/${BILLING}/garden/bad/${SHOP}`)).to.equal(BILLING);
    expect(whose(names, `/sys/fs/cgroup${garden}/good/${BILLING}/garden/bad/${SHOP}`)).to.equal(
      BILLING,
    );
  });

  it('names nobody elsewhere', () => {
    expect(whose(names, `/user.slice/garden/good/${BILLING}`)).to.equal('not-found');
  });
});

describe('the cgroup id of a container', () => {
  const inV1 = (controller: string, inode: number) => cgroupAt('/garden/x', { controller, inode });

  it('names it', () => {
    const names = namesOf(
      container(BILLING, { cgroups: [cgroupAt('/garden/b', { inode: 4711 })] }),
      container(SHOP, { cgroups: [cgroupAt('/garden/s', { inode: 4712 })] }),
    );
    expect(whose(names, 'cgroup:4712')).to.equal(SHOP);
    expect(whose(names, 'cgroup:4713')).to.equal('not-found');
  });

  it('names nobody on v1 if two containers have it in different hierarchies', () => {
    const names = namesOf(
      container(BILLING, { cgroups: [inV1('memory', 60), inV1('pids', 71)] }),
      container(SHOP, { cgroups: [inV1('memory', 71), inV1('pids', 82)] }),
    );
    expect(whose(names, 'cgroup:71')).to.equal('ambiguous');
    expect(whose(names, 'cgroup:82')).to.equal(SHOP);
  });
});

describe('a process', () => {
  const names = namesOf(
    container(BILLING, {
      cgroups: [
        cgroupAt(`/garden/good/${BILLING}`, { controller: 'memory' }),
        cgroupAt(`/garden/bad/${BILLING}`, { controller: 'cpu' }),
      ],
    }),
  );
  const whoseProcess = (paths: Record<string, string>): string =>
    answer(
      lookUpProcess(
        names,
        Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, asByteString(path)])),
      ),
    );

  it('is named by its cgroups', () => {
    expect(
      whoseProcess({
        memory: `/garden/good/${BILLING}/init`,
        cpu: `/garden/bad/${BILLING}/init`,
        'name=systemd': '/user.slice',
      }),
    ).to.equal(BILLING);
    expect(whoseProcess({ memory: '/system.slice/cron.service' })).to.equal('not-found');
  });
});

describe("the id that Falco's container plugin keeps the beginning of", () => {
  it('has the directory of a throttled cell in front', () => {
    const falcoIdAt = (path: string): string =>
      falcoIdOf(container(BILLING, { cgroups: [cgroupAt(path)] }));
    expect(falcoIdAt(`/garden/bad/${BILLING}`)).to.equal(`bad/${BILLING}`);
    expect(falcoIdAt(`/garden/good/${BILLING}`)).to.equal(`good/${BILLING}`);
    expect(falcoIdAt(`/garden/${BILLING}`)).to.equal(BILLING);
    expect(falcoIdOf(container(BILLING))).to.equal(BILLING);
  });

  it('is that of cpuset on v1, where only the cpu hierarchy throttles', () => {
    const cgroups = [
      cgroupAt(`/garden/bad/${BILLING}`, { controller: 'cpu' }),
      cgroupAt(`/garden/good/${BILLING}`, { controller: 'memory' }),
      cgroupAt(`/garden/good/${BILLING}`, { controller: 'cpuset' }),
    ];
    expect(falcoIdOf(container(BILLING, { cgroups }))).to.equal(`good/${BILLING}`);
  });
});
