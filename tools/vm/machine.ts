import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { guestLine } from './guest.ts';
import type { VmImage } from './image.ts';
import { kvmIsBroken, qemuArguments, type Accelerator } from './qemu.ts';
import { QEMU, VIRTIOFSD } from './requirements.ts';

/** Even on an emulated processor that is shared with others, a few seconds of the clock pass. */
const SILENT_MILLISECONDS = 30 * 60_000;
const TICK_MILLISECONDS = 60_000;
const SOCKET_DEADLINE_MILLISECONDS = 10_000;
const KILL_MILLISECONDS = 2000;
const BOOT_LINES = 15;

export interface VmRun {
  readonly image: VmImage;
  /** Files, from the top of the checkout. */
  readonly tests: readonly string[];
  readonly stop: AbortSignal;
  /** Receives messages about the machine. */
  readonly say: (line: string) => void;
  /** Receives the output of the tests. */
  readonly print: (line: string) => void;
}

export const hasKvm = (): boolean => existsSync('/dev/kvm');

/**
 * Runs the tests in a machine with KVM, or with an emulated processor where KVM does not work.
 * @returns the exit code of the tests
 * @throws ToolFailure VM_FAILED with the last boot messages if the tests did not start
 */
export async function runInVm(run: VmRun): Promise<number> {
  const exitCode = hasKvm() ? await boot(run, 'kvm') : null;
  if (exitCode !== null) return exitCode;
  const why = hasKvm() ? 'KVM does not work here' : 'without /dev/kvm';
  run.say(`${why}: the processor is emulated, which is slow`);
  return (await boot(run, 'tcg')) ?? 2;
}

/**
 * Boots one machine, runs the tests in it, and ends it.
 * @returns the exit code of the tests; null: KVM exists but does not work
 * @throws ToolFailure VM_FAILED with the last boot messages if the tests did not start
 */
export async function boot(run: VmRun, accelerator: Accelerator): Promise<number | null> {
  const { stop } = run;
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-vm-'));
  const socket = path.join(folder, 'checkout.sock');
  const bootLog = path.join(folder, 'boot.log');
  const ended = new AbortController();
  const cancelSignal = AbortSignal.any([stop, ended.signal]);
  const child = { cancelSignal, forceKillAfterDelay: KILL_MILLISECONDS, reject: false } as const;
  const share = execa(
    VIRTIOFSD,
    [
      `--socket-path=${socket}`,
      `--shared-dir=${root}`,
      '--readonly',
      '--sandbox=none',
      '--cache=always',
    ],
    { ...child, stdin: 'ignore', stdout: 'ignore' },
  );
  try {
    await untilThere(socket, stop);
    const qemu = execa(QEMU, qemuArguments({ ...run, accelerator, socket, bootLog }), {
      ...child,
      stdin: 'ignore',
      buffer: { stdout: false, stderr: true },
      // qemu keeps its copy of the machine's changes to the disk there.
      env: { TMPDIR: folder },
    });
    // qemu itself keeps running then.
    qemu.stderr.on('data', (chunk: Buffer) => {
      if (kvmIsBroken(chunk.toString())) ended.abort();
    });
    const silence = setTimeout(() => ended.abort(), SILENT_MILLISECONDS);
    const { isUp, exitCode } = await follow(qemu.iterable(), run, accelerator, silence);
    const { stderr } = await qemu;
    if (exitCode !== null || stop.aborted) return exitCode ?? 2;
    // KVM may stop a machine in many ways. If something else did, the other one stops, too.
    if (accelerator === 'kvm' && (!isUp || kvmIsBroken(stderr))) return null;
    const words = existsSync(bootLog) ? readFileSync(bootLog, 'utf8') : '';
    process.stderr.write(`${words.trimEnd().split('\n').slice(-BOOT_LINES).join('\n')}\n`);
    const why = ended.signal.aborted ? 'it was silent for too long' : stderr.trim();
    throw new ToolFailure('VM_FAILED', `the virtual machine ended without a result: ${why}`);
  } finally {
    ended.abort();
    await share;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the exit code that the machine reports; null if it reports none */
async function follow(
  lines: AsyncIterable<string>,
  { say, print }: VmRun,
  accelerator: Accelerator,
  silence: NodeJS.Timeout,
): Promise<{ readonly isUp: boolean; readonly exitCode: number | null }> {
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  let clock = 0;
  const ticking = setInterval(
    () => say(`running for ${seconds()} s, ${clock} s by the machine's clock`),
    TICK_MILLISECONDS,
  );
  let exitCode: number | null = null;
  let isUp = false;
  try {
    for await (const line of lines) {
      silence.refresh();
      const said = guestLine(line);
      if (said === null) print(line);
      else if (said.word === 'exit') exitCode = said.number;
      else if (said.word === 'clock') clock = said.number;
      else {
        isUp = true;
        say(`up after ${seconds()} s (${accelerator})`);
      }
    }
  } finally {
    clearInterval(ticking);
    clearTimeout(silence);
  }
  if (exitCode !== null) say(`ended after ${seconds()} s`);
  return { isUp, exitCode };
}

async function untilThere(socket: string, stop: AbortSignal): Promise<void> {
  const deadline = performance.now() + SOCKET_DEADLINE_MILLISECONDS;
  while (!existsSync(socket) && !stop.aborted) {
    if (performance.now() > deadline) {
      throw new ToolFailure('VM_FAILED', `${VIRTIOFSD} did not start: run it by hand to see why`);
    }
    await sleep(20);
  }
}
