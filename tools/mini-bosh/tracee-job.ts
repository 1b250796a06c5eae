import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { dataDirectory, jobDirectory, logDirectory, waitFor, type Vm } from './vm.ts';

const JOB = 'tracee';
const PROGRAM = `${jobDirectory(JOB)}/bin/${JOB}`;
const PIPE = `${dataDirectory(JOB)}/events`;
export const TRACEE_DIRECTORY = logDirectory(JOB);
export const TRACEE_FILE = `${TRACEE_DIRECTORY}/events.json`;

/** Truncates its file at the start, then writes each line it receives, without buffering. */
const SCRIPT = `#!/bin/sh
exec >${TRACEE_FILE}
while read -r line; do printf '%s\\n' "$line"; done
`;

/** A line of Tracee 0.24 for a container that already existed when it started. */
const existing = (handle: string): string =>
  JSON.stringify({
    processName: JOB,
    containerId: '',
    eventName: 'existing_container',
    args: [
      { name: 'runtime', type: 'string', value: 'garden' },
      { name: 'container_id', type: 'string', value: handle },
    ],
  });

/** A line of Tracee 0.24 for an event in a container. */
const process = (handle: string): string =>
  JSON.stringify({ processName: 'app', containerId: handle, eventName: 'sched_process_exec' });

/** A second job of the VM: a stand-in for Tracee, outside bpm, that sees what it is sent. */
export function traceeJob(vm: Vm) {
  /** With bosh-agent's owner and mode, unless only root may read it. */
  function makeDirectory({ isForVcap }: { readonly isForVcap: boolean }): void {
    const directory = vm.path(TRACEE_DIRECTORY);
    mkdirSync(directory, { recursive: true });
    chownSync(directory, 0, isForVcap ? vm.vcap.gid : 0);
    chmodSync(directory, isForVcap ? 0o770 : 0o700);
  }

  /** Restarts it; these containers already exist then. */
  async function start(met: readonly string[]): Promise<void> {
    vm.write(PROGRAM, SCRIPT);
    chmodSync(vm.path(PROGRAM), 0o750);
    await vm.must(['mkdir', '-p', dataDirectory(JOB)]);
    await vm.must(['mkfifo', '-m', '0600', PIPE]);
    await vm.must(['sh', '-c', '"$1" <>"$2" 2>/dev/null &', 'sh', PROGRAM, PIPE]);
    await waitFor('the event file of Tracee', 10, () =>
      existsSync(vm.path(TRACEE_FILE)) ? true : null,
    );
    await write(met.map(existing));
  }

  /** Simulates an event in the container, which the sensor sees. */
  async function sees(handle: string): Promise<void> {
    await write([process(handle)]);
  }

  async function kill(): Promise<void> {
    await vm.must(['pkill', '-KILL', '-x', JOB]);
  }

  async function write(lines: readonly string[]): Promise<void> {
    await vm.must(['sh', '-c', 'printf "%s\\n" "$@" >"$0"', PIPE, ...lines]);
  }

  return { makeDirectory, start, sees, kill };
}
