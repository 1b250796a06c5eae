import { expect } from 'chai';
import { rowsOf } from '../rows.ts';
import { live } from './made-agent.ts';
import { historyOf } from './made-histories.ts';

/** What does not hide it, the history, and what the passes say of the container `a`. */
const ATTACKS = `
no trick | v1: create a, pass, escape a, pass 4 | 1 tracked, 2 pending escaped, 2 untracked escaped
a process that stays only where no controller limits it | hybrid: create a, pass, leave-limits a, pass 4 | 1 tracked, 2 pending escaped, 2 untracked escaped
a process that leaves only the hierarchy that is walked | v1: create a, pass, leave-primary a, pass 4 | 1 tracked, 2 pending partial, 2 untracked partial
a process that forks itself in every pass | v1: create a, pass, spawn a, escape a, 20 times (fork a, pass) | 1 tracked, 2 pending escaped, 18 untracked escaped
a process that comes home in every second pass | v2: create a, pass, 20 times (escape a, pass, return a, pass) | 1 tracked, 1 pending escaped, 1 tracked, 1 pending escaped, 1 tracked, 1 pending escaped, 1 tracked, 34 untracked escaped
a lost container that escapes in every second pass, and renames itself | v1: create a, create b, pass, unlist a, 8 times (flee a, pass, return a, pass, rename a, pass, rename-back a) | 1 tracked, 1 pending escaped, 1 pending unknown-to-garden, 1 untracked unknown-to-garden, 1 untracked escaped, 20 untracked unknown-to-garden
the same where nothing is renamed | v2: create a, create b, pass, unlist a, 8 times (flee a, pass, return a, pass, rename a, pass, rename-back a) | 1 tracked, 1 pending escaped, 1 pending unknown-to-garden, 1 untracked unknown-to-garden, 1 untracked escaped, 20 untracked unknown-to-garden
a lost container whose disguised processes all leave, and come back to its empty cgroup | v2: create-privileged a, pass, unlist a, disguise a, flee a, pass 4, return a, pass 4 | 1 tracked, 4 not shown, 2 pending unknown-to-garden, 2 untracked unknown-to-garden
processes that hang while they exit, and make nothing lifeless | v2: create a, pass, exit-hangs a, pass 10, kill a, pass 7 | 1 tracked, 10 pending, 6 pending no-cgroup, 1 untracked no-cgroup
the same with throttling | v2-throttling: create a, pass, exit-hangs a, pass 10, kill a, pass 7 | 1 tracked, 10 pending, 6 pending no-cgroup, 1 untracked no-cgroup
`;

/** Equal ones in a row are said once, with their number. */
function inShort(words: readonly string[]): string {
  const runs: [word: string, count: number][] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.[0] === word) last[1] += 1;
    else runs.push([word, 1]);
  }
  return runs.map(([word, count]) => `${count} ${word}`).join(', ');
}

describe('an attack, as a history of a cell', () => {
  for (const [what, history = '', expected] of rowsOf(ATTACKS))
    it(`does not hide it: ${what}`, async () => {
      const { passes } = await live(historyOf(history));
      const shown = passes.map(({ report }) => {
        const a = report.containers.find(({ handle }) => handle === 'a');
        return a === undefined ? 'not shown' : [a.status, a.reason].filter(Boolean).join(' ');
      });
      expect(inShort(shown)).to.equal(expected);
    });
});
