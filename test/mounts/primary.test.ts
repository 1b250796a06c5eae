import { expect } from 'chai';
import { controllerNames } from '../../src/model/hierarchy.ts';
import { primaryHierarchy } from '../../src/mounts/resolve.ts';
import { verify } from './expected-mounts.ts';
import { tableOf } from './mount-lines.ts';

const at = (id: number, point: string, kind: string, root = '/'): string =>
  `${id} 1 0:${id} ${root} ${point} rw - ${kind}`;

function primaryOf(...lines: readonly string[]): {
  mode: string;
  primary: readonly string[] | null;
} {
  const { choices, mode } = verify(tableOf(...lines), 'initial');
  const primary = primaryHierarchy(choices, mode);
  return { mode, primary: primary === null ? null : controllerNames(primary.hierarchy) };
}

const memory = at(11, '/cg/memory', 'cgroup c rw,memory');
const pids = at(12, '/cg/pids', 'cgroup c rw,pids');
const cpu = at(13, '/cg/cpu', 'cgroup c rw,cpuacct,cpu');
const devices = at(14, '/cg/devices', 'cgroup c rw,devices');
const named = at(15, '/cg/systemd', 'cgroup c rw,name=systemd');
const unified = at(16, '/cg/unified', 'cgroup2 c rw');
const standard = at(17, '/sys/fs/cgroup', 'cgroup2 c rw');

describe('primaryHierarchy', () => {
  const cases: readonly (readonly [string, readonly string[], string, readonly string[] | null])[] =
    [
      ['memory on v1', [cpu, pids, memory], 'v1', ['memory']],
      ['memory on a hybrid host', [unified, memory, pids], 'hybrid', ['memory']],
      ['pids where memory is not mounted', [cpu, pids, unified], 'hybrid', ['pids']],
      ['the co-mounted cpu', [cpu, devices], 'v1', ['cpuacct', 'cpu']],
      ['another controller', [named, devices], 'v1', ['devices']],
      ['v2 on v2', [standard], 'v2', ['v2']],
      ['v2 wherever it is mounted, without a v1 controller', [unified, named], 'v2', ['v2']],
      [
        'v2 at /sys/fs/cgroup, whatever controller is mounted elsewhere',
        [standard, memory],
        'hybrid',
        ['v2'],
      ],
      [
        'pids where memory shows a sub-cgroup only',
        [at(11, '/cg/memory', 'cgroup c rw,memory', '/x'), pids],
        'v1',
        ['pids'],
      ],
      [
        'none when the v2 of a v2 host will not do',
        [at(17, '/sys/fs/cgroup', 'cgroup2 c rw', '/x'), devices],
        'hybrid',
        null,
      ],
      ['none of named hierarchies only', [named], 'v1', null],
      ['none of nothing', [], 'none', null],
    ];
  for (const [title, lines, mode, primary] of cases) {
    it(`is ${title}`, () => {
      expect(primaryOf(...lines)).to.deep.equal({ mode, primary });
      expect(primaryOf(...lines.toReversed())).to.deep.equal({ mode, primary });
    });
  }
});
