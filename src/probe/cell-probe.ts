import os from 'node:os';
import { setImmediate as pause } from 'node:timers/promises';
import type { CellIdentity } from '../model/cell-identity.ts';
import type { ContainerProperties, GardenAnswer } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import { hasEnded, type ProcessInCgroups } from '../model/process.ts';
import type { Scan, ScanPlan } from '../model/scan.ts';
import type { EvidenceTime, SensorReading } from '../model/observation.ts';
import type { SensorInputs } from '../model/sensor.ts';
import { NO_SWEEP, type Sweep, type SweepPlan } from '../model/sweep.ts';
import type { MountInputs, Answers, CellFacts, Moment, Questions } from '../model/snapshot.ts';
import { identityOf } from '../parse/container-identity.ts';
import { readCgroupNumbers } from './cgroup-numbers.ts';
import { parseStat } from '../parse/process-files.ts';
import { scanHierarchy } from './cgroup-scan.ts';
import { gardenClient, type GardenClient } from './garden-client.ts';
import { KernelReader } from './kernel-reader.ts';
import { readMounts } from './mount-probe.ts';
import { destroyEvidence, overlayImages } from './destroy-evidence.ts';
import type { ProcessFinder } from './process-finder.ts';
import { repFinder, startOf } from './rep-processes.ts';
import { SensorFiles } from './sensor-files.ts';
import { SensorSearch } from './sensor-search.ts';
import {
  gardenProcessFinder,
  membershipReader,
  ancestorsOf,
  processFacts,
  processesOnRootOf,
} from './processes.ts';
import { rootImageReader } from './root-image-reader.ts';
import { sweeper } from './sweep.ts';

export interface CellProbeOptions {
  /** `/`, or the directory that shows another machine's /proc and /sys/fs/cgroup. */
  readonly root: string;
  readonly gardenSocket: string;
  readonly gardenTimeoutMilliseconds: number;
  /** The cell's identity in BOSH, from the configuration. */
  readonly bosh: CellIdentity | null;
}

/** Concurrent requests for properties: Garden answers each in about 0.25 ms. */
const PROPERTIES_AT_ONCE = 8;

/** All reads of one cell. Every answer is a plain value; the probe decides nothing. */
export interface CellProbe {
  now(): Moment;
  cell(): CellFacts;
  mounts(): MountInputs;
  gardenProcesses(): readonly ProcessInCgroups[];
  scan(plan: ScanPlan): Promise<Scan>;
  sweep(plan: SweepPlan): Promise<Sweep>;
  list(): Promise<GardenAnswer<readonly Handle[]>>;
  /** Pauses before and after, because on a large cell the caller's own computation is long. */
  answer(questions: Questions, plans: readonly ScanPlan[]): Promise<Answers>;
  /** Lets the servers of this process handle their requests first. */
  pause(): Promise<void>;
  /**
   * The sensor processes that the search for `gdn` came across; null if this pass did not search.
   */
  sensors(containerPids: readonly number[]): SensorInputs | null;
  /** Makes the next pass search. */
  searchSensors(): void;
  close(): void;
}

const now = (): Moment => ({
  wall: new Date().toISOString(),
  monotonicMilliseconds: Number(process.hrtime.bigint() / 1000n) / 1000,
});

export function probeCell(options: CellProbeOptions): CellProbe {
  const reader = new KernelReader(options.root);
  const garden = gardenClient({
    socketPath: options.gardenSocket,
    timeoutMilliseconds: options.gardenTimeoutMilliseconds,
  });
  const bootId = bootIdReader(reader);
  const sensors = new SensorSearch(reader);
  const sensorFiles = new SensorFiles(pause);
  const finder = gardenProcessFinder(reader, () => sensors.begin());
  const reps = repFinder(reader);
  const membershipsOf = membershipReader(reader, pause);
  const scan = async (plan: ScanPlan): Promise<Scan> => {
    const steps = scanHierarchy(reader, plan);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await pause();
    }
  };
  return {
    now,
    cell: () => ({
      hostname: reader.text('/proc/sys/kernel/hostname')?.trim() ?? os.hostname(),
      bootId: bootId(),
      bosh: options.bosh,
    }),
    mounts: () => readMounts(options.root),
    gardenProcesses: finder.known,
    sensors: (pids) => sensors.inputs(pids),
    searchSensors: () => {
      finder.search();
    },
    scan,
    sweep: sweeper(reader, () => pause()),
    list: () => garden.list(),
    answer: async (questions, plans) => {
      await pause();
      const sources = { reader, garden, scan, membershipsOf, finder, reps, sensorFiles };
      const answers = await answerQuestions(questions, plans, sources);
      await pause();
      return answers;
    },
    pause,
    close: () => {
      garden.close();
      sensorFiles.close();
    },
  };
}

/** Null if the process has ended. */
function startTicksOf(reader: KernelReader, pid: number): number | null {
  const stat = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  return stat === null || hasEnded(stat.state) ? null : stat.startTicks;
}

function timeOf({ wall, monotonicMilliseconds }: Moment): EvidenceTime {
  return { wall: Date.parse(wall), monotonic: monotonicMilliseconds };
}

/** Read once, because it cannot change while this process lives. */
function bootIdReader(reader: KernelReader): () => string {
  let known = '';
  return () => (known ||= reader.text('/proc/sys/kernel/random/boot_id')?.trim() ?? '');
}

interface Sources {
  readonly reader: KernelReader;
  readonly garden: GardenClient;
  readonly scan: (plan: ScanPlan) => Promise<Scan>;
  readonly membershipsOf: ReturnType<typeof membershipReader>;
  readonly finder: ProcessFinder<ProcessInCgroups>;
  readonly reps: ReturnType<typeof repFinder>;
  readonly sensorFiles: SensorFiles;
}

async function answerQuestions(
  questions: Questions,
  plans: readonly ScanPlan[],
  { reader, garden, scan, membershipsOf, finder, reps, sensorFiles }: Sources,
): Promise<Answers> {
  // Read the kernel before Garden. Otherwise a container created in between would look unknown to
  // Garden.
  const memberships = await membershipsOf(questions.memberships);
  const processes = new Map(
    questions.processes.map((pid) => [pid, processFacts(reader, pid)] as const),
  );
  const ancestors = new Map(
    questions.ancestors.map((pid) => [pid, ancestorsOf(reader, pid)] as const),
  );
  const imagesOf = rootImageReader(reader);
  const rootImages = new Map(questions.rootImages.map((pid) => [pid, imagesOf(pid)] as const));
  const gardenProcesses = questions.gardenProcesses ? finder.search() : null;
  const repProcesses = questions.repProcesses ? reps() : null;
  const starts = new Map(questions.starts.map((pid) => [pid, startOf(reader, pid)] as const));
  const scans = new Map<string, Scan>();
  for (const plan of plans) scans.set(plan.controller, await scan(plan));
  const rootMounts =
    questions.rootMounts.length === 0
      ? new Map<Handle, readonly number[]>()
      : await processesOnRootOf(reader, questions.rootMounts, pause);
  const overlays = questions.overlays === null ? null : overlayImages(reader, questions.overlays);
  const destroys = await destroyEvidence(reader, questions.destroys, pause);
  const cgroupNumbers = await readCgroupNumbers(reader, questions.cgroupNumbers, pause);
  const createdList = questions.createdList ? await garden.listCreated() : null;
  const properties = await propertiesOf(questions.properties, garden);
  const secondList = questions.secondList ? await garden.list() : null;
  const sensorReadings = new Map<string, SensorReading>();
  for (const file of questions.sensorFiles) {
    const reading = await sensorFiles.read(file);
    sensorReadings.set(file.name, { reading, time: timeOf(now()) });
    await pause();
  }
  const startTicks = new Map(
    questions.startTicks.map((pid) => [pid, startTicksOf(reader, pid)] as const),
  );
  return {
    memberships,
    processes,
    ancestors,
    rootImages,
    gardenProcesses,
    scans,
    rootMounts,
    cgroupNumbers,
    createdList,
    properties,
    secondList,
    sweep: NO_SWEEP,
    repProcesses,
    starts,
    destroys,
    overlays,
    sensorFiles: sensorReadings,
    startTicks,
  };
}

async function propertiesOf(
  handles: readonly Handle[],
  garden: GardenClient,
): Promise<ReadonlyMap<Handle, GardenAnswer<ContainerProperties>>> {
  if (handles.length === 0) return new Map();
  const answers = await garden.properties(handles, { concurrency: PROPERTIES_AT_ONCE });
  const known = new Map<Handle, GardenAnswer<ContainerProperties>>();
  for (const [handle, answer] of answers) {
    if (answer.kind === 'failed') known.set(handle, answer);
    else {
      const value = { properties: answer.value, ...identityOf(handle, answer.value) };
      known.set(handle, { kind: 'answered', value });
    }
  }
  return known;
}
