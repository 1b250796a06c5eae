import { expect } from 'chai';
import { live } from './made-agent.ts';
import { times, type History } from './made-histories.ts';

interface Attack {
  readonly history: History;
  /**
   * In how many passes after each other the container `a` is shown with which status and reason.
   */
  readonly shown: readonly (readonly [passes: number, shown: string])[];
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'a process that stays outside': {
    history: {
      layout: 'v1',
      steps: ['create a', 'pass', 'escape a', 'pass 4'],
    },
    shown: [
      [1, 'tracked'],
      [2, 'pending escaped'],
      [2, 'untracked escaped'],
    ],
  },
  'a process that stays only where no controller limits it': {
    history: {
      layout: 'hybrid',
      steps: ['create a', 'pass', 'leave-limits a', 'pass 4'],
    },
    shown: [
      [1, 'tracked'],
      [2, 'pending escaped'],
      [2, 'untracked escaped'],
    ],
  },
  'a process that leaves only the hierarchy that is walked': {
    history: {
      layout: 'v1',
      steps: ['create a', 'pass', 'leave-primary a', 'pass 4'],
    },
    shown: [
      [1, 'tracked'],
      [2, 'pending partial'],
      [2, 'untracked partial'],
    ],
  },
  'a process that forks itself in every pass': {
    history: {
      layout: 'v1',
      steps: ['create a', 'pass', 'spawn a', 'escape a', ...times(20, 'fork a', 'pass')],
    },
    shown: [
      [1, 'tracked'],
      [2, 'pending escaped'],
      [18, 'untracked escaped'],
    ],
  },
  'a process that comes home in every second pass': {
    history: {
      layout: 'v2',
      steps: ['create a', 'pass', ...times(20, 'escape a', 'pass', 'return a', 'pass')],
    },
    shown: [
      [1, 'tracked'],
      [1, 'pending escaped'],
      [1, 'tracked'],
      [1, 'pending escaped'],
      [1, 'tracked'],
      [1, 'pending escaped'],
      [1, 'tracked'],
      [34, 'untracked escaped'],
    ],
  },
  'a lost container that escapes in every second pass, and renames itself': {
    history: {
      layout: 'v1',
      steps: [
        'create a',
        'create b',
        'pass',
        'unlist a',
        ...times(8, 'flee a', 'pass', 'return a', 'pass', 'rename a', 'pass', 'rename-back a'),
      ],
    },
    shown: [
      [1, 'tracked'],
      [1, 'pending escaped'],
      [1, 'pending unknown-to-garden'],
      [1, 'untracked unknown-to-garden'],
      [1, 'untracked escaped'],
      [20, 'untracked unknown-to-garden'],
    ],
  },
  'a lost container that escapes in every second pass of a v2 cell, and renames itself': {
    history: {
      layout: 'v2',
      steps: [
        'create a',
        'create b',
        'pass',
        'unlist a',
        ...times(8, 'flee a', 'pass', 'return a', 'pass', 'rename a', 'pass', 'rename-back a'),
      ],
    },
    shown: [
      [1, 'tracked'],
      [1, 'pending escaped'],
      [1, 'pending unknown-to-garden'],
      [1, 'untracked unknown-to-garden'],
      [1, 'untracked escaped'],
      [20, 'untracked unknown-to-garden'],
    ],
  },
  'a lost container whose disguised processes all leave, and come back to its empty cgroup': {
    history: {
      layout: 'v2',
      steps: [
        'create-privileged a',
        'pass',
        'unlist a',
        'disguise a',
        'flee a',
        'pass 4',
        'return a',
        'pass 4',
      ],
    },
    shown: [
      [1, 'tracked'],
      [4, 'not shown'],
      [2, 'pending unknown-to-garden'],
      [2, 'untracked unknown-to-garden'],
    ],
  },
  'processes that hang while they exit, although their container is not yet lifeless': {
    history: {
      layout: 'v2',
      steps: ['create a', 'pass', 'exit-hangs a', 'pass 10', 'kill a', 'pass 7'],
    },
    shown: [
      [1, 'tracked'],
      [10, 'pending'],
      [6, 'pending no-cgroup'],
      [1, 'untracked no-cgroup'],
    ],
  },
  'processes that hang while they exit on a throttled cell': {
    history: {
      layout: 'v2-throttling',
      steps: ['create a', 'pass', 'exit-hangs a', 'pass 10', 'kill a', 'pass 7'],
    },
    shown: [
      [1, 'tracked'],
      [10, 'pending'],
      [6, 'pending no-cgroup'],
      [1, 'untracked no-cgroup'],
    ],
  },
};

/** Equal ones after each other are one entry, with their number. */
function counted(words: readonly string[]): readonly (readonly [number, string])[] {
  const runs: [count: number, word: string][] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.[1] === word) last[0] += 1;
    else runs.push([1, word]);
  }
  return runs;
}

describe('an attack, as a history of a cell,', () => {
  for (const [what, { history, shown: expected }] of Object.entries(ATTACKS))
    it(`does not hide ${what}`, async () => {
      const { passes } = await live(history);
      const shown = passes.map(({ report }) => {
        const a = report.containers.find(({ handle }) => handle === 'a');
        return a === undefined ? 'not shown' : [a.status, a.reason].filter(Boolean).join(' ');
      });
      expect(counted(shown)).to.deep.equal(expected);
    });
});
