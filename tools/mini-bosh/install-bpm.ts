import { existsSync, readFileSync } from 'node:fs';
import { CELL_ENVIRONMENT } from '../../src/demo-cell/shell-text.ts';
import type { Bpm } from './bpm.ts';
import { limitSupport } from './limits.ts';
import { BPM_PACKAGE } from './places.ts';
import { StandInBpm } from './stand-in-bpm.ts';
import type { Vm } from './vm.ts';

/** bpm itself; it finds runc and tini beside it. */
class RealBpm implements Bpm {
  readonly name = 'bpm itself';
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  async start(job: string): Promise<void> {
    await this.#vm.must([`${BPM_PACKAGE}/bpm`, 'start', job]);
  }

  async stop(job: string): Promise<void> {
    await this.#vm.must([`${BPM_PACKAGE}/bpm`, 'stop', job]);
  }
}

/** Installs runc and tini of this machine as BOSH installs the package bpm, and bpm itself where it can be used. */
export async function installBpm(vm: Vm): Promise<Bpm> {
  await vm.must(['mkdir', '-p', BPM_PACKAGE]);
  for (const tool of ['runc', 'tini']) await install(vm, tool);
  const isReal = bpmKeepsToTheVm(vm) && (await install(vm, 'bpm'));
  return isReal ? new RealBpm(vm) : new StandInBpm(vm);
}

/** From the caller's own PATH; false if it is not there. */
async function install(vm: Vm, tool: string): Promise<boolean> {
  const copy = 'program=$(command -v "$1") && cp "$program" "$2"';
  const { exitCode } = await vm.run(['sh', '-c', copy, 'sh', tool, BPM_PACKAGE], {
    env: CELL_ENVIRONMENT,
  });
  return exitCode === 0;
}

/**
 * bpm asks systemd for a cgroup, which would be the machine's; without systemd it mounts every hierarchy of version 1 that is
 * not mounted yet (cgroups/cgroup.go, Setup), and the machine would keep it. And it never does without limits.
 */
function bpmKeepsToTheVm(vm: Vm): boolean {
  if (existsSync('/run/systemd/system') || !limitSupport(vm).memoryAndPids) return false;
  const controllers = readFileSync('/proc/cgroups', 'utf8').trimEnd().split('\n').slice(1);
  const isEnabledAndUnmounted = /^\S+\t0\t\d+\t1$/;
  return !controllers.some((line) => isEnabledAndUnmounted.test(line));
}
