import { readFileSync } from 'node:fs';

/**
 * `pid.startTime`: a pid alone is reused, with its start time (clock ticks since boot, /proc/<pid>/stat field 22) it is unique.
 * Where there is no /proc (macOS) the pid has to do.
 * @param {number} pid
 * @returns {string | null} null when no such process runs
 */
export function identify(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command (field 2) may hold spaces and parentheses, so the fields are counted from its last closing one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A container without an init never reaps what was killed: a zombie is as dead as a missing process.
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
