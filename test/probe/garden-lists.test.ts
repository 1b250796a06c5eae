import { expect } from 'chai';
import type { GardenAnswer } from '../../src/model/garden.ts';
import { asByteString, asHandle, type Handle } from '../../src/model/ids.ts';
import type { MustRead } from '../../src/model/snapshot.ts';
import type { Walk } from '../../src/model/walk.ts';
import { gardenLists, type ReadBefore } from '../../src/probe/garden-lists.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';

const PART: MustRead = { directories: new Set(), names: new Set(), pids: new Set() };
const walkOf = (inode: number, ...pids: readonly number[]): Walk => ({
  kind: 'read',
  controller: 'memory',
  directories: [{ path: asByteString('/garden/a'), inode, pids, trouble: null }],
  unseen: [],
});
const answer = (...handles: readonly string[]): GardenAnswer<readonly Handle[]> => ({
  kind: 'answered',
  value: handles.map(asHandle),
});

/** A Garden that answers the same value while nothing changes. */
class Passes {
  all = answer('a', 'b');
  createdNow = answer('b', 'a');
  before: ReadBefore = { gardenProcesses: [], primaryWalk: walkOf(1, 10) };
  #asked = 0;
  readonly #pass = new PassUnderWay();
  readonly #lists = gardenLists(
    {
      list: () => Promise.resolve(this.all),
      listCreated: () => {
        this.#asked += 1;
        return Promise.resolve(this.createdNow);
      },
    },
    this.#pass,
  );

  /** Of each pass, whether it asked Garden for the created list. */
  async make(count: number, mustRead = PART): Promise<readonly boolean[]> {
    const asked: boolean[] = [];
    for (let left = count; left > 0; left--) {
      const before = this.#asked;
      this.#pass.starts(mustRead, new Set());
      await this.#lists.all();
      expect(await this.#lists.created(this.before)).to.equal(this.createdNow);
      asked.push(this.#asked > before);
    }
    return asked;
  }
}

const often = (asked: readonly boolean[]): number => asked.filter(Boolean).length;

describe('the list of created containers', () => {
  it('is asked for in every fourth pass once all listed ones are created', async () => {
    const passes = new Passes();
    await passes.make(8);
    expect(often(await passes.make(40))).to.equal(10);
  });

  it('is asked for in every pass while one is in creation, or Garden does not answer', async () => {
    const passes = new Passes();
    passes.createdNow = answer('a');
    expect(often(await passes.make(12))).to.equal(12);
    passes.createdNow = { kind: 'failed', code: 'timeout', why: '' };
    expect(often(await passes.make(12))).to.equal(12);
  });

  for (const [what, isAsked, change] of [
    ['lists others', true, { all: answer('a') }],
    ['is another gdn', true, { before: { gardenProcesses: [] } }],
    ['has other cgroups', true, { before: { primaryWalk: walkOf(2, 10) } }],
    ['has cgroups that cannot be walked', true, { before: { primaryWalk: null } }],
    [
      'has processes that start in the same cgroups',
      false,
      { before: { primaryWalk: walkOf(1, 10, 11) } },
    ],
  ] as const) {
    it(`is ${isAsked ? '' : 'not '}asked for at once when Garden ${what}`, async () => {
      const passes = new Passes();
      await passes.make(12);
      while (often(await passes.make(1)) === 0);
      const before = 'before' in change ? change.before : {};
      Object.assign(passes, change, { before: { ...passes.before, ...before } });
      expect(await passes.make(1)).to.deep.equal([isAsked]);
    });
  }

  it('is asked for in a pass that must read everything', async () => {
    const passes = new Passes();
    await passes.make(12);
    expect(often(await passes.make(4, 'everything'))).to.equal(4);
  });
});
