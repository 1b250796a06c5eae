import { existsSync } from 'node:fs';
import { until } from '../demo-cell/cgroups/processes.ts';
import { GARDEN_HOME, GARDEN_SOCKET } from '../demo-cell/gdn/config.ts';
import { dataDirectory, jobDirectory, logDirectory, type Vm } from './vm.ts';

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

/** A second job of the VM: a stand-in for Tracee, outside bpm, that has met some containers at its start. */
export function traceeJob(vm: Vm) {
  const sh = (script: string, ...args: readonly string[]) =>
    vm.must(['sh', '-c', script, 'sh', ...args]);
  return {
    /** With bosh-agent's owner and mode, unless only root may read it. */
    makeDirectory: ({ isForVcap }: { readonly isForVcap: boolean }) =>
      sh(
        `mkdir -p "$1" && chown "$2" "$1" && chmod "$3" "$1"`,
        TRACEE_DIRECTORY,
        ...(isForVcap ? ['root:vcap', '0770'] : ['root:root', '0700']),
      ),
    /** Starts it; these containers already exist then. */
    async start(met: readonly string[]): Promise<void> {
      vm.write(PROGRAM, SCRIPT);
      await sh(`chmod 0750 ${PROGRAM} && mkdir -p ${dataDirectory(JOB)} && mkfifo -m 0600 ${PIPE}`);
      await sh(`${PROGRAM} <>${PIPE} 2>/dev/null &`);
      await until(() => (existsSync(vm.path(TRACEE_FILE)) ? null : 'Tracee makes no event file'));
      await sh(`printf "%s\\n" "$@" >${PIPE}`, ...met.map(existing));
    },
  };
}

/** Owner and mode of Garden's directory, and of its socket if there is one. */
export const gardenOwnership = async (vm: Vm): Promise<string> =>
  (await vm.run(['stat', '-c', '%U:%g %a', GARDEN_HOME, GARDEN_SOCKET])).stdout.trim();

/** Of Garden's socket. */
export const gardenInode = (vm: Vm): Promise<string> =>
  vm.must(['stat', '-c', '%i', GARDEN_SOCKET]);

const own = (vm: Vm, owner: string, mode: string): Promise<string> =>
  vm.must(['sh', '-c', 'chown "$1" "$3" && chmod "$2" "$3"', 'sh', owner, mode, GARDEN_HOME]);

/**
 * Sets owner and mode as Garden does at each start (garden-runc-release, greenskeeper/main.go). The
 * group is the highest of a user namespace, which Garden's own processes have (guardian, idmapper).
 */
export const asGreenskeeper = (vm: Vm): Promise<string> => own(vm, 'vcap:4294967294', '0770');

/** Sets owner and mode as rep does at each start: its bpm.yml lacks mount_only. */
export const asRep = (vm: Vm): Promise<string> => own(vm, 'vcap:vcap', '0700');
