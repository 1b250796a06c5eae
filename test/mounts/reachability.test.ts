import { expect } from 'chai';
import type { Mount, MountTable } from '../../src/model/mount.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';
import { pathWalk } from '../../src/mounts/reachability.ts';
import { mountWithId, path, tableOf } from './mount-lines.ts';
import { rowsOf } from '../rows.ts';

/** Every mount that its own mount point leads to. */
function reachableMounts(table: MountTable): ReadonlySet<Mount> {
  const walk = pathWalk(table);
  return new Set(table.mounts.filter((mount) => walk.reaches(mount)));
}

const reachable = (...lines: readonly string[]): number[] =>
  [...reachableMounts(tableOf(...lines))].map(({ id }) => id ?? -1).toSorted((a, b) => a - b);

const ROOT = '10 1 8:1 / / rw - ext4 d rw';
const mount = (id: number, parent: number, point: string): string =>
  `${id} ${parent} 0:${id} / ${point} rw - tmpfs t rw`;

describe('the path walk', () => {
  /** Mounts, `ID PARENT POINT` or `/` for the root filesystem, and the ids of those that are reached. */
  const cases = `
follows parents to the mount point | /; 20 10 /a; 30 20 /a/b | 10 20 30
does not depend on the order of lines | 30 20 /a/b; 20 10 /a; / | 10 20 30
does not take ids for a clock | 5 400 /a/b; 400 10 /a; / | 5 10 400
ends on the top of a stack | /; 20 10 /a; 30 20 /a; 40 30 /a | 10 40
hides what is below a covered mount | /; 20 10 /a; 30 20 /a/b; 40 20 /a | 10 40
hides what hangs on an ancestor when a mount comes between | /; 20 10 /a; 30 10 /a/b | 10 20
does not take /ab for something below /a | /; 20 10 /a; 30 10 /ab/c | 10 20 30
hides by a new / | /; 20 10 /a; 30 10 / | 30
hides what shares the absent parent of / | /; 20 1 /a | 10
begins at the one absent parent when there is no / | 20 7 /a; 30 7 /a/b; 40 7 /c | 20 40
gives the benefit of the doubt to several absent parents | 20 7 /a; 30 8 /a/b; 40 9 /c | 20 30 40
gives it to one absent parent beside / | /; 20 10 /a; 30 99 /a/b; 40 30 /a/b/c | 10 20 30 40
lets a mount without its parent hide nothing | /; 20 10 /a/b; 30 99 /a | 10 20 30
gives it to a mount whose parent is elsewhere | /; 20 10 /a; 30 20 /elsewhere | 10 20 30
takes the larger id of two at one place | /; 21 10 /a; 20 10 /a | 10 21
begins on a first mount that is its own parent | 1 1 /; 20 1 /; 30 20 /a; 40 1 /b | 20 30
survives mounts in a circle | /; 20 30 /a; 30 20 /a | 10
survives a circle of / | 20 30 /; 30 20 /; 40 20 /a | 20 30 40
survives a mount on itself | /; 20 20 /a | 10 20
takes the next one where a circle comes back | /; 20 10 /a; 15 10 /a; 10 20 /a | 10 15
finds a parent among two with one id | /; 20 10 /a; 20 10 /b; 30 20 /a/c; 40 20 /a | 10 20 40
takes relative mount points from / | 20 7 a/b; 30 8 c; 40 30 c | 20 40
`;
  for (const [title = '', mounts = '', reached = ''] of rowsOf(cases)) {
    it(title, () => {
      const lines = mounts.split('; ').map((one) => {
        const [id, parent, point = ''] = one.split(' ');
        return one === '/' ? ROOT : mount(Number(id), Number(parent), point);
      });
      const ids = reached.split(' ').map(Number);
      expect(reachable(...lines)).to.deep.equal(ids);
      expect(reachable(...lines.toReversed())).to.deep.equal(ids);
    });
  }

  it('reaches a mount that is listed twice, and two mounts with one id', () => {
    const table = tableOf(ROOT, mount(20, 10, '/a'), mount(20, 10, '/a'), mount(20, 10, '/b'));
    expect(reachableMounts(table).size).to.equal(4);
  });

  it('names the mount that covers', () => {
    const table = tableOf(ROOT, mount(20, 10, '/a'), mount(30, 20, '/a/b'), mount(40, 20, '/a'));
    const walk = pathWalk(table);
    expect(walk.endsOn(path('/a/b'))).to.equal(mountWithId(table, 40));
    expect(walk.endsOn(path('/somewhere/else'))).to.equal(mountWithId(table, 10));
  });

  it('reaches nothing by a path that is too long for a system call', () => {
    const long = `/a${'/b'.repeat(2047)}`;
    expect(reachable(ROOT, mount(20, 10, long.slice(0, 4095)))).to.deep.equal([10, 20]);
    expect(reachable(ROOT, mount(20, 10, `${long}/b`))).to.deep.equal([10]);
  });

  it('has no answer for the format of /proc/mounts', () => {
    const table = parseMounts(path('t /a tmpfs rw 0 0\nt /a tmpfs rw 0 0\n'));
    expect(reachableMounts(table).size).to.equal(2);
  });
});
