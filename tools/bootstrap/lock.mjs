import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive } from './process-identity.mjs';

/**
 * Runs `work` while no other living process holds the lock.
 *
 * A holder is a file in `folder` named after a process, so a killed run needs no taking over: its name is of a process that is gone.
 * Everyone announces first and looks second; of two that announce at once at least one sees the other and steps back, so never
 * are there two holders, and removing the file of a dead process can never remove a living one's.
 *
 * @template T
 * @param {string} folder
 * @param {(pid: string) => void} onWait called once, when another process is found holding it
 * @param {(alsoHeldBy: (pid: number) => void) => Promise<T>} work `alsoHeldBy` makes a child hold the lock too:
 *   killed with SIGKILL we cannot take our children along, and the next run must wait for them
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  mkdirSync(folder, { recursive: true });
  /** @type {Set<string>} */
  const mine = new Set();
  /** @param {number} pid */
  const hold = (pid) => {
    const identity = identify(pid);
    if (identity === null) return;
    mine.add(identity);
    writeFileSync(path.join(folder, identity), '');
  };
  const release = () => {
    for (const identity of mine) rmSync(path.join(folder, identity), { force: true });
    mine.clear();
  };

  let waited = false;
  for (;;) {
    let other = otherHolder(folder, mine);
    if (other === undefined) {
      hold(process.pid);
      other = otherHolder(folder, mine);
      if (other === undefined) break;
      release();
    }
    if (!waited) onWait(other.split('.')[0] ?? other);
    waited = true;
    await sleep(100 + Math.random() * 200);
  }
  try {
    return await work(hold);
  } finally {
    release();
  }
}

/**
 * @param {string} folder
 * @param {ReadonlySet<string>} mine
 */
function otherHolder(folder, mine) {
  return readdirSync(folder).find((identity) => {
    if (mine.has(identity)) return false;
    if (isAlive(identity)) return true;
    rmSync(path.join(folder, identity), { force: true, recursive: true });
    return false;
  });
}
