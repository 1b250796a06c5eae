import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../src/model/ids.ts';
import type { SensorProcess } from '../../src/model/sensor.ts';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { isBlind, predict } from '../../src/sensors/predict.ts';
import type { RunningContainer, SensedCell } from '../../src/sensors/sensed-cell.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { rowsOf } from '../rows.ts';
import {
  cellOf,
  container,
  membership,
  mountInputs,
  predictOne,
  sensorProcess,
} from './sensed-cells.ts';

/** Two apps, a privileged one and a task; gdn's cgroup, and where the image of H is. */
const NAMES: Readonly<Record<string, string>> = {
  H: '8a37cb6f-385b-4dd3-732c-34d6',
  J: 'deadbeef-0001-4002-8003-abcd',
  P: 'c0ffee00-1234-4567-89ab-cdef',
  T: '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111',
  UNIT: '/system.slice/garden.service',
  IMAGE: '/var/vcap/data/grootfs/store/unprivileged/images/h/rootfs',
};
const named = (text: string): string =>
  text.replaceAll(/\b(?:[HJPT]|UNIT|IMAGE)\b/g, (name) => NAMES[name] ?? name);
const H = named('H');

/** A line of mountinfo, and the inode that stat shows there, by the name of the mount. */
const MOUNTS: Readonly<Record<string, readonly [line: string, inode?: number]>> = {
  root: ['1 0 8:1 / / rw shared:1 - ext4 d rw'],
  cgroup: ['20 1 0:20 / /sys/fs/cgroup rw shared:2 - tmpfs t rw'],
  cpuset: ['21 20 0:21 / /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset', 1],
  memory: ['22 20 0:22 / /sys/fs/cgroup/memory rw shared:4 - cgroup c rw,memory', 1],
  image: ['30 1 0:21 /garden/H IMAGE/sys/fs/cgroup/cpuset rw shared:5 - cgroup c rw,cpuset', 77],
  unread: ['30 1 0:21 /garden/H IMAGE/sys/fs/cgroup/cpuset rw shared:5 - cgroup c rw,cpuset'],
  bound: ['23 21 0:21 /garden /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset', 40],
  tmpfs: ['23 21 0:50 / /sys/fs/cgroup/cpuset rw shared:3 - tmpfs t rw'],
  escaped: ['21 20 0:21 / /sys/fs/cgroup/my\\040cpuset rw shared:3 - cgroup c rw,cpuset', 1],
  ours: ['9 1 0:21 / /mnt/cpuset rw - cgroup c rw,cpuset', 1],
  v2: ['21 1 0:30 / /sys/fs/cgroup rw shared:1 - cgroup2 c rw', 1],
  hidden: ['22 21 0:50 / /sys/fs/cgroup/system.slice rw shared:1 - tmpfs t rw'],
  moved: ['22 21 0:30 /system.slice /sys/fs/cgroup/garden rw shared:1 - cgroup2 c rw'],
  elsewhere: ['21 1 0:30 / /mnt/cgroup rw shared:1 - cgroup2 c rw'],
};
const NESTED = 'cgroup cpuset memory image';
const mountsIn = (text: string) => text.split(' ').map((name) => MOUNTS[name] ?? expect.fail(name));
const tableIn = (text: string) => tableOf(...mountsIn(text).map(([line]) => named(line)));

const pathsIn = (words: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(words.map((word) => named(word).split('=') as [string, string]));

/** `H`, where gdn makes it; `H cpuset=/a @900`: in this cgroup since that tick; `H -`: unreadable. */
function containerIn(text: string): RunningContainer {
  const [name = '', ...words] = text.split(' ');
  const given = words.filter((word) => word.includes('='));
  const paths = given.length > 0 ? given : [`memory=UNIT/garden/${name}`, `cpuset=/garden/${name}`];
  const at = words.find((word) => word.startsWith('@'))?.slice(1) ?? '100';
  return container(named(name), words.includes('-') ? null : pathsIn(paths), {
    startTicks: at === '?' ? null : Number(at),
    ...(words.includes('unlisted') && { isListed: false }),
  });
}

/** Of these mounts; after a `/` those of the agent's own table, and of pid 1's cgroup after `in`. */
function cellOn(text: string, containers: readonly RunningContainer[]): SensedCell {
  const [shown = '', firstProcess] = text.replace('nested', NESTED).split(' in ');
  const [mounts = '', own = mounts] = shown.split(' / ');
  const ownTable = tableIn(own);
  const inodes = mountsIn(own).flatMap(([, inode], index): [string, number][] =>
    inode === undefined ? [] : [[ownTable.mounts[index]?.mountPoint ?? '', inode]],
  );
  const inputs = mountInputs(tableIn(mounts), Object.fromEntries(inodes), {
    ownTable,
    ...(firstProcess !== undefined && { firstProcessPaths: membership(pathsIn([firstProcess])) }),
  });
  const isV2 = containers.some(({ membership: of }) => of !== null && 'v2' in of);
  return cellOf(inputs, containers, isV2 ? 'v2' : 'v1');
}
const cellIn = (mounts: string, containers: string): SensedCell =>
  cellOn(mounts, containers.split(', ').map(containerIn));
const CELL = cellIn('nested', 'H, J, T');

const versions = (name: string): ToolVersions =>
  TOOLS.find((one) => `${one.tool} ${one.versions}`.startsWith(name)) ?? expect.fail(name);
const FALCO = versions('falco 0.41');

/** What these versions would see, container by container: `limit` where no version, flag or mount helps. */
function seen(tool: ToolVersions, cell: SensedCell, sensor: SensorProcess | null = null): string {
  const prediction = predictOne(tool, cell, sensor);
  if (prediction.kind === 'cannot-be-told') return prediction.why;
  const each = [...prediction.sights.values()].map((sight) => {
    if ('id' in sight) return `${sight.kind} ${sight.id}`;
    return sight.kind === 'missed' && sight.isKnownLimit ? 'limit' : sight.kind;
  });
  const mount = prediction.taken.kind === 'own' ? 'by its own mount: ' : '';
  return `${mount}${isBlind(prediction) === true ? 'blind: ' : ''}${each.join(', ')}`;
}

/** What holds | versions; after `@` the tick at which a running one started | mounts | containers | what they see. */
const PREDICTIONS = `
up to 0.18 knows no id of Garden, whatever the mount | tracee up to | nested | H, J, T | blind: missed, missed, missed
0.19 takes the mount of a container and sees nothing, since paths begin below it | tracee v0.19 | nested | H, J, T | blind: missed, missed, limit
later ones take the host's mount and see all but the task | tracee v0.20, v0.21, v0.22.3 | nested | H, J, T | seen H, seen J, limit
0.21 is unknown where an inode is out of reach and no root is among the others | tracee v0.21 | unread / root | H | its rule compares inodes, but rollcall cannot reach every mount that the rule compares
0.21 asks mounts of ours that show the same, and a root decides | tracee v0.21 | nested / ours | H, J, T | seen H, seen J, limit
a running one is blind to the older containers only: younger ones come as events | tracee v0.19 @500 | nested | H @100, J @900, P @? | blind: missed, seen J, seen P
walks what covers its mount: /garden, bound over the root | tracee v0.19, v0.20, v0.21, v0.22.3 | root cgroup cpuset bound | H, P cpuset=/P | blind: seen H, missed
walks what covers its mount: a tmpfs | tracee v0.19, v0.20, v0.21, v0.22.3 | root cgroup cpuset tmpfs | H, P cpuset=/P | blind: missed, missed
does not see below a mount inside the tree | tracee v0.19, v0.20, v0.21, v0.22.3 | v2 hidden | P v2=/system.slice/P | blind: missed
sees what that mount shows | tracee v0.19, v0.20, v0.21, v0.22.3 | v2 moved | P v2=/system.slice/P | seen P
finds nothing at an escaped path, which it takes literally | tracee v0.19, v0.20 | cgroup escaped | H, J, T | blind: missed, missed, limit
skips the mount at an escaped path, and mounts its own | tracee v0.21, v0.22.3 | cgroup escaped | H, J, T | by its own mount: seen H, seen J, limit
takes v2 where cpuset is in no v1 hierarchy, whatever is at /sys/fs/cgroup | tracee v0.22.3 | elsewhere in v2=/init.scope | H v2=/garden/H | by its own mount: seen H
has no answer for what could not be read | tracee v0.22.3 | nested | H - | unknown
has none either | falco 0.41 | nested | H - | unknown
takes the first line that gives an id | falco 0.41 | nested | H, J cpuset=/garden/J memory=UNIT/garden/x | misnamed garden.servi, seen deadbeef-000
has cpuset first in the event of a new process | falco 0.41 @50 | nested | H, J cpuset=/garden/J memory=UNIT/garden/x | seen 8a37cb6f-385, seen deadbeef-000
has the whole path at its start | falco 0.41 | nested | H cpuset=/a/b/c/d/e/f/H | blind: misnamed b/c/d/e/f/8a
has six components of a path in an event | falco 0.41 @50 | nested | H cpuset=/a/b/c/d/e/f/H | blind: misnamed c/d/e/f/8a37
has paths that begin at pid 1's cgroup, as on a cell | falco 0.41 | nested in cpuset=/outer/init.scope | H cpuset=/outer/garden/H | seen 8a37cb6f-385
takes the own cgroup on v2 where the controllers are not known | falco 0.41 | v2 | H v2=/garden/H | seen 8a37cb6f-385
does not take a v1 path on v2 | falco 0.41 | v2 | H, J v2=/garden/J | limit, seen deadbeef-000
up to 0.40 knows none | falco up to | nested | H, J, T | blind: missed, missed, missed
knows none, which is a known limit | tetragon | nested | H, J, T | blind: limit, limit, limit
knows none with its defaults | inspektor-gadget | nested | H, J, T | blind: missed, missed, missed
is unknown where it runs | inspektor-gadget @500 | nested | H | its flags and environment decide which containerd it asks, and rollcall cannot read that environment
is unknown | datadog-system-probe | nested | H | some of its versions derive the handle from the path, others drop it, and no flag shows which
knows what Garden lists | datadog | nested | H, J unlisted | seen H, limit
`;

describe('what sensors would see', () => {
  for (const [title = '', tools = '', mounts = '', containers = '', sights = ''] of rowsOf(
    PREDICTIONS,
  )) {
    const [, tool = '', names = '', tick] = /^(\S+)(.*?)(?: @(\d+))?$/.exec(tools) ?? [];
    it(`${tool} ${title}`, () => {
      const sensor = tick === undefined ? null : sensorProcess({ startTicks: Number(tick) });
      for (const name of names.split(', ')) {
        const of = versions(`${tool} ${name.trim()}`);
        expect(seen(of, cellIn(mounts, containers), sensor), name).to.equal(named(sights));
      }
    });
  }

  it('a running Tracee looks through its own mounts', () => {
    const through = (table: SensorProcess['table']) =>
      seen(versions('tracee v0.19'), CELL, sensorProcess({ table }));
    expect(through(tableIn('cpuset'))).to.equal(named('seen H, seen J, limit'));
    expect(through(null)).to.equal('its own mount table cannot be read');
  });

  it('says what covers the mount that Tracee takes', () => {
    const cell = cellIn('root cgroup cpuset tmpfs', 'H');
    const [{ why } = { why: '' }] = predict([versions('tracee v0.20')], cell, null);
    expect(why).to.match(
      /^Tracee would use \/sys\/fs\/cgroup\/cpuset, which the tmpfs mount at \/sys\/fs\/cgroup\/cpuset covers\./,
    );
  });

  /** The controllers of its cgroup and of those above it | what Falco sees at its start, and of a new process. */
  const ofV2 = `
all, all, all, all | blind: misnamed good/8a37cb6 | blind: misnamed good/8a37cb6
memory pids, all, all, all | blind: misnamed good/8a37cb6 | blind: misnamed good
pids, pids, all, all | blind: misnamed good/8a37cb6 | blind: limit
-, all, all, all | blind: misnamed good | blind: misnamed good
-, -, all, all | blind: limit | blind: limit
-, -, -, - | blind: limit | blind: limit
gone, all, all, all | unknown | unknown
`;
  for (const [controllers = '', atStart, later] of rowsOf(ofV2))
    it(`Falco on v2 takes for each controller the innermost cgroup that has it: ${controllers}`, () => {
      const lists = controllers.replaceAll('all', 'cpuset cpu io memory pids').split(', ');
      const paths = [`/garden/good/${H}`, '/garden/good', '/garden', '/'];
      const levels = lists.map((list, index) => ({
        path: asByteString(paths[index] ?? ''),
        controllers: list === 'gone' ? null : list.split(' ').filter((one) => one !== '-'),
      }));
      const cell = cellOn('v2', [{ ...containerIn('H v2=/garden/good/H'), levels }]);
      const sees = [null, sensorProcess({ startTicks: 50 })].map((sensor) =>
        seen(FALCO, cell, sensor),
      );
      expect(sees).to.deep.equal([atStart, later]);
    });

  const reasons = `
falco up to | it attributes the processes to the host
tetragon | it finds no id for any process of a Garden container
inspektor-gadget | it asks containerd in the namespace k8s.io, not garden
datadog | Garden's list lacks them
tracee up to | only ids of 64 hexadecimal digits count
tracee v0.20 | no component of the path has the form of an id
`;
  for (const [tool = '', why] of rowsOf(reasons))
    it(`says why ${tool} misses a container`, () => {
      const cell = cellIn('nested', 'T cpuset=/garden/T unlisted');
      const prediction = predictOne(versions(tool), cell, null);
      if (prediction.kind !== 'predicted') throw new Error(prediction.why);
      expect(prediction.taken.kind).to.equal(tool.startsWith('tracee') ? 'mount' : 'none');
      expect([...prediction.sights.values()]).to.have.nested.property('0.why', why);
    });
});

describe('a sensor is blind', () => {
  const isBlindOn = (tool: string, containers: string): boolean | null =>
    isBlind(predictOne(versions(tool), cellIn('nested', containers), null));

  it('if it misses a container that another version would see', () => {
    expect(isBlindOn('tracee up to', 'H, J')).to.equal(true);
  });

  it('if it sees no container under its own name, although each miss is a known limit', () => {
    expect(isBlindOn('tetragon', 'H, J')).to.equal(true);
    expect(isBlindOn('tracee v0.22.3', 'T')).to.equal(true);
  });

  it('if it gives every container another id', () => {
    expect(isBlindOn('falco 0.41', 'H cpuset=/garden/good/H, J cpuset=/garden/good/J')).to.equal(
      true,
    );
  });

  it('not if it sees one, and a known limit is all that it misses', () => {
    expect(isBlindOn('tracee v0.22.3', 'H, T')).to.equal(false);
  });

  it('not if no container runs', () => {
    expect(isBlind(predictOne(versions('tetragon'), cellOn('nested', []), null))).to.equal(false);
  });

  it('or not, if it might see one whose cgroups could not be read', () => {
    expect(isBlindOn('tetragon', 'H, J -')).to.equal(null);
  });
});

const ofGarden = 'garden good bad init system.slice garden.service H J T H-envoy garden-ab x';
const name = fc.oneof(
  fc.constantFrom(...named(ofGarden).split(' '), `docker-${'ab'.repeat(32)}.scope`),
  fc.stringMatching(/^[a-z0-9._-]{1,40}$/),
);
const path = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join('/')}`);

describe('a prediction', () => {
  it('never says "seen" where the rule of the tool makes no id of any path', () => {
    const rules = [
      ['tracee up to', traceeIdBefore19],
      ['tracee v0.19', traceeId],
      ['tracee v0.20', traceeId],
      ['tracee v0.21', traceeId],
      ['tracee v0.22.3', traceeId],
      ['falco 0.41', falcoId],
      ['falco up to', () => null],
      ['tetragon', tetragonId],
    ] as const;
    fc.assert(
      fc.property(
        fc.record({ cpuset: path, memory: path, cpu: path }),
        fc.constantFrom(...named('H J T x').split(' ')),
        fc.boolean(),
        (paths, handle, isRunning) => {
          const cell = cellOn('nested', [container(handle, paths)]);
          for (const [tool, idOf] of rules) {
            const prediction = predictOne(versions(tool), cell, isRunning ? sensorProcess() : null);
            if (prediction.kind !== 'predicted') continue;
            const ids = Object.values(paths).map((one) => idOf(one));
            for (const sight of prediction.sights.values()) {
              if (sight.kind === 'missed' || sight.kind === 'unknown') continue;
              expect(ids).to.include(sight.id);
              if (sight.kind === 'seen') expect(handle.startsWith(sight.id)).to.equal(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
