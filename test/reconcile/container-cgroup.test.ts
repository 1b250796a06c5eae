import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { nameOf } from '../../src/model/paths.ts';
import {
  foldPeas,
  joinDirectories,
  type ContainerDirectory,
} from '../../src/reconcile/observe/container-cgroup.ts';
import { rowsOf } from '../rows.ts';
import { A } from './cell-builder.ts';

/** `PATH#INODE PID PID`, in a Garden directory if it is below /g; `?` before it: only its name says whose it is. */
function directoryOf(text: string): ContainerDirectory {
  const [, claim, file = '', inode, pids = ''] =
    /^(\??)([^# ]+)(?:#(\d+))?(?: (.*))?$/.exec(text.replaceAll(/\bA\b/g, A)) ?? [];
  const path = asByteString(file);
  return {
    name: nameOf(path),
    path,
    inode: Number(inode ?? 1),
    where: file.startsWith('/g/') ? 'garden' : 'outside',
    throttling: null,
    children: [],
    isClaim: claim === '?',
    pids: pids.split(' ').filter(Boolean).map(Number),
    peaPids: [],
    peas: [],
    unclear: false,
  };
}
const directoriesOf = (text: string) => text.split(', ').map(directoryOf);

describe('the cgroup of a container with several directories of its name', () => {
  /** The inode 7 is remembered. Its path, inode and processes; then where it is read again. */
  const cases = `
is the one with the remembered inode | /g/A#1 300, /x/A#7 200 | /x/A 7 (200) /x/A
is a live one, if nothing runs in the remembered one | /g/A#1 300, /x/A#7 | /g/A 1 (300) /g/A
is no claim, even with the remembered inode | /w/A#1 300, ?/x/A#7 200 | /w/A 1 (300) /w/A
is the one in Garden's directory, if none is remembered | /b/A#1 300, /g/A#2 200 | /g/A 2 (200) /g/A
is one that is more than a claim | ?/b/A#1 300, /x/A#2 200 | /x/A 2 (200) /x/A
is a claim, if there is no other | ?/b/A#1 300 | /b/A 1 (300) /b/A claim
is no claim without a process | ?/b/A#1 | /b/A 1 () /b/A
has all that are at one place, and the remembered inode of them | /g/a/A#7, /g/b/A#2 200 | /g/b/A 7 (200) /g/a/A /g/b/A
does not have the processes of a claim | /x/A#2 200, ?/y/A#3 300, ?/z/A#4 | /x/A 2 (200) /x/A /z/A
`;
  for (const [title = '', directories = '', shown] of rowsOf(cases)) {
    it(title, () => {
      for (const order of [directoriesOf(directories), directoriesOf(directories).toReversed()]) {
        const [one] = joinDirectories(order, { inodeBefore: () => 7 }).values();
        if (one === undefined) throw new Error('no container');
        const { path, inode, pids, directories: read, isClaim } = one;
        const words = [path, inode, `(${pids.join()})`, ...read, ...(isClaim ? ['claim'] : [])];
        expect(words.join(' ').replaceAll(A, 'A')).to.equal(shown);
      }
    });
  }
});

describe('a directory that is named like a pea', () => {
  /** Directories; what Garden lists, and listed before; the owners of the directories. */
  const cases = `
is one beside a container that no list names | /g/my, /g/my-envoy 300 | - | - | my my
is one of a listed container without a cgroup | /g/my-envoy 300 | my | - | my
is one of a container that was listed before | /g/my-envoy 300 | - | my | my
is one of an app instance that nothing names | /g/A-envoy 300 | - | - | A
is a container, if nothing has the name of its owner | /g/x, /g/my-envoy 300 | y | z | x my-envoy
is a container, if it is listed | /g/my, /g/my-envoy 300 | my-envoy | - | my my-envoy
is a container, if it was listed before | /g/my, /g/my-envoy 300 | - | my-envoy | my my-envoy
is a container outside Garden's directories | /x/my, /x/my-envoy 300 | - | - | my my-envoy
`;
  for (const [title = '', directories = '', listed = '', before, owners] of rowsOf(cases)) {
    it(title, () => {
      const folded = foldPeas(directoriesOf(directories), {
        listed: new Set([asByteString(listed)]),
        isRemembered: (name) => name === before,
        isPea: () => true,
      });
      expect(folded.map(({ name }) => name.replaceAll(A, 'A')).join(' ')).to.equal(owners);
      for (const { name, path, pids, peaPids } of folded)
        if (name !== nameOf(path))
          expect({ pids, peaPids }).to.deep.equal({ pids: [], peaPids: [300] });
    });
  }
});
