import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { textOfBytes } from '../../src/model/text.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { tableView, takenMount } from '../../src/sensors/taken-mount.ts';
import { TOOLS } from '../../src/sensors/tools.ts';
import { recording } from '../recordings.ts';
import { mountInputs } from './sensed-cells.ts';

/** What each Tracee takes on a recorded cell: a path, or that it mounts its own instead of one. Roots have inode 1. */
function taken(mode: string): Readonly<Record<string, string>> {
  const text = readFileSync(recording(`garden/${mode}/mountinfo`), 'latin1');
  const table = parseMountInfo(asByteString(text));
  const inodes = Object.fromEntries(
    table.mounts
      .filter(({ fstype }) => fstype.startsWith('cgroup'))
      .map(({ mountPoint, root }, index) => [mountPoint, root === '/' ? 1 : 100 + index]),
  );
  const view = tableView(table, mountInputs(table, inodes));
  return Object.fromEntries(
    TOOLS.flatMap(({ tool, versions, rule }) => {
      if (tool !== 'tracee' || rule.kind !== 'cgroup-walk') return [];
      const answer = takenMount(rule.rule, view);
      if (answer.kind === 'cannot-be-told') return [[versions, answer.why]];
      const { taken: mount } = answer;
      const path = mount.kind === 'mount' ? mount.mount.mountPoint : mount.instead?.mountPoint;
      const shown = path === undefined ? 'nothing' : textOfBytes(path);
      return [[versions, mount.kind === 'own' ? `own, not ${shown}` : shown]];
    }),
  );
}

const CPUSET = '/sys/fs/cgroup/cpuset';
const all = (path: string) => ({
  'up to v0.18': path,
  'v0.19': path,
  'v0.20': path,
  'v0.21 to v0.22.2': path,
  'v0.22.3 and newer': path,
});

describe('the mounts that Tracee takes on recorded cells', () => {
  for (const mode of ['runc', 'containerd', 'throttle-v1']) {
    it(mode, () => {
      expect(taken(mode)).to.deep.equal(all(CPUSET));
    });
  }

  it('tag-ab-containerd: the second set attracts the last match and the longest path', () => {
    const own = 'own, not /tmp/cgroups-ab/cpuset';
    expect(taken('tag-ab-containerd')).to.deep.equal({
      ...all(CPUSET),
      'up to v0.18': own,
      'v0.19': own,
      'v0.22.3 and newer': own,
    });
  });

  for (const mode of ['v2-runc', 'v2-containerd', 'v2-throttle-containerd']) {
    it(mode, () => {
      expect(taken(mode)).to.deep.equal(all('/sys/fs/cgroup'));
    });
  }
});
