import { expect } from 'chai';
import { live } from './made-agent.ts';
import type { History } from './made-histories.ts';

/** `STATUS REASON` of a container in each of the last passes. */
async function lastOf(
  handle: string,
  history: History,
  passes: number,
): Promise<readonly string[]> {
  const lived = await live(history);
  return lived.passes.slice(-passes).map(({ report }) => {
    const one = report.containers.find((container) => container.handle === handle);
    return one === undefined ? 'not shown' : `${one.status} ${String(one.reason)}`;
  });
}

const times = <T>(count: number, ...steps: readonly T[]): readonly T[] =>
  Array.from({ length: count }, () => steps).flat();

describe('an attack, as a history of a cell', () => {
  it('does not hide an escaped process that forks itself in every pass', async () => {
    const steps = ['create a', 'pass', 'spawn a', 'escape a', ...times(20, 'fork a', 'pass')];
    const seen = await lastOf('a', { layout: 'v1', steps }, 20);
    expect(seen.slice(0, 4)).to.deep.equal([
      'pending escaped',
      'pending escaped',
      'untracked escaped',
      'untracked escaped',
    ]);
    expect(new Set(seen.slice(2))).to.deep.equal(new Set(['untracked escaped']));
  });

  it('does not hide an escaped process that comes home in every second pass', async () => {
    const steps = ['create a', 'pass', ...times(20, 'escape a', 'pass', 'return a', 'pass')];
    const seen = await lastOf('a', { layout: 'v2', steps }, 40);
    expect(seen.indexOf('untracked escaped')).to.equal(6);
    expect(new Set(seen.slice(8))).to.deep.equal(new Set(['untracked escaped']));
  });

  it('does not hide a lost container that escapes in every second pass, and renames itself', async () => {
    const turns = times(
      8,
      'flee a',
      'pass',
      'return a',
      'pass',
      'rename a',
      'pass',
      'rename-back a',
    );
    const steps = ['create a', 'create b', 'pass', 'unlist a', ...turns];
    for (const layout of ['v1', 'v2'] as const) {
      const seen = await lastOf('a', { layout, steps }, 20);
      expect(new Set(seen), layout).to.deep.equal(new Set(['untracked unknown-to-garden']));
    }
  });

  it('does not hide a second escape behind the acknowledgement of a first one', async () => {
    const first = ['create a', 'spawn a', 'pass', 'escape a', 'pass 4', 'ack a', 'pass 2'];
    const { passes } = await live({ layout: 'v1', steps: [...first, 'escape a', 'pass 2'] });
    expect(passes.map(({ report }) => report.verdict).slice(-4)).to.deep.equal([
      'all-tracked',
      'all-tracked',
      'untracked',
      'untracked',
    ]);
    const ended = passes.flatMap(({ events }) =>
      events.filter(({ message }) => message === 'rollcall.container.unacknowledged'),
    );
    expect(ended.map(({ level, data }) => [level, data['ended']])).to.deep.equal([
      ['error', 'changed'],
    ]);
  });

  it('does not make a container lifeless whose processes hang while they exit', async () => {
    const steps = ['create a', 'create b', 'pass', 'kill b', 'exit-hangs a', 'pass 10', 'kill a'];
    for (const layout of ['v2', 'v2-throttling'] as const) {
      expect(await lastOf('b', { layout, steps }, 1)).to.deep.equal(['untracked no-cgroup']);
      const seen = await lastOf('a', { layout, steps: [...steps, 'pass 7'] }, 17);
      expect(new Set(seen.slice(0, 10)), layout).to.deep.equal(new Set(['pending null']));
      expect(seen.at(10)).to.equal('pending no-cgroup');
      expect(seen.at(-1)).to.equal('untracked no-cgroup');
    }
  });

  it('without a trick, an escaped process is reported', async () => {
    const steps = ['create a', 'pass', 'escape a', 'pass 4'];
    expect(await lastOf('a', { layout: 'v1', steps }, 1)).to.deep.equal(['untracked escaped']);
  });
});
