import { expect } from 'chai';
import { controllerNames } from '../../src/model/hierarchy.ts';
import { primaryHierarchy } from '../../src/mounts/resolve.ts';
import { verify } from './expected-mounts.ts';
import { tableOf } from './mount-lines.ts';
import { rowsOf } from '../rows.ts';

const at = (id: number, point: string, kind: string, root = '/'): string =>
  `${id} 1 0:${id} ${root} ${point} rw - ${kind}`;

/** The mode, and the controllers of the primary hierarchy. */
function primaryOf(...lines: readonly string[]): string {
  const { choices, mode } = verify(tableOf(...lines), 'initial');
  const primary = primaryHierarchy(choices, mode);
  return `${mode} ${primary === null ? 'none' : controllerNames(primary.hierarchy).join()}`;
}

const MOUNTS: Readonly<Record<string, string>> = {
  memory: at(11, '/cg/memory', 'cgroup c rw,memory'),
  memoryBelow: at(11, '/cg/memory', 'cgroup c rw,memory', '/x'),
  pids: at(12, '/cg/pids', 'cgroup c rw,pids'),
  cpu: at(13, '/cg/cpu', 'cgroup c rw,cpuacct,cpu'),
  devices: at(14, '/cg/devices', 'cgroup c rw,devices'),
  named: at(15, '/cg/systemd', 'cgroup c rw,name=systemd'),
  unified: at(16, '/cg/unified', 'cgroup2 c rw'),
  standard: at(17, '/sys/fs/cgroup', 'cgroup2 c rw'),
  standardBelow: at(17, '/sys/fs/cgroup', 'cgroup2 c rw', '/x'),
};

describe('primaryHierarchy', () => {
  /** The mounts, the mode, and the controllers of the primary hierarchy. */
  const cases = `
memory on v1 | cpu pids memory | v1 memory
memory on a hybrid host | unified memory pids | hybrid memory
pids where memory is not mounted | cpu pids unified | hybrid pids
the co-mounted cpu | cpu devices | v1 cpuacct,cpu
another controller | named devices | v1 devices
v2 on v2 | standard | v2 v2
v2 wherever it is mounted, without a v1 controller | unified named | v2 v2
v2 at /sys/fs/cgroup, whatever controller is mounted elsewhere | standard memory | hybrid v2
pids where memory shows a sub-cgroup only | memoryBelow pids | v1 pids
none when the v2 of a v2 host will not do | standardBelow devices | hybrid none
none of named hierarchies only | named | v1 none
none of nothing | | none none
`;
  for (const [title, mounts = '', expected] of rowsOf(cases)) {
    it(`is ${title}`, () => {
      const lines = mounts.split(' ').flatMap((name) => MOUNTS[name] ?? []);
      expect(primaryOf(...lines)).to.equal(expected);
      expect(primaryOf(...lines.toReversed())).to.equal(expected);
    });
  }
});
