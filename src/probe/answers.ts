import type { ContainerProperties, GardenAnswer } from '../model/garden.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Handle } from '../model/ids.ts';
import type { SensorReading } from '../model/observation.ts';
import { hasEnded, type ProcessInCgroups } from '../model/process.ts';
import { answersTo, type Answers, type QuestionName, type Questions } from '../model/questions.ts';
import type { Scan, ScanPlan } from '../model/scan.ts';
import type { Moment } from '../model/snapshot.ts';
import type { SuspectedProcess, Sweep } from '../model/sweep.ts';
import { identityOf } from '../parse/container-identity.ts';
import { readCgroupNumbers, readControllers } from './cgroup-numbers.ts';
import { destroyEvidence } from './destroy-evidence.ts';
import type { GardenClient } from './garden-client.ts';
import type { gdnMountsReader } from './gdn-mounts.ts';
import type { CommandLines } from './command-lines.ts';
import type { KernelReader } from './kernel-reader.ts';
import {
  directoriesIn,
  hostNetwork,
  type initReader,
  policyStore,
  reservations,
  rootLists,
} from './ledger-files.ts';
import type { ProcessFinder } from './process-finder.ts';
import {
  ancestorsOf,
  processFacts,
  processesOnRootOf,
  type membershipReader,
} from './processes.ts';
import { startOf, type repFinder } from './rep-processes.ts';
import { rootImageReader } from './root-image-reader.ts';
import type { SensorFiles } from './sensor-files.ts';
import { readSignals } from './signals.ts';
import type { Sweeper } from './sweep.ts';
import type { TimedReads } from './timed-reads.ts';
import { readWaits } from './waits.ts';

/** What the questions are answered from. */
export interface Sources {
  readonly reader: KernelReader;
  readonly commands: CommandLines;
  /** For the mount tables of containers. */
  readonly tables: TimedReads;
  readonly garden: GardenClient;
  readonly createdList: () => ReturnType<GardenClient['listCreated']>;
  readonly scan: (plan: ScanPlan) => Promise<Scan>;
  readonly membershipsOf: ReturnType<typeof membershipReader>;
  readonly finder: ProcessFinder<ProcessInCgroups>;
  readonly reps: ReturnType<typeof repFinder>;
  readonly sensorFiles: SensorFiles;
  readonly inits: ReturnType<typeof initReader>;
  readonly gdnMounts: ReturnType<typeof gdnMountsReader>;
  /** Reads of the disk, which may hang. */
  readonly disk: TimedReads;
  readonly sweep: Sweeper;
  readonly pause: () => Promise<void>;
  readonly now: () => Moment;
}

/** How each question is answered, once it is asked. */
type Readers = {
  readonly [K in QuestionName]: (
    asked: Questions[K],
    sources: Sources,
  ) => Answers[K] | Promise<Answers[K]>;
};

const READERS: Readers = {
  sweep: async (plan, { sweep, commands }) =>
    plan === null ? null : withCommands(await sweep(plan), commands),
  memberships: (pids, { membershipsOf }) => membershipsOf(pids),
  signals: (pids, { reader, pause }) => readSignals(reader, pids, pause),
  processes: (pids, { reader, commands }) =>
    byKeyInTurn(pids, async (pid) => {
      const facts = processFacts(reader, pid);
      return facts === null ? null : ((await commands.added(facts))?.process ?? null);
    }),
  ancestors: (pids, { reader, commands }) =>
    byKeyInTurn(pids, (pid) => ancestorsOf(reader, commands, pid)),
  rootImages: (pids, { reader }) => byKey(pids, rootImageReader(reader)),
  gardenProcesses: (_, { finder }) => finder.search(),
  repProcesses: (_, { reps }) => reps(),
  starts: (pids, { reader }) => byKey(pids, (pid) => startOf(reader, pid)),
  scans: async (plans, { scan }) => {
    const scans = new Map<ControllerName, Scan>();
    for (const plan of plans) scans.set(plan.controller, await scan(plan));
    return scans;
  },
  rootMounts: (handles, { reader, pause }) => processesOnRootOf(reader, handles, pause),
  overlays: (gdnPid, { gdnMounts }) =>
    gdnPid === null ? null : (gdnMounts(gdnPid)?.overlays ?? null),
  depot: async (path, { reader, disk }) =>
    path === null ? null : { names: await directoriesIn(reader, disk, path, null) },
  inits: (pids, { inits, pause }) => inits(pids, pause),
  hostNetwork: (asked, { reader }) => asked && hostNetwork(reader, asked.gdnPid),
  namespaces: (gdnPid, { gdnMounts }) =>
    gdnPid === null ? null : { inodes: gdnMounts(gdnPid)?.namespaces ?? null },
  reservations: (_, { reader, disk }) => reservations(reader, disk),
  policyStore: (_, { reader, disk }) => policyStore(reader, disk),
  rootLists: (_, { reader, disk }) => rootLists(reader, disk),
  destroys: (question, { pause, ...sources }) =>
    question === null ? null : destroyEvidence(sources, question, pause),
  waits: (asked, { reader, tables, pause }) => readWaits(reader, tables, asked, pause),
  cgroupNumbers: (cgroups, { reader, pause }) => readCgroupNumbers(reader, cgroups, pause),
  controllers: (cgroups, { reader }) => readControllers(reader, cgroups),
  sensorFiles: async (files, { sensorFiles, pause, now }) => {
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
  startTicks: (pids, { reader }) => byKey(pids, (pid) => startTicksOf(reader, pid)),
  createdList: (_, { createdList }) => createdList(),
  properties: (handles, { garden }) => propertiesOf(handles, garden),
  secondList: (_, { garden }) => garden.list(),
};

export const answerQuestions = (questions: Questions, sources: Sources): Promise<Answers> =>
  answersTo(questions, (name) => READERS[name](questions[name], sources));

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

/** A suspect that is gone meanwhile does not count. */
async function withCommands(swept: Sweep, commands: CommandLines): Promise<Sweep> {
  const suspects: SuspectedProcess[] = [];
  for (const suspect of swept.suspects) {
    const known = await commands.added(suspect.process);
    if (known !== null) suspects.push({ ...suspect, process: known.process });
  }
  return { ...swept, suspects };
}

/** Null if the process has ended. */
function startTicksOf(reader: KernelReader, pid: number): number | null {
  const stat = reader.stat(pid);
  return stat === null || hasEnded(stat.state) ? null : stat.startTicks;
}

async function propertiesOf(
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
