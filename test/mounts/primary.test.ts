import { expect } from 'chai';
import { controllerNames } from '../../src/model/hierarchy.ts';
import { primaryHierarchy } from '../../src/mounts/resolve.ts';
import { verify } from './expected-mounts.ts';
import { tableOf } from './mount-lines.ts';

const at = (id: number, point: string, kind: string, root = '/'): string =>
  `${id} 1 0:${id} ${root} ${point} rw - ${kind}`;

/** The mode, and the controllers of the primary hierarchy. */
function primaryOf(...lines: readonly string[]): string {
  const { choices, mode } = verify(tableOf(...lines), 'initial');
  const primary = primaryHierarchy(choices, mode);
  return `${mode} ${primary === null ? 'none' : controllerNames(primary.hierarchy).join()}`;
}

const MEMORY = at(11, '/cg/memory', 'cgroup c rw,memory');
const MEMORY_BELOW_ROOT = at(11, '/cg/memory', 'cgroup c rw,memory', '/x');
const PIDS = at(12, '/cg/pids', 'cgroup c rw,pids');
const CPU = at(13, '/cg/cpu', 'cgroup c rw,cpuacct,cpu');
const DEVICES = at(14, '/cg/devices', 'cgroup c rw,devices');
const NAMED = at(15, '/cg/systemd', 'cgroup c rw,name=systemd');
const UNIFIED = at(16, '/cg/unified', 'cgroup2 c rw');
const V2 = at(17, '/sys/fs/cgroup', 'cgroup2 c rw');
const V2_BELOW_ROOT = at(17, '/sys/fs/cgroup', 'cgroup2 c rw', '/x');

interface Primary {
  readonly mounts: readonly string[];
  /** The mode, and the controllers of the primary hierarchy. */
  readonly primary: string;
}

const PRIMARIES: Readonly<Record<string, Primary>> = {
  'memory on v1': { mounts: [CPU, PIDS, MEMORY], primary: 'v1 memory' },
  'memory on a hybrid host': { mounts: [UNIFIED, MEMORY, PIDS], primary: 'hybrid memory' },
  'pids where memory is not mounted': { mounts: [CPU, PIDS, UNIFIED], primary: 'hybrid pids' },
  'the co-mounted cpu where memory and pids are not mounted': {
    mounts: [CPU, DEVICES],
    primary: 'v1 cpuacct,cpu',
  },
  'that of another controller where no usual one is mounted': {
    mounts: [NAMED, DEVICES],
    primary: 'v1 devices',
  },
  'v2 on a v2 host': { mounts: [V2], primary: 'v2 v2' },
  'v2 wherever it is mounted, without a v1 controller': {
    mounts: [UNIFIED, NAMED],
    primary: 'v2 v2',
  },
  'v2 at /sys/fs/cgroup, whatever controller is mounted elsewhere': {
    mounts: [V2, MEMORY],
    primary: 'hybrid v2',
  },
  'pids where memory shows a sub-cgroup only': {
    mounts: [MEMORY_BELOW_ROOT, PIDS],
    primary: 'v1 pids',
  },
  'none where the v2 of a v2 host shows a sub-cgroup only': {
    mounts: [V2_BELOW_ROOT, DEVICES],
    primary: 'hybrid none',
  },
  'none of named hierarchies': { mounts: [NAMED], primary: 'v1 none' },
  'none where nothing is mounted': { mounts: [], primary: 'none none' },
};

describe('the primary hierarchy', () => {
  for (const [title, { mounts, primary }] of Object.entries(PRIMARIES))
    it(`is ${title}`, () => {
      expect(primaryOf(...mounts)).to.equal(primary);
      expect(primaryOf(...mounts.toReversed())).to.equal(primary);
    });
});
