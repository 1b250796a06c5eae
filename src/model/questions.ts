import type { CgroupDirectory, CgroupNumbers, CgroupNumbersQuestion } from './cgroup-numbers.ts';
import type { DestroyEvidence, DestroyQuestion, WaitEvidence, WaitQuestion } from './destroy.ts';
import type { ContainerProperties, GardenAnswer } from './garden.ts';
import type { ControllerName } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';
import type { FollowedFile, SensorReading } from './observation.ts';
import type {
  Membership,
  ProcessFacts,
  ProcessInCgroups,
  ProcessSignals,
  ProcessStart,
  RepProcess,
} from './process.ts';
import type { Scan, ScanPlan } from './scan.ts';
import type { RootImage, Sweep, SweepPlan } from './sweep.ts';

/** How a question is asked, and how its answers are kept. */
interface Kind<Asked, Answered> {
  /** Not asked. */
  readonly nothing: Asked;
  readonly isAsked: (asked: Asked) => boolean;
  /** Not answered. */
  readonly unknown: Answered;
  /** The part of the question that these answers leave open. */
  readonly open: (asked: Asked, known: Answered) => Asked;
  readonly merge: (before: Answered, now: Answered) => Answered;
}

/** About each of many things; the answers are kept by key. */
function each<Item, Key, Answer>(
  keyOf: (item: Item) => Key,
): Kind<readonly Item[], ReadonlyMap<Key, Answer>> {
  return {
    nothing: [],
    isAsked: (asked) => asked.length > 0,
    unknown: new Map(),
    open: (asked, known) => [...new Set(asked)].filter((item) => !known.has(keyOf(item))),
    merge: (before, now) => {
      if (before.size === 0) return now;
      return now.size === 0 ? before : new Map([...before, ...now]);
    },
  };
}

const aboutEach = <Key, Answer>() => each<Key, Key, Answer>((key) => key);

/** At most once in a pass, with the arguments that it needs; null until it is answered. */
function once<Asked, Answer>(): Kind<Asked | null, Answer | null> {
  return {
    nothing: null,
    isAsked: (asked) => asked !== null,
    unknown: null,
    open: (asked, known) => (known === null ? asked : null),
    merge: (before, now) => now ?? before,
  };
}

/** The same without arguments. */
function whether<Answer>(): Kind<boolean, Answer | null> {
  return {
    nothing: false,
    isAsked: (asked) => asked,
    unknown: null,
    open: (asked, known) => asked && known === null,
    merge: (before, now) => now ?? before,
  };
}

/**
 * What a pure stage may need to know before it can decide, and what `probe` answers. The answers are
 * read in this order, the kernel before Garden: otherwise a container created in between would look
 * unknown to Garden.
 */
const TABLE = {
  /** What this pass's slice of the sweep saw. */
  sweep: once<SweepPlan, Sweep>(),
  /** By pid: /proc/<pid>/cgroup; null if the process is gone. */
  memberships: aboutEach<number, Membership | null>(),
  /** By pid: what signals are pending; null if the process is gone. */
  signals: aboutEach<number, ProcessSignals | null>(),
  /** Processes by pid, for evidence. */
  processes: aboutEach<number, ProcessFacts | null>(),
  /** The chain of parents of each pid. */
  ancestors: aboutEach<number, readonly ProcessFacts[]>(),
  /**
   * The images of containers that the `/` mount of a process may name. Null if the process is gone,
   * or its `/` mount was not found.
   */
  rootImages: aboutEach<number, readonly RootImage[] | null>(),
  /** Every process called `gdn`, from another search: one may have started since. */
  gardenProcesses: whether<readonly ProcessInCgroups[]>(),
  /** The processes that could be Diego's rep: it removes containers whose properties are lost. */
  repProcesses: whether<readonly RepProcess[]>(),
  /** More pids of a container whose init is not known; null if the process is gone. */
  starts: aboutEach<number, ProcessStart | null>(),
  /** Further walks, of candidates' other hierarchies or of the primary one. */
  scans: each<ScanPlan, ControllerName, Scan>(({ controller }) => controller),
  /** Pids elsewhere that still have the root filesystem of a handle as their `/` mount. */
  rootMounts: aboutEach<Handle, readonly number[]>(),
  /** The images whose overlays are in the mount table of gdn, which has this pid. */
  overlays: once<number, readonly ByteString[]>(),
  /** The names in Garden's depot directory, which has this path; null if it cannot be read. */
  depot: once<string, { readonly names: readonly ByteString[] | null }>(),
  /** What may keep a destroy from completing. */
  destroys: once<DestroyQuestion, ReadonlyMap<Handle, DestroyEvidence>>(),
  /** What the processes of a container wait for. */
  waits: each<WaitQuestion, Handle, WaitEvidence>(({ handle }) => handle),
  /**
   * Cgroups, by path. A later question may name more files of one. Each file exists in one hierarchy
   * only: that of the freezer, or the primary one.
   */
  cgroupNumbers: {
    ...each<CgroupNumbersQuestion, ByteString, CgroupNumbers>(({ path }) => path),
    open: (asked, known) =>
      asked.flatMap(({ files, ...one }) => {
        const numbers = known.get(one.path) ?? {};
        const open = files.filter((file) => !Object.hasOwn(numbers, file));
        return open.length === 0 ? [] : [{ ...one, files: open }];
      }),
    merge: (before, now) =>
      now.size === 0
        ? before
        : new Map([
            ...before,
            ...[...now].map(
              ([path, numbers]) => [path, { ...before.get(path), ...numbers }] as const,
            ),
          ]),
  } satisfies Kind<readonly CgroupNumbersQuestion[], ReadonlyMap<ByteString, CgroupNumbers>>,
  /** Cgroups of v2, by path: the controllers that they have; null for one that has vanished. */
  controllers: each<CgroupDirectory, ByteString, readonly string[] | null>(({ path }) => path),
  /** What configured sensors wrote to their event files, by the sensor's name. */
  sensorFiles: each<FollowedFile, string, SensorReading>(({ name }) => name),
  /** By pid: when it started, in clock ticks since boot; null if it has ended. */
  startTicks: aboutEach<number, number | null>(),
  /** The handles with `garden.state=created`, to find out if Garden calls a candidate created. */
  createdList: whether<GardenAnswer<readonly Handle[]>>(),
  properties: aboutEach<Handle, GardenAnswer<ContainerProperties>>(),
  /** Garden's list once more, so that there is one before and one after the properties. */
  secondList: whether<GardenAnswer<readonly Handle[]>>(),
};

export type QuestionName = keyof typeof TABLE;
export type Questions = { readonly [K in QuestionName]: (typeof TABLE)[K]['nothing'] };
export type Answers = { readonly [K in QuestionName]: (typeof TABLE)[K]['unknown'] };

const QUESTIONS: { readonly [K in QuestionName]: Kind<Questions[K], Answers[K]> } = TABLE;

const isName = (key: string): key is QuestionName => Object.hasOwn(TABLE, key);
/** In the order in which they are answered. */
const QUESTION_NAMES: readonly QuestionName[] = Object.keys(TABLE).filter(isName);

const isWhole = (values: object): boolean =>
  QUESTION_NAMES.every((name) => Object.hasOwn(values, name));
const areQuestions = (values: object): values is Questions => isWhole(values);
const areAnswers = (values: object): values is Answers => isWhole(values);

/** One value for each question. */
function byQuestion<T>(
  valueOf: (name: QuestionName) => unknown,
  are: (values: object) => values is T & object,
): T {
  const values: Record<string, unknown> = {};
  for (const name of QUESTION_NAMES) values[name] = valueOf(name);
  if (!are(values)) throw new Error('A question has no value.');
  return values;
}

export const NO_QUESTIONS = byQuestion((name) => QUESTIONS[name].nothing, areQuestions);
export const NO_ANSWERS = byQuestion((name) => QUESTIONS[name].unknown, areAnswers);

const isAsked = <K extends QuestionName>(name: K, asked: Questions[K]): boolean =>
  QUESTIONS[name].isAsked(asked);

export const isEmpty = (questions: Questions): boolean =>
  !QUESTION_NAMES.some((name) => isAsked(name, questions[name]));

/** What these answers leave open. */
export function openQuestions(questions: Questions, answers: Answers): Questions {
  const open = <K extends QuestionName>(name: K): Questions[K] =>
    QUESTIONS[name].open(questions[name], answers[name]);
  return byQuestion(open, areQuestions);
}

/** The answers to what is asked, read one after the other. */
export async function answersTo(
  questions: Questions,
  read: <K extends QuestionName>(name: K) => Answers[K] | Promise<Answers[K]>,
): Promise<Answers> {
  const answers = new Map<QuestionName, unknown>();
  for (const name of QUESTION_NAMES) {
    if (isAsked(name, questions[name])) answers.set(name, await read(name));
  }
  return byQuestion((name) => answers.get(name) ?? NO_ANSWERS[name], areAnswers);
}

export function mergeAnswers(before: Answers, now: Answers): Answers {
  const merged = <K extends QuestionName>(name: K): Answers[K] =>
    QUESTIONS[name].merge(before[name], now[name]);
  return byQuestion(merged, areAnswers);
}
