import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runChild, say, StoppedBySignal } from './child.mjs';
import { withLock } from './lock.mjs';

/**
 * One lock per machine, because all checkouts share policy-rc.d. Only root can write to /run and
 * run apt-get.
 */
const lockFolder = '/run/rollcall-set-up';

/**
 * invoke-rc.d and deb-systemd-invoke run this file before they start, stop or restart a service.
 * Exit code 101 forbids it.
 */
const policyFile = '/usr/sbin/policy-rc.d';
const policy =
  '#!/bin/sh\n# Put here by the set-up of rollcall while apt-get runs, so that no package starts a service.\nexit 101\n';

const environment = {
  DEBIAN_FRONTEND: 'noninteractive',
  // Otherwise needrestart, if installed, restarts services after an upgrade of libc.
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
 * @returns {Promise<string | null>} null, or the cause of the failure in a few words
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
    // /run or /usr is read-only: without a lock or a policy nothing is installed.
    return error.message;
  }
}

/**
 * @param {readonly string[]} names
 * @param {(pid: number) => void} onStart
 */
async function updateAndInstall(names, onStart) {
  // The lists of a fresh image are empty. If the update fails, existing lists may be enough.
  const updateFailure = await aptGet(['update'], onStart);
  const install = ['install', '--no-install-recommends'];
  let failure = await aptGet([...install, ...names], onStart);
  if (failure === null) return null;
  // One unknown name must not prevent the installation of the others.
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

/**
 * @returns {boolean} whether the file is ours to remove; one that the machine's owner made stays
 */
function placePolicy() {
  try {
    writeFileSync(policyFile, policy, { flag: 'wx', mode: 0o755 });
    return true;
  } catch {
    // A killed run left it behind. This process holds the lock, so no other run uses it.
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
    // Stopping dpkg midway would leave packages half configured.
    whenStopped: 'wait',
    onStart,
  });
  if (result.stoppedBy !== null) throw new StoppedBySignal(result.stoppedBy);
  if (result.code === 0) return null;
  const complaint = result.output.split('\n').findLast((line) => line.startsWith('E: '));
  return complaint?.slice('E: '.length) ?? `apt-get exited with code ${result.code}`;
}
