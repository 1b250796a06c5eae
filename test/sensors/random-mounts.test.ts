import { expect } from 'chai';
import fc from 'fast-check';
import type { MountInputs } from '../../src/model/snapshot.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { traceeId } from '../../src/sensors/container-ids.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { cellOf, container, mountInputs, predictOne } from './sensed-cells.ts';
import { choiceOf } from '../mounts/expected-mounts.ts';
import { SimulatedMounts, type FileSystem } from './simulated-mounts.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const P = 'c0ffee00-1234-4567-89ab-cdef';
const CGROUPS: Readonly<Record<string, string>> = {
  [H]: `/garden/good/${H}`,
  [P]: `/system.slice/${P}`,
};
const VERSIONS = TOOLS.filter(
  ({ rule }) => rule.kind === 'cgroup-walk' && rule.knowsGarden,
) as readonly (ToolVersions & { readonly rule: { readonly kind: 'cgroup-walk' } })[];

const STANDARD = '/sys/fs/cgroup';
const cgroups = (type: FileSystem['type'], device: string, options: string): FileSystem => ({
  type,
  device,
  options,
  directories: new Set([
    '/',
    '/garden',
    '/garden/good',
    '/system.slice',
    ...Object.values(CGROUPS),
  ]),
});
const other = (type: 'ext4' | 'tmpfs', device: string): FileSystem => ({
  type,
  device,
  options: 'rw',
  directories: new Set(['/']),
});

/** One more mount: of which file system, which of its directories, and where. */
const step = fc.record({
  of: fc.constantFrom('cpuset', 'memory', 'v2', 'tmpfs'),
  root: fc.constantFrom('/', '/garden', '/garden/good', '/system.slice', ...Object.values(CGROUPS)),
  at: fc.constantFrom(
    STANDARD,
    `${STANDARD}/cpuset`,
    `${STANDARD}/cpuset/garden`,
    `${STANDARD}/garden`,
    `${STANDARD}/system.slice`,
    `${STANDARD}/memory`,
    `${STANDARD}/cpuset${CGROUPS[H]}`,
    `/rootfs${STANDARD}/cpuset`,
    '/mnt',
  ),
});

const machine = fc
  .record({ isV2: fc.boolean(), steps: fc.array(step, { maxLength: 6 }) })
  .map(({ isV2, steps }) => {
    const systems = {
      cpuset: cgroups('cgroup', '0:21', 'rw,cpuset'),
      memory: cgroups('cgroup', '0:22', 'rw,memory'),
      v2: cgroups('cgroup2', '0:23', 'rw'),
      tmpfs: other('tmpfs', '0:24'),
    };
    const mounts = new SimulatedMounts(other('ext4', '8:1'));
    if (isV2) mounts.mount(systems.v2, '/', STANDARD);
    else {
      mounts.mount(other('tmpfs', '0:20'), '/', STANDARD);
      mounts.mount(systems.cpuset, '/', `${STANDARD}/cpuset`);
      mounts.mount(systems.memory, '/', `${STANDARD}/memory`);
    }
    for (const { of, root, at } of steps)
      mounts.mount(systems[of], of === 'tmpfs' ? '/' : root, at);
    return mounts;
  });

const inputsOf = (mounts: SimulatedMounts): MountInputs => ({
  ...mountInputs(mounts.table()),
  stats: mounts.stats(),
});

function predictionOf(tool: ToolVersions, inputs: MountInputs) {
  const containers = Object.entries(CGROUPS).map(([handle, path]) =>
    container(handle, { cpuset: path, memory: path, v2: path }),
  );
  const prediction = predictOne(tool, cellOf(inputs, containers), null);
  if (prediction.kind !== 'predicted') throw new Error(prediction.why);
  const { taken, sights } = prediction;
  if (taken.kind === 'none') throw new Error('no mount');
  const seen = [...sights].flatMap(([handle, { kind }]) => (kind === 'seen' ? [handle] : []));
  return { taken, seen };
}

const isV2 = (mounts: SimulatedMounts): boolean =>
  mounts.at(STANDARD)?.mount.fileSystem.type === 'cgroup2';

/** The rule, applied to what the simulated kernel answers. */
function takenBy({ rule: { rule } }: (typeof VERSIONS)[number], mounts: SimulatedMounts) {
  const { mounts: lines } = mounts.table();
  const found = lines.filter(({ fstype, mountPoint }) =>
    isV2(mounts) ? fstype === 'cgroup2' : fstype === 'cgroup' && mountPoint.includes('cpuset'),
  );
  const roots = found.filter(({ root }) => root === '/');
  if (rule === 'last-match') return found.at(-1);
  if (rule === 'first-root') return roots[0];
  const stats = mounts.stats();
  const key = ({ mountPoint }: (typeof found)[number]): readonly [number, number] => {
    const stat = stats.get(mountPoint);
    const { length } = mountPoint;
    return [stat?.kind === 'read' ? stat.inode : Infinity, rule === 'root-only' ? -length : length];
  };
  return (rule === 'root-only' ? roots : found)
    .filter((mount) => key(mount)[0] < Infinity)
    .toSorted((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1])[0];
}

describe('on a machine with any mounts', () => {
  const always = (
    holds: (mounts: SimulatedMounts, tool: (typeof VERSIONS)[number]) => void,
  ): void => {
    fc.assert(fc.property(machine, fc.constantFrom(...VERSIONS), holds), { numRuns: 1000 });
  };

  it('Tracee sees the containers whose own directories lie below the path that it takes', () => {
    always((mounts, tool) => {
      const { taken, seen } = predictionOf(tool, inputsOf(mounts));
      if (taken.kind === 'own') return;
      const { mountPoint } = taken.mount;
      const device = isV2(mounts) ? '0:23' : '0:21';
      const there = mounts.walk(mountPoint).flatMap(([path, { mount, directory }]) => {
        const id = traceeId(path.slice(mountPoint.length));
        const isOwn = mount.fileSystem.device === device && CGROUPS[id ?? ''] === directory;
        return id !== null && isOwn ? [id] : [];
      });
      expect(seen).to.have.members([...new Set(there)]);
    });
  });

  it('sensors and mounts --rule name the mount that the rule of the tool takes', () => {
    always((mounts, tool) => {
      const inputs = inputsOf(mounts);
      const { taken } = predictionOf(tool, inputs);
      const took = (taken.kind === 'own' ? taken.instead : taken.mount) ?? null;
      expect(took?.id).to.equal(takenBy(tool, mounts)?.id);
      const { rule } = tool.rule;
      const live = { ...inputs, gdnPaths: null };
      const answer = chooseMounts({ table: inputs.cellTable, namespace: 'initial', live, rule });
      const choice = choiceOf(answer, isV2(mounts) ? 'v2' : 'cpuset');
      // A rule that only searches for a name may take a mount of another hierarchy.
      const isOwn = choice?.candidates.some(({ mount }) => mount.id === took?.id);
      expect(choice?.chosen?.id).to.equal(isOwn === true ? took?.id : undefined);
    });
  });
});
