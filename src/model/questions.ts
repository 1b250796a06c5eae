import {
  cgroupNumbers,
  type CgroupDirectory,
  type CgroupNumbers,
  type CgroupNumbersQuestion,
} from './cgroup-numbers.ts';
import {
  destroyEvidence,
  waitEvidence,
  type DestroyEvidence,
  type DestroyQuestion,
  type WaitQuestion,
} from './destroy.ts';
import { containerProperties, gardenAnswer } from './garden.ts';
import type { ByteString, Handle } from './ids.ts';
import {
  hostNetwork,
  initFacts,
  namespaces,
  policyStore,
  reservations,
  rootLists,
  type HostNetwork,
} from './ledger.ts';
import { sensorReading, type FollowedFile } from './observation.ts';
import {
  membership,
  processFacts,
  processInCgroups,
  processSignals,
  processStart,
  repProcess,
} from './process.ts';
import { walk, type WalkPlan } from './walk.ts';
import * as s from './shape.ts';
import { rootImage, sweep, type Sweep, type SweepPlan } from './sweep.ts';

interface Kind<Asked, Answered> {
  /** The value that asks nothing. */
  readonly nothing: Asked;
  readonly isAsked: (asked: Asked) => boolean;
  /** The value of a question that was not answered. */
  readonly unknown: Answered;
  /** The part of the question that these answers leave open. */
  readonly open: (asked: Asked, known: Answered) => Asked;
  readonly merge: (before: Answered, now: Answered) => Answered;
  /** In a capture. */
  readonly shape: s.Shape<Answered>;
}

/** About each of many things; the answers are kept by key. */
function each<Item, Key, Answer>(
  keyOf: (item: Item) => Key,
  by: s.Shape<Key>,
  of: s.Shape<Answer>,
): Kind<readonly Item[], ReadonlyMap<Key, Answer>> {
  return {
    shape: s.map(by, of),
    nothing: [],
    isAsked: (asked) => asked.length > 0,
    unknown: new Map(),
    open: (asked, known) =>
      asked.length === 0 ? asked : [...new Set(asked)].filter((item) => !known.has(keyOf(item))),
    merge: (before, now) => {
      if (before.size === 0) return now;
      return now.size === 0 ? before : new Map([...before, ...now]);
    },
  };
}

const aboutEach = <Key, Answer>(by: s.Shape<Key>, of: s.Shape<Answer>) =>
  each<Key, Key, Answer>((item) => item, by, of);

/** At most once in a pass; null until it is answered. */
const single = <Asked, Answer>(
  nothing: Asked,
  of: s.Shape<Answer>,
): Kind<Asked, Answer | null> => ({
  shape: s.nullable(of),
  nothing,
  isAsked: (asked) => asked !== nothing,
  unknown: null,
  open: (asked, known) => (known === null ? asked : nothing),
  merge: (before, now) => now ?? before,
});

/** With the arguments that it needs. */
const once = <Asked, Answer>(of: s.Shape<Answer>) => single<Asked | null, Answer>(null, of);
const whether = <Answer>(of: s.Shape<Answer>) => single<boolean, Answer>(false, of);

/**
 * What a pure stage may need to know before it can decide, and what `probe` answers. The answers are
 * read in this order, the kernel before Garden: otherwise a container created in between would look
 * unknown to Garden.
 */
const TABLE = {
  /** What this pass's slice of the sweep saw. */
  sweep: once<SweepPlan, Sweep>(sweep),
  /** By pid: /proc/<pid>/cgroup; null if the process is gone. */
  memberships: aboutEach(s.number, s.nullable(membership)),
  /** By pid: what signals are pending; null if the process is gone. */
  signals: aboutEach(s.number, s.nullable(processSignals)),
  /** Processes by pid, for evidence. */
  processes: aboutEach(s.number, s.nullable(processFacts)),
  /** The chain of parents of each pid. */
  ancestors: aboutEach(s.number, s.list(processFacts)),
  /** The images that the `/` mount of a process may name; null: it is gone, or none was found. */
  rootImages: aboutEach(s.number, s.nullable(s.list(rootImage))),
  /** Every process called `gdn`, from another search: one may have started since. */
  gardenProcesses: whether(s.list(processInCgroups)),
  /** The processes that could be Diego's rep: it removes containers whose properties are lost. */
  repProcesses: whether(s.list(repProcess)),
  /** More pids of a container whose init is not known; null if the process is gone. */
  starts: aboutEach(s.number, s.nullable(processStart)),
  /** Further walks, of candidates' other hierarchies or of the primary one. */
  walks: each(({ controller }: WalkPlan) => controller, s.text, walk),
  /**
   * Pids elsewhere that still have the root filesystem of a handle as their `/` mount; null: none was
   * found, but there are more processes than are searched.
   */
  rootMounts: aboutEach(s.handle, s.nullable(s.list(s.number))),
  /** The images whose overlays are in the mount table of gdn, which has this pid. */
  overlays: once<number, readonly ByteString[]>(s.list(s.bytes)),
  /** The names in Garden's depot directory, which has this path; null if it cannot be read. */
  depot: once<string, { readonly names: readonly ByteString[] | null }>(
    s.struct({ names: s.nullable(s.list(s.bytes)) }),
  ),
  /** By pid: the inits of containers; null for one that has ended. */
  inits: aboutEach(s.number, s.nullable(initFacts)),
  /** The network of gdn, which has this pid; of the cell's pid 1 if it has none. */
  hostNetwork: once<{ readonly gdnPid: number | null }, HostNetwork>(hostNetwork),
  /** The network namespaces in gdn's mount table: inodes by handle. */
  namespaces: once<number, s.TypeOf<typeof namespaces>>(namespaces),
  /** The addresses that host-local has given away. */
  reservations: whether(reservations),
  policyStore: whether(policyStore),
  /** What only root may read; null for any other user. */
  rootLists: whether(rootLists),
  /** What may keep a destroy from completing. */
  destroys: once<DestroyQuestion, ReadonlyMap<Handle, DestroyEvidence>>(
    s.map(s.handle, destroyEvidence),
  ),
  /** What the processes of a container wait for. */
  waits: each(({ handle }: WaitQuestion) => handle, s.handle, waitEvidence),
  /** Cgroups, by path. Each file exists in one hierarchy only; a later question may name more. */
  cgroupNumbers: {
    ...each(({ path }: CgroupNumbersQuestion) => path, s.bytes, cgroupNumbers),
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
  controllers: each(({ path }: CgroupDirectory) => path, s.bytes, s.nullable(s.list(s.text))),
  /** What configured sensors wrote to their event files, by the sensor's name. */
  sensorFiles: each(({ name }: FollowedFile) => name, s.text, sensorReading),
  /** By pid: when it started, in clock ticks since boot; null if it has ended. */
  startTicks: aboutEach(s.number, s.nullable(s.number)),
  /** The handles with `garden.state=created`, to find out if Garden calls a candidate created. */
  createdList: whether(gardenAnswer(s.list(s.handle))),
  properties: aboutEach(s.handle, gardenAnswer(containerProperties)),
  /** Garden's list once more, so that there is one before and one after the properties. */
  secondList: whether(gardenAnswer(s.list(s.handle))),
};

export type QuestionName = keyof typeof TABLE;
export type Questions = { readonly [K in QuestionName]: (typeof TABLE)[K]['nothing'] };
export type Answers = { readonly [K in QuestionName]: (typeof TABLE)[K]['unknown'] };

const QUESTIONS: { readonly [K in QuestionName]: Kind<Questions[K], Answers[K]> } = TABLE;

const isName = (name: string): name is QuestionName => Object.hasOwn(TABLE, name);
/** In the order in which they are answered. */
const QUESTION_NAMES: readonly QuestionName[] = Object.keys(TABLE).filter(isName);

const isWhole = (values: object): boolean =>
  QUESTION_NAMES.every((name) => Object.hasOwn(values, name));
const areQuestions = (values: object): values is Questions => isWhole(values);
const areAnswers = (values: object): values is Answers => isWhole(values);

function byQuestion<T>(
  valueOf: (name: QuestionName) => unknown,
  are: (values: object) => values is T & object,
): T {
  // A copy of an object that is written with all of its keys: V8 keeps it as a fast one.
  const values: Record<string, unknown> = { ...TABLE };
  for (const name of QUESTION_NAMES) values[name] = valueOf(name);
  if (!are(values)) throw new Error('A question has no value.');
  return values;
}

export const NO_QUESTIONS = byQuestion((name) => QUESTIONS[name].nothing, areQuestions);
export const NO_ANSWERS = byQuestion((name) => QUESTIONS[name].unknown, areAnswers);

/** In a capture. */
export const capturedAnswers: s.Shape<Answers> = {
  kind: 'object',
  keys: Object.fromEntries(
    QUESTION_NAMES.map((name) => [name, s.key<unknown>(QUESTIONS[name].shape, '')]),
  ),
};

const isAsked = <K extends QuestionName>(name: K, asked: Questions[K]): boolean =>
  QUESTIONS[name].isAsked(asked);

export const isEmpty = (questions: Questions): boolean =>
  !QUESTION_NAMES.some((name) => isAsked(name, questions[name]));

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
