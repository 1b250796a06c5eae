import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runChild } from './child.mjs';
import { withLock } from './lock.mjs';
import { say, StoppedBySignal } from './say.mjs';

/** One lock a machine, not a checkout: they would share policy-rc.d. /run is root's alone, and so is apt-get. */
const lockFolder = '/run/rollcall-set-up';

/** Debian's own switch: invoke-rc.d and deb-systemd-invoke ask it before they start, stop or restart anything; 101 is "no". */
const policyFile = '/usr/sbin/policy-rc.d';
const policy =
  '#!/bin/sh\n# Put here by the set-up of rollcall while apt-get runs, so that no package starts a service.\nexit 101\n';

const environment = {
  DEBIAN_FRONTEND: 'noninteractive',
  // Where needrestart is installed it restarts services of its own accord after an upgrade of libc.
  NEEDRESTART_SUSPEND: '1',
};

const options = [
  '-q',
  '-y',
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
];

/**
 * @param {readonly string[]} names
 * @returns {Promise<string | null>} null, or in a few words why it failed
 */
export async function aptInstall(names) {
  try {
    return await withLock(
      lockFolder,
      (pid) => say(`another run (process ${pid}) is installing system packages; waiting for it`),
      (alsoHeldBy) => withoutStartingServices(() => updateAndInstall(names, alsoHeldBy)),
    );
  } catch (error) {
    if (error instanceof StoppedBySignal || !(error instanceof Error)) throw error;
    // A root without a writable /run or /usr: no lock or no policy, so nothing is installed.
    return error.message;
  }
}

/**
 * @param {readonly string[]} names
 * @param {(pid: number) => void} onStart
 */
async function updateAndInstall(names, onStart) {
  // On a fresh image the lists are empty. When the update fails, the lists there are may still do.
  const updateFailure = await aptGet(['update'], onStart);
  const install = ['install', '--no-install-recommends'];
  let failure = await aptGet([...install, ...names], onStart);
  if (failure === null) return null;
  // One name that this system does not have must not keep the others out.
  if (names.length > 1) {
    failure = null;
    for (const name of names) failure = (await aptGet([...install, name], onStart)) ?? failure;
  }
  return failure === null ? null : (updateFailure ?? failure);
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withoutStartingServices(work) {
  const ours = placePolicy();
  try {
    return await work();
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
}

/** @returns {boolean} whether the file is ours to remove: one that the machine's owner put there stays as it is */
function placePolicy() {
  try {
    writeFileSync(policyFile, policy, { flag: 'wx', mode: 0o755 });
    return true;
  } catch {
    // A run that was killed left ours behind; we hold the lock, so nobody else is using it.
    return readFileSync(policyFile, 'utf8') === policy;
  }
}

/**
 * @param {readonly string[]} args
 * @param {(pid: number) => void} onStart
 * @returns {Promise<string | null>} null, or why it failed
 */
async function aptGet(args, onStart) {
  const result = await runChild('/usr/bin/apt-get', [...options, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A dpkg that is stopped half way leaves the machine's packages half configured.
    whenStopped: 'wait',
    onStart,
  });
  if (result.stoppedBy !== null) throw new StoppedBySignal(result.stoppedBy);
  if (result.code === 0) return null;
  const complaint = result.output.split('\n').findLast((line) => line.startsWith('E: '));
  return complaint?.slice('E: '.length) ?? `apt-get ended with code ${result.code}`;
}
