import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { nameOf } from '../../src/model/paths.ts';
import {
  foldPeas,
  joinDirectories,
  type ContainerDirectory,
} from '../../src/reconcile/observe/container-cgroup.ts';
import { app } from './cell.ts';

const { handle } = app('billing');

interface Made {
  readonly pids?: readonly number[];
  readonly inode?: number;
}

/** A directory; those below `/g` are in a Garden directory. */
function directory(file: string, { pids = [], inode = 1 }: Made = {}): ContainerDirectory {
  const path = asByteString(file);
  return {
    name: nameOf(path),
    path,
    inode,
    where: file.startsWith('/g/') ? 'garden' : 'outside',
    throttling: null,
    children: [],
    isClaim: false,
    pids: [...pids],
    peas: [],
    unclear: false,
  };
}
/** Only its name says whose it is. */
const claim = (file: string, made: Made): ContainerDirectory => ({
  ...directory(file, made),
  isClaim: true,
});

describe('The cgroup of a container that has several directories of its name', () => {
  /** The inode 7 is remembered. The order of the directories makes no difference. */
  function expectCgroup(
    directories: readonly ContainerDirectory[],
    expected: {
      readonly path: string;
      readonly inode: number;
      readonly pids: readonly number[];
      readonly directories: readonly string[];
      readonly isClaim?: true;
    },
  ): void {
    for (const order of [directories, directories.toReversed()]) {
      const [one] = joinDirectories(order, { inodeBefore: () => 7 }).values();
      if (one === undefined) throw new Error('no container');
      expect(one).to.deep.include({ isClaim: false, ...expected });
    }
  }

  it('is the one with the remembered inode', () => {
    expectCgroup(
      [
        directory(`/g/${handle}`, { inode: 1, pids: [300] }),
        directory(`/x/${handle}`, { inode: 7, pids: [200] }),
      ],
      { path: `/x/${handle}`, inode: 7, pids: [200], directories: [`/x/${handle}`] },
    );
  });

  it('is a live one, if nothing runs in the remembered one', () => {
    expectCgroup(
      [
        directory(`/g/${handle}`, { inode: 1, pids: [300] }),
        directory(`/x/${handle}`, { inode: 7 }),
      ],
      { path: `/g/${handle}`, inode: 1, pids: [300], directories: [`/g/${handle}`] },
    );
  });

  it('is no claim, even with the remembered inode', () => {
    expectCgroup(
      [
        directory(`/w/${handle}`, { inode: 1, pids: [300] }),
        claim(`/x/${handle}`, { inode: 7, pids: [200] }),
      ],
      { path: `/w/${handle}`, inode: 1, pids: [300], directories: [`/w/${handle}`] },
    );
  });

  it("is the one in Garden's directory, if none is remembered", () => {
    expectCgroup(
      [
        directory(`/b/${handle}`, { inode: 1, pids: [300] }),
        directory(`/g/${handle}`, { inode: 2, pids: [200] }),
      ],
      { path: `/g/${handle}`, inode: 2, pids: [200], directories: [`/g/${handle}`] },
    );
  });

  it('is one that is more than a claim', () => {
    expectCgroup(
      [
        claim(`/b/${handle}`, { inode: 1, pids: [300] }),
        directory(`/x/${handle}`, { inode: 2, pids: [200] }),
      ],
      { path: `/x/${handle}`, inode: 2, pids: [200], directories: [`/x/${handle}`] },
    );
  });

  it('is a claim, if there is no other', () => {
    expectCgroup([claim(`/b/${handle}`, { inode: 1, pids: [300] })], {
      path: `/b/${handle}`,
      inode: 1,
      pids: [300],
      directories: [`/b/${handle}`],
      isClaim: true,
    });
  });

  it('is no claim without a process', () => {
    expectCgroup([claim(`/b/${handle}`, { inode: 1 })], {
      path: `/b/${handle}`,
      inode: 1,
      pids: [],
      directories: [`/b/${handle}`],
    });
  });

  it('has all that are at one place, and the remembered inode of them', () => {
    expectCgroup(
      [
        directory(`/g/a/${handle}`, { inode: 7 }),
        directory(`/g/b/${handle}`, { inode: 2, pids: [200] }),
      ],
      {
        path: `/g/b/${handle}`,
        inode: 7,
        pids: [200],
        directories: [`/g/a/${handle}`, `/g/b/${handle}`],
      },
    );
  });

  it('does not have the processes of a claim', () => {
    expectCgroup(
      [
        directory(`/x/${handle}`, { inode: 2, pids: [200] }),
        claim(`/y/${handle}`, { inode: 3, pids: [300] }),
        claim(`/z/${handle}`, { inode: 4 }),
      ],
      {
        path: `/x/${handle}`,
        inode: 2,
        pids: [200],
        directories: [`/x/${handle}`, `/z/${handle}`],
      },
    );
  });
});

describe('A directory that is named like a pea', () => {
  const PEA = directory('/g/my-envoy', { pids: [300] });
  const beside = [directory('/g/my'), PEA];
  const AS_CONTAINER = ['my', 'my-envoy'];

  /** The owners of the directories. */
  function expectOwners(
    directories: readonly ContainerDirectory[],
    owners: readonly string[],
    { listed, listedBefore }: { readonly listed?: string; readonly listedBefore?: string } = {},
  ): void {
    const folded = foldPeas(directories, {
      listed: new Set(listed === undefined ? [] : [asByteString(listed)]),
      isRemembered: (name) => name === listedBefore,
      isPea: () => true,
    });
    expect(folded.map(({ name }) => name)).to.deep.equal(owners);
    for (const { name, path, pids, peas } of folded)
      if (name !== nameOf(path))
        expect({ pids, peaPids: peas.flatMap((pea) => pea.pids) }).to.deep.equal({
          pids: [],
          peaPids: [300],
        });
  }

  it('is one beside a container that no list names', () => {
    expectOwners(beside, ['my', 'my']);
  });

  it('is one of a listed container without a cgroup', () => {
    expectOwners([PEA], ['my'], { listed: 'my' });
  });

  it('is one of a container that was listed before', () => {
    expectOwners([PEA], ['my'], { listedBefore: 'my' });
  });

  it('is one of an app instance that nothing names', () => {
    expectOwners([directory(`/g/${handle}-envoy`, { pids: [300] })], [handle]);
  });

  it('is a container, if nothing has the name of its owner', () => {
    const others = { listed: 'y', listedBefore: 'z' };
    expectOwners([directory('/g/x'), PEA], ['x', 'my-envoy'], others);
  });

  it('is a container, if it is listed', () => {
    expectOwners(beside, AS_CONTAINER, { listed: 'my-envoy' });
  });

  it('is a container, if it was listed before', () => {
    expectOwners(beside, AS_CONTAINER, { listedBefore: 'my-envoy' });
  });

  it("is a container outside Garden's directories", () => {
    const outside = [directory('/x/my'), directory('/x/my-envoy', { pids: [300] })];
    expectOwners(outside, AS_CONTAINER);
  });
});
