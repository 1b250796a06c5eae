import { createHash } from 'node:crypto';
import { makeDirectory } from '../cgroups/cgroup-tree.ts';
import type { StartProcess } from '../gdn/cell-program.ts';
import { servicePath, type RootedHierarchy } from '../cgroups/cgroup-paths.ts';
import { IDLE_REP, JOB, NOTHING } from '../gdn/programs.ts';
import { RepProcess } from '../rep/rep-process.ts';

/** How bpm names its cgroup where systemd runs (bpm cgroups/cgroup.go:132-170). */
export type BpmScheme =
  /** systemd, bpm before 1.4.33: `system.slice/runc-bpm-<job>.scope`. */
  | 'scope'
  /** systemd, bpm since 1.4.33: `system.slice/monit-service-bpm-bpm-<job>.scope`. */
  | 'unique-scope';

export type OtherCgroups = ReturnType<typeof otherCgroups>;

/** Other cgroups of a cell: of programs that run beside Garden's containers, or left behind. */
export function otherCgroups(
  hierarchies: readonly RootedHierarchy[],
  startIn: (directories: readonly string[]) => StartProcess,
) {
  const cgroupsAt = (pathOf: PathOf): readonly string[] =>
    hierarchies.map((tree) => tree.root + pathOf(tree));

  const start = (pathOf: PathOf, log: string, command: readonly string[]): Promise<number> => {
    const directories = cgroupsAt(pathOf);
    directories.forEach(makeDirectory);
    return startIn(directories)(log, command);
  };

  const startJob = async (pathOf: PathOf, program = JOB): Promise<void> => {
    const command = ['sh', '-c', 'exec "$1" <>"$2"', 'sh', program, NOTHING];
    await start(pathOf, '/var/vcap/sys/log/job.log', command);
  };

  return {
    bpmJob: (job: string, scheme: BpmScheme) =>
      startJob(bpmPath(job, scheme), job === 'rep' ? IDLE_REP : JOB),
    /** A program as a job of bpm, in its cgroups. */
    bpmProgram: (job: string, log: string, command: readonly string[]) =>
      start(bpmPath(job, 'scope'), log, command),
    /** A stand-in for Diego's rep, not started, in the cgroups of its bpm job. */
    rep: (cellRoot: string, scheme: BpmScheme = 'scope'): RepProcess => {
      const cgroups = cgroupsAt(bpmPath('rep', scheme));
      return new RepProcess(startIn(cgroups), cellRoot, cgroups);
    },
    /** A container of docker, with its cgroup driver for systemd. */
    dockerScope: () => {
      const id = createHash('sha256').update('registry').digest('hex');
      return startJob(inSlice(`docker-${id}.scope`));
    },
    systemdUnit: (unit = 'ssh.service') => startJob(inSlice(unit)),
  };
}

type PathOf = (tree: RootedHierarchy) => string;

/** systemd gives a unit its own cgroup in the same hierarchies as garden.service. */
const inSlice =
  (unit: string): PathOf =>
  (tree) =>
    servicePath(tree) === '' ? '' : `/system.slice/${unit}`;

function bpmPath(job: string, scheme: BpmScheme): PathOf {
  const name = `bpm-${job}`;
  return inSlice(scheme === 'scope' ? `runc-${name}.scope` : `monit-service-bpm-${name}.scope`);
}
