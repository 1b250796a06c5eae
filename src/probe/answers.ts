import { setImmediate as pause } from 'node:timers/promises';
import type { ContainerProperties, GardenAnswer } from '../model/garden.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { SensorReading } from '../model/observation.ts';
import { hasEnded, type ProcessInCgroups } from '../model/process.ts';
import { answersTo, type Answers, type QuestionName, type Questions } from '../model/questions.ts';
import type { Walk, WalkPlan } from '../model/walk.ts';
import type { Moment } from '../model/snapshot.ts';
import type { SuspectedProcess, Sweep } from '../model/sweep.ts';
import { identityOf } from '../parse/container-identity.ts';
import { readCgroupNumbers, readControllers } from './cgroup-numbers.ts';
import { destroyEvidence } from './destroy-evidence.ts';
import type { GardenClient } from './garden-client.ts';
import { gdnMountsReader } from './gdn-mounts.ts';
import type { CommandLines } from './command-lines.ts';
import type { KernelReader } from './kernel-reader.ts';
import {
  directoriesIn,
  hostNetwork,
  initReader,
  policyStore,
  reservations,
  rootLists,
} from './ledger-files.ts';
import type { ProcessFinder } from './process-finder.ts';
import type { ProcessNames } from './process-names.ts';
import { ancestorsOf, processFacts, processesOnRootOf, membershipReader } from './processes.ts';
import { repFinder, startOf } from './rep-processes.ts';
import type { PassUnderWay } from './rereads.ts';
import { rootImageReader } from './root-image-reader.ts';
import type { SensorFiles } from './sensor-files.ts';
import { readSignals } from './signals.ts';
import { sweeper } from './sweep/sweeper.ts';
import { TimedReads } from './timed-reads.ts';
import { readWaits } from './waits.ts';

/** What the questions are answered from, besides what only they need. */
interface Sources {
  readonly reader: KernelReader;
  readonly pass: PassUnderWay;
  readonly commands: CommandLines;
  /** For the mount tables of containers. */
  readonly tables: TimedReads;
  readonly garden: GardenClient;
  readonly createdList: () => ReturnType<GardenClient['listCreated']>;
  readonly walk: (plan: WalkPlan) => Promise<Walk>;
  readonly names: ProcessNames;
  readonly finder: ProcessFinder<ProcessInCgroups>;
  readonly sensorFiles: SensorFiles;
  readonly shows: (container: ByteString) => void;
  readonly now: () => Moment;
}

/** How each question is answered, once it is asked. */
type Readers = {
  readonly [K in QuestionName]: (asked: Questions[K]) => Answers[K] | Promise<Answers[K]>;
};

export function questionReader(sources: Sources): {
  readonly answer: (questions: Questions) => Promise<Answers>;
  readonly glance: () => void;
} {
  const { reader, pass, commands, tables, garden, createdList, walk, names, finder } = sources;
  const { sensorFiles, shows, now } = sources;
  const gdnMounts = gdnMountsReader(reader, pass);
  /** Reads may hang. */
  const disk = new TimedReads({ recovers: true });
  const { sweep, glance } = sweeper(reader, pause, { names, shows });
  const reps = repFinder(reader, names);
  const inits = initReader(reader, commands);
  const readers: Readers = {
    sweep: async (plan) => (plan === null ? null : withCommands(await sweep(plan), commands)),
    memberships: membershipReader(reader, pause, pass),
    signals: (pids) => readSignals(reader, pids, pause),
    processes: (pids) =>
      byKeyInTurn(pids, async (pid) => {
        const facts = processFacts(reader, pid);
        return facts === null ? null : ((await commands.added(facts))?.process ?? null);
      }),
    ancestors: (pids) => byKeyInTurn(pids, (pid) => ancestorsOf(reader, commands, pid)),
    rootImages: (pids) => byKey(pids, rootImageReader(reader)),
    gardenProcesses: () => finder.search(),
    repProcesses: () => reps(),
    starts: (pids) => byKey(pids, (pid) => startOf(reader, pid)),
    walks: async (plans) => {
      const walks = new Map<ControllerName, Walk>();
      for (const plan of plans) walks.set(plan.controller, await walk(plan));
      return walks;
    },
    rootMounts: (handles) => processesOnRootOf(reader, handles, pause),
    overlays: (gdnPid) => (gdnPid === null ? null : (gdnMounts(gdnPid)?.overlays ?? null)),
    depot: async (path) =>
      path === null ? null : { names: await directoriesIn(reader, disk, path, null) },
    inits: (pids) => inits(pids, pause),
    hostNetwork: (asked) => asked && hostNetwork(reader, asked.gdnPid),
    namespaces: (gdnPid) =>
      gdnPid === null ? null : { inodes: gdnMounts(gdnPid)?.namespaces ?? null },
    reservations: () => reservations(reader, disk),
    policyStore: () => policyStore(reader, disk),
    rootLists: () => rootLists(reader, disk),
    destroys: (question) =>
      question === null ? null : destroyEvidence({ reader, commands }, question, pause),
    waits: (asked) => readWaits(reader, tables, asked, pause),
    cgroupNumbers: (cgroups) => readCgroupNumbers(reader, cgroups, pause),
    controllers: (cgroups) => readControllers(reader, cgroups),
    sensorFiles: async (files) => {
      const readings = new Map<string, SensorReading>();
      for (const file of files) {
        const reading = await sensorFiles.read(file);
        const { wall, monotonicMilliseconds } = now();
        const time = { wall: Date.parse(wall), monotonic: monotonicMilliseconds };
        readings.set(file.name, { reading, time });
        await pause();
      }
      return readings;
    },
    startTicks: (pids) => byKey(pids, (pid) => startTicksOf(reader, pid)),
    createdList,
    properties: (handles) => propertiesOf(handles, garden),
    secondList: () => garden.list(),
  };
  return {
    answer: (questions) => answersTo(questions, (name) => readers[name](questions[name])),
    glance,
  };
}

const byKey = <Key, Answer>(
  keys: readonly Key[],
  answerTo: (key: Key) => Answer,
): ReadonlyMap<Key, Answer> => new Map(keys.map((key) => [key, answerTo(key)] as const));

/** One after the other, because at most two reads may hang. */
async function byKeyInTurn<Key, Answer>(
  keys: readonly Key[],
  answerTo: (key: Key) => Promise<Answer>,
): Promise<ReadonlyMap<Key, Answer>> {
  const answers = new Map<Key, Answer>();
  for (const key of keys) answers.set(key, await answerTo(key));
  return answers;
}

/** A suspect that is gone meanwhile does not count, unless a glance saw it earlier. */
async function withCommands(swept: Sweep, commands: CommandLines): Promise<Sweep> {
  const suspects: SuspectedProcess[] = [];
  for (const suspect of swept.suspects) {
    const known = await commands.added(suspect.process);
    if (known !== null) suspects.push({ ...suspect, process: known.process });
    else if (suspect.byGlance) suspects.push(suspect);
  }
  return { ...swept, suspects };
}

/** Null if the process has ended. */
function startTicksOf(reader: KernelReader, pid: number): number | null {
  const stat = reader.stat(pid);
  return stat === null || hasEnded(stat.state) ? null : stat.startTicks;
}

/** What Garden says of containers, and who they are by that. */
export async function propertiesOf(
  handles: readonly Handle[],
  garden: GardenClient,
): Promise<ReadonlyMap<Handle, GardenAnswer<ContainerProperties>>> {
  const answers = await garden.properties(handles);
  return new Map(
    [...answers].map(([handle, answer]): [Handle, GardenAnswer<ContainerProperties>] => {
      if (answer.kind === 'failed') return [handle, answer];
      const value = { properties: answer.value, ...identityOf(handle, answer.value) };
      return [handle, { kind: 'answered', value }];
    }),
  );
}
