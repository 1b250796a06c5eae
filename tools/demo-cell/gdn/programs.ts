import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Scripts, because the kernel names a process after its script: no compiler, no copied binary. */
const PACKAGES = '/var/vcap/packages';
export const SHIM = `${PACKAGES}/containerd/bin/containerd-shim-runc-v2`;
export const DADOO = `${PACKAGES}/guardian/bin/dadoo`;
export const RUNC = `${PACKAGES}/runc/bin/runc`;
/** A layer of each container's root filesystem, without what is a link in some roots (`/bin`). */
export const LAYER = `${PACKAGES}/rootfs`;
/** A pipe that stays empty: a process that reads from it sleeps without a child process. */
export const NOTHING = '/var/vcap/data/rollcall-cell/nothing';

export const GARDEN_INIT = '/tmp/garden-init';
export const APP_LAUNCHER = '/tmp/lifecycle/launcher';
export const ENVOY = '/etc/cf-assets/envoy/envoy';
export const HEALTH_CHECK = '/etc/cf-assets/healthcheck/healthcheck';
export const NETWORK_PLUGIN = `${PACKAGES}/silk-cni/bin/network-plugin`;
/** An external networker that starts a process of its own and waits for it. */
export const NETWORKER = `${PACKAGES}/networker/bin/networker`;
/** The program of a job outside Garden. */
export const JOB = `${PACKAGES}/job/bin/job`;
/** Has the name of Diego's rep, and does nothing. */
export const IDLE_REP = `${PACKAGES}/rep/bin/rep`;

/** Does nothing until it is killed. */
const SLEEPER = `#!/bin/sh
while read -r line; do :; done
`;

/**
 * Starts one process, prints its pid, lets Garden move it into its cgroups, and only then executes
 * the program. Afterwards it waits for the process as the real ones do, or leaves it as an orphan
 * (CELL_LEAVE) as runc does.
 */
const PARENT = `#!/bin/sh
exec 3<&0
{
  read -r pid rest </proc/self/stat
  echo "$pid"
  read -r go <&3 || exit 1
  exec 3<&- <>"$CELL_NOTHING" >&2
  set -- PATH="$PATH" INSTANCE_GUID="$CELL_HANDLE" CF_INSTANCE_GUID="$CELL_HANDLE"
  if [ -n "$CELL_ROOT" ]; then
    exec env -i "$@" chroot "$CELL_ROOT" "$CELL_PROGRAM" $CELL_ARGUMENTS
  fi
  exec env -i "$@" "$CELL_LAYER$CELL_PROGRAM" $CELL_ARGUMENTS
} &
if [ -n "$CELL_LEAVE" ]; then read -r go <&3; exit; fi
exec 3<&- <>"$CELL_NOTHING" >&2
wait
`;

/** \`runc events\` runs until its input ends. */
const RUNC_SCRIPT = PARENT.replace(
  '\n',
  '\ncase " $* " in *" events "*) while read -r line; do :; done; exit ;; esac\n',
);

/** Its child outlives it if it is killed. */
const WITH_CHILD = `#!/bin/sh
sleep 1000000 &
wait
`;

export function installPrograms(): void {
  for (const path of [SHIM, DADOO]) install(path, PARENT);
  install(RUNC, RUNC_SCRIPT);
  install(NETWORKER, WITH_CHILD);
  const inContainers = [GARDEN_INIT, APP_LAUNCHER, ENVOY, HEALTH_CHECK];
  for (const path of [JOB, IDLE_REP, NETWORK_PLUGIN, ...inContainers.map((one) => LAYER + one)])
    install(path, SLEEPER);
}

function install(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Includes sbin for mount, unshare and nsenter, because not every PATH does. */
export const SYSTEM_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

export const CELL_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: SYSTEM_PATH,
  LC_ALL: 'C',
};

/** For execa: passes on none of the driver's own settings (coverage, inspectors, loaders). */
export const ONLY_CELL_ENVIRONMENT = { env: CELL_ENVIRONMENT, extendEnv: false } as const;
