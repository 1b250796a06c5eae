import os from 'node:os';
import { setImmediate as pause } from 'node:timers/promises';
import type { CellIdentity } from '../model/cell-identity.ts';
import type { ContainerProperties, GardenAnswer } from '../model/garden.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { NamingFacts, ContainerOfPass } from '../model/names.ts';
import type { ProcessInCgroups } from '../model/process.ts';
import type { Answers, Questions } from '../model/questions.ts';
import type { Walk, WalkPlan } from '../model/walk.ts';
import type { SensorInputs } from '../model/sensor.ts';
import type { CellFacts, Moment, MountInputs, MustRead } from '../model/snapshot.ts';
import type { ShowsCommand } from '../parse/shown-command.ts';
import { propertiesOf, questionReader } from './answers.ts';
import { newRecord, walkHierarchy } from './walk/walk-hierarchy.ts';
import { CrowdedDirectories } from './walk/crowded-directories.ts';
import { reusedWalk } from './walk/reused-walk.ts';
import { PassUnderWay, Rereads } from './rereads.ts';
import { CommandLines } from './command-lines.ts';
import { gardenClient, type GardenClient } from './garden-client.ts';
import { gardenLists, type ReadBefore } from './garden-lists.ts';
import { HangingFile } from './hanging-file.ts';
import { KernelReader } from './kernel-reader.ts';
import { MountReader } from './mount-probe.ts';
import { namingFacts } from './naming-facts.ts';
import { ProcessNames } from './process-names.ts';
import { gardenProcessFinder } from './processes.ts';
import { SensorFiles } from './sensor-files.ts';
import { sensorSearch } from './sensor-search.ts';
import { LATE, TimedReads } from './timed-reads.ts';
import { walkComparison } from './walk/walk-comparison.ts';

export interface CellProbeOptions {
  /** `/`, or the directory that shows another machine's /proc and /sys/fs/cgroup. */
  readonly root: string;
  readonly gardenSocket: string;
  readonly gardenTimeoutMilliseconds: number;
  /** The cell's identity in BOSH, from the configuration. */
  readonly bosh: CellIdentity | null;
  /** What reports, captures and everything else show of a command line. */
  readonly showsCommand: ShowsCommand;
  /** Where an earlier process of the agent noted which read kept it; null: nowhere. */
  readonly hangNote: string | null;
}

/** All reads of one cell. Every answer is a plain value; the probe decides nothing. */
export interface CellProbe {
  now(): Moment;
  /**
   * The pass that makes all reads until the next call.
   * @param known names of containers, which its walks look up where they do not read all
   */
  startsPass(mustRead: MustRead, known: ReadonlySet<ByteString>): void;
  cell(): CellFacts;
  mounts(): MountInputs;
  gardenProcesses(): Promise<readonly ProcessInCgroups[]>;
  /** The primary hierarchy, once in each pass. */
  walk(plan: WalkPlan): Promise<Walk>;
  list(): Promise<GardenAnswer<readonly Handle[]>>;
  /** Pauses before and after, because on a large cell the caller's own computation is long. */
  answer(questions: Questions): Promise<Answers>;
  /** Between two passes: reads where a few processes are, without opening a cgroup. */
  glance(): void;
  /** Lets the servers of this process handle their requests first. */
  pause(): Promise<void>;
  /**
   * The sensor processes that the search for `gdn` came across; null if this pass did not search.
   * @param containerPids one process per container
   */
  sensors(containerPids: readonly number[]): Promise<SensorInputs | null>;
  /** Whether reads of command lines hang, so that some are made no more. */
  hasHangingReads(): boolean;
  /** The file that kept an earlier process of the agent in the kernel, and still does; null: none. */
  hangingFile(): ByteString | null;
  /** Whether more processes have a name that is looked for than were read. */
  hasMoreNames(): boolean;
  /** Makes the next pass search. */
  searchSensors(): Promise<void>;
  close(): void;
}

/** What names of containers need beside the passes. */
export interface NamingProbe extends Pick<CellProbe, 'now'> {
  /** What is read once of each of these containers. */
  namingFacts(containers: readonly ContainerOfPass[]): ReadonlyMap<Handle, NamingFacts>;
  /** What Garden lists besides these handles; null: it did not answer. */
  newInGarden(known: ReadonlySet<string>): Promise<ReadonlyMap<Handle, ContainerProperties> | null>;
}

const now = (): Moment => ({
  wall: new Date().toISOString(),
  monotonicMilliseconds: Number(process.hrtime.bigint() / 1000n) / 1000,
});

export function probeCell(options: CellProbeOptions): CellProbe & NamingProbe {
  const reader = new KernelReader(options.root);
  const pass = new PassUnderWay();
  const garden = gardenClient({
    socketPath: options.gardenSocket,
    timeoutMilliseconds: options.gardenTimeoutMilliseconds,
  });
  const mounts = new MountReader(options.root);
  const bootId = bootIdReader(reader);
  const hanging = new HangingFile(options.hangNote);
  const ofContainers = new TimedReads();
  const commands = new CommandLines(reader, options.showsCommand, ofContainers);
  const sensors = sensorSearch(reader, commands);
  const sensorFiles = new SensorFiles(pause);
  const names = new ProcessNames(reader, pass);
  const finder = gardenProcessFinder(reader, commands, names, sensors.search);
  const tables = new Rereads<'mounts'>(pass);
  const crowded = new CrowdedDirectories(pass);
  const walk = reusedWalk(
    (plan, record) => walkHierarchy(reader, plan, record),
    walkComparison(reader),
    pass,
    crowded,
  );
  const inSteps = async (steps: Generator<void, Walk>): Promise<Walk> => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await pause();
    }
  };
  const lists = gardenLists(garden, pass);
  let before: ReadBefore = { gardenProcesses: [], primaryWalk: null };
  const { answer, glance } = questionReader({
    reader,
    pass,
    commands,
    tables: ofContainers,
    garden,
    createdList: () => lists.created(before),
    walk: (plan) => inSteps(walkHierarchy(reader, plan, newRecord(crowded))),
    names,
    finder,
    sensorFiles,
    shows: (container) => {
      crowded.shows(container);
    },
    now,
  });
  return {
    now,
    cell: () => ({
      hostname: reader.text('/proc/sys/kernel/hostname')?.trim() ?? os.hostname(),
      bootId: bootId(),
      bosh: options.bosh,
    }),
    startsPass: (mustRead, known) => {
      pass.starts(mustRead, known);
    },
    mounts: () => {
      const isWhole = tables.isDue('mounts');
      if (isWhole) tables.wasRead('mounts', false);
      return mounts.read(isWhole);
    },
    gardenProcesses: async () => {
      const gardenProcesses = await finder.known();
      before = { gardenProcesses, primaryWalk: null };
      return gardenProcesses;
    },
    sensors: (pids) => sensors.inputs(pids),
    searchSensors: async () => {
      await finder.search();
    },
    namingFacts: (containers) => namingFacts(reader, containers),
    newInGarden: (known) => newInGarden(garden, known),
    hasHangingReads: () => commands.hasStopped,
    hangingFile: () => hanging.path,
    hasMoreNames: () => names.isCut,
    walk: async (plan) => {
      if (await hanging.hangs())
        return { kind: 'failed', controller: plan.controller, errno: LATE };
      const primaryWalk = await inSteps(walk(plan));
      before = { ...before, primaryWalk };
      return primaryWalk;
    },
    list: () => lists.all(),
    answer: async (questions) => {
      await pause();
      const answers = await answer(questions);
      await pause();
      return answers;
    },
    glance,
    pause,
    close: () => {
      garden.close();
      sensorFiles.close();
      crowded.close();
    },
  };
}

/** Read once, because it cannot change while this process lives. */
function bootIdReader(reader: KernelReader): () => string {
  let known = '';
  return () => (known ||= reader.text('/proc/sys/kernel/random/boot_id')?.trim() ?? '');
}

/** Of at most so many: a first list has all containers, which the first pass asks for, too. */
const MAX_NEW = 64;

async function newInGarden(
  garden: GardenClient,
  known: ReadonlySet<string>,
): Promise<ReadonlyMap<Handle, ContainerProperties> | null> {
  const list = await garden.list();
  if (list.kind === 'failed') return null;
  const handles = list.value.filter((handle) => !known.has(handle)).slice(0, MAX_NEW);
  const answers = handles.length === 0 ? [] : await propertiesOf(handles, garden);
  return new Map(
    [...answers].flatMap(([handle, answer]) =>
      answer.kind === 'answered' ? [[handle, answer.value]] : [],
    ),
  );
}
