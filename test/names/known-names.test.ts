import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import type { Names, ContainerOfPass, NamesOfPass } from '../../src/model/names.ts';
import {
  isCurrent,
  namesAfter,
  namesWith,
  noNames,
  unknownIn,
} from '../../src/names/known-names.ts';
import { BILLING, cgroupAt, container, SHOP } from './named-containers.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 11, 1, 12);

/** A container that a pass saw in a cgroup with this inode. */
function seen(
  handle: string,
  inode: number,
  others: Partial<ContainerOfPass> = {},
): ContainerOfPass {
  const { since: _since, ended: _ended, ...name } = container(handle);
  return {
    ...name,
    cgroups: [cgroupAt(`/garden/${handle}`, { inode })],
    firstSeen: START,
    inode,
    pids: [],
    unread: new Map(),
    ...others,
  };
}

const pass = (at: number, ...containers: readonly ContainerOfPass[]): NamesOfPass => ({
  at,
  wasRead: true,
  handles: containers.map(({ handle }) => handle),
  containers,
});

/** After these passes, of which none read more about a container. */
const after = (...passes: readonly NamesOfPass[]): Names =>
  passes.reduce((names, one) => namesAfter(names, one, new Map()), noNames(START));

const ends = ({ containers }: Names): Readonly<Record<string, number | null>> =>
  Object.fromEntries(containers.map(({ handle, ended }) => [handle, ended]));

describe('what is known of names', () => {
  it('keeps a container for an hour after its end', () => {
    const begun = after(pass(START, seen(BILLING, 1), seen(SHOP, 2)));
    const ended = namesAfter(begun, pass(START + MINUTE, seen(SHOP, 2)), new Map());
    expect(ends(ended)).to.deep.equal({ [SHOP]: null, [BILLING]: START + MINUTE });
    const later = namesAfter(ended, pass(START + 60 * MINUTE, seen(SHOP, 2)), new Map());
    expect(ends(later)).to.deep.equal(ends(ended));
    expect(isCurrent(ended, START + 60 * MINUTE)).to.equal(true);
    expect(isCurrent(ended, START + 61 * MINUTE)).to.equal(false);
    const gone = namesAfter(ended, pass(START + 61 * MINUTE, seen(SHOP, 2)), new Map());
    expect(ends(gone)).to.deep.equal({ [SHOP]: null });
  });

  it('keeps 2,000 ended containers at most, the newest', () => {
    const all = Array.from({ length: 3000 }, (_, number) => seen(`x-${number}`, number));
    const names = after(pass(START, ...all), pass(START + 1, ...all.slice(1500)), pass(START + 2));
    expect(names.containers).to.have.length(2000);
    expect(ends(names)).to.include({ 'x-2999': START + 2 });
    expect(names.containers.filter(({ ended }) => ended === START + 1)).to.have.length(500);
  });

  it('says that nothing was read, and forgets nobody, while a pass compares nothing', () => {
    const begun = after(pass(START, seen(BILLING, 1)));
    const unread = namesAfter(
      begun,
      { at: START + 1, wasRead: false, handles: [], containers: [] },
      new Map(),
    );
    expect(unread).to.include({ wasRead: false });
    expect(unread.containers).to.equal(begun.containers);
  });

  it('is the same value after a pass that saw the same', () => {
    const begun = after(pass(START, seen(BILLING, 1), seen(SHOP, 2)));
    const again = namesAfter(begun, pass(START + 1, seen(BILLING, 1), seen(SHOP, 2)), new Map());
    expect(again.containers).to.equal(begun.containers);
  });

  it('has the start of the oldest process, which is read once of each container', () => {
    const first = pass(START, seen(BILLING, 1));
    const nothing = noNames(START);
    expect(unknownIn(nothing, first).map(({ handle }) => handle)).to.deep.equal([BILLING]);
    const facts = { startedAt: START - MINUTE, inodes: new Map() };
    const names = namesAfter(nothing, first, new Map([[asHandle(BILLING), facts]]));
    expect(names.containers[0]?.since).to.equal(START - MINUTE);
    expect(unknownIn(names, first)).to.deep.equal([]);
    // Another container with its handle.
    expect(unknownIn(names, pass(START + 1, seen(BILLING, 7)))).to.have.length(1);
  });

  it('reads the inodes of cgroups that passes do not walk once, and again in another place', () => {
    const inCpu = (path: string): ContainerOfPass =>
      seen(BILLING, 1, {
        cgroups: [
          cgroupAt(`/garden/${BILLING}`, { controller: 'memory', inode: 1 }),
          cgroupAt(path, { controller: 'cpu' }),
        ],
        unread: new Map([[1, { openedAt: cgroupAt('/sys').path, path: cgroupAt(path).path }]]),
      });
    const facts = new Map([[asHandle(BILLING), { startedAt: null, inodes: new Map([[1, 40]]) }]]);
    const good = pass(START, inCpu('/garden/good/b'));
    const names = namesAfter(noNames(START), good, facts);
    expect(names.containers[0]?.cgroups.map(({ inode }) => inode)).to.deep.equal([1, 40]);
    expect(unknownIn(names, good)).to.deep.equal([]);
    expect(namesAfter(names, good, new Map()).containers).to.equal(names.containers);
    expect(unknownIn(names, pass(START + 1, inCpu('/garden/bad/b')))).to.have.length(1);
  });

  it('has what Garden lists before a pass sees it, and ends it if a later pass does not', () => {
    const begun = after(pass(START, seen(BILLING, 1)));
    const other = { properties: {}, kind: 'task', app: null, owner: 'present' } as const;
    const fresh = namesWith(begun, new Map([[asHandle(SHOP), other]]), START + 10);
    expect(fresh.containers.map(({ handle, status }) => [handle, status])).to.deep.equal([
      [BILLING, 'tracked'],
      [SHOP, null],
    ]);
    const underWay = namesAfter(fresh, pass(START + 5, seen(BILLING, 1)), new Map());
    expect(ends(underWay)).to.deep.equal({ [BILLING]: null, [SHOP]: null });
    expect(isCurrent(underWay, START + 5)).to.equal(false);
    const later = namesAfter(fresh, pass(START + 20, seen(BILLING, 1)), new Map());
    expect(ends(later)).to.deep.equal({ [BILLING]: null, [SHOP]: START + 20 });
  });
});
