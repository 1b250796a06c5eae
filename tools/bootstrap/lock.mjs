import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other living process holds the lock.
 *
 * A holder is a file in `folder` named after a process, so the lock of a killed run is free at
 * once. Everyone writes its file first and then reads the folder: of two at once at least one sees
 * the other and steps back, so there are never two holders. No living process shares a dead one's
 * file name.
 *
 * @template T
 * @param {string} folder
 * @param {(pid: string) => void} onWait called once, when another process is found holding it
 * @param {(alsoHeldBy: (pid: number) => void) => Promise<T>} work `alsoHeldBy` makes a child hold
 *   the lock too: after a SIGKILL to us it lives on, and the next run must wait for it
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

/**
 * `pid.startTime`: the start time (clock ticks since boot, field 22 of /proc/PID/stat) makes a
 * reused pid unique. Without /proc (macOS) it is 0.
 * @param {number} pid
 * @returns {string | null} null when no such process runs
 */
export function identify(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command (field 2) may hold spaces and parentheses: fields count from the last closing
    // one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A container without an init never reaps its zombies: they count as dead.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : `${pid}.${fields[19]}`;
  } catch {
    return process.platform === 'linux' || !canBeSignalled(pid) ? null : `${pid}.0`;
  }
}

/** @param {string} identity what `identify` once returned */
export function isAlive(identity) {
  const pid = Number.parseInt(identity, 10);
  return Number.isSafeInteger(pid) && identify(pid) === identity;
}

/** @param {number} pid */
function canBeSignalled(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
