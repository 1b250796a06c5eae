import { isEqual } from '../../src/model/equal.ts';
import type { ContainerProperties, GardenAnswer, GardenFailure } from '../../src/model/garden.ts';
import { asByteString, asHandle, type ByteString, type Handle } from '../../src/model/ids.ts';
import { isAtOrBelow, joinPath, nameOf, parentOf, ROOT } from '../../src/model/paths.ts';
import { asRep } from '../../src/model/process.ts';
import {
  answersTo,
  NO_QUESTIONS,
  type Answers,
  type QuestionName,
  type Questions,
} from '../../src/model/questions.ts';
import type { CgroupDirectory, ReadWalk, Walk, WalkPlan } from '../../src/model/walk.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { gardenLists, type ReadBefore } from '../../src/probe/garden-lists.ts';
import { reusedWalk, type Walker } from '../../src/probe/walk/reused-walk.ts';
import { childOf, firstFrame } from '../../src/probe/walk/frame.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';
import type { KnownTop, WalkComparison } from '../../src/probe/walk/walk-comparison.ts';
import type { MadeCell, MadeContainer } from './made-cell.ts';

const failed = (code: GardenFailure['code'], why: string): GardenFailure => ({
  kind: 'failed',
  code,
  why,
});
const FAILED = failed('refused', 'Garden refused the connection.');
const TOO_LARGE = failed('too-large', 'Its answer is too large.');
const answered = <T>(value: T): GardenAnswer<T> => ({ kind: 'answered', value });

const PROPERTIES = { kind: 'app-instance', app: null } as const;
const OWNED: ContainerProperties = {
  ...PROPERTIES,
  properties: { 'executor:owner': 'executor' },
  owner: 'present',
};
const LOST: ContainerProperties = { ...PROPERTIES, properties: null, owner: 'lost' };

const byKey = <Key, Answer>(
  keys: readonly Key[],
  answer: (key: Key) => Answer,
): ReadonlyMap<Key, Answer> => new Map(keys.map((key) => [key, answer(key)]));

type Readers = { readonly [K in QuestionName]?: (asked: Questions[K]) => Answers[K] };

/** Reads everything, and lets happen what a history has for this moment. */
export function madeProbe(cell: MadeCell): CellProbe {
  const { kernel } = cell;
  const listed = (test: (one: MadeContainer) => boolean): GardenAnswer<readonly Handle[]> => {
    if (!cell.isGardenUp) return FAILED;
    return answered(
      [...cell.containers].flatMap(([handle, one]) => (test(one) ? [asHandle(handle)] : [])),
    );
  };
  const readers = readersOf(cell, listed);
  const read = <K extends QuestionName>(name: K, asked: Questions[K]): Answers[K] => {
    cell.before(name);
    const reader = readers[name];
    if (reader === undefined) throw new Error(`Nobody asks ${name} of a made cell.`);
    return reader(asked);
  };
  return {
    now: () => ({ wall: wallOf(cell), monotonicMilliseconds: kernel.now }),
    startsPass: () => undefined,
    cell: () => ({ hostname: 'cell', bootId: `boot-${cell.boot}`, bosh: null }),
    mounts: () => kernel.mounts(),
    gardenProcesses: () => Promise.resolve(kernel.named('gdn')),
    walk: ({ controller }) => Promise.resolve(walkedNow(cell, controller)),
    list: () => {
      cell.before('list');
      return Promise.resolve(listed(({ isListed }) => isListed));
    },
    answer: (questions) => answersTo(questions, (name) => read(name, questions[name])),
    sensors: () => Promise.resolve(null),
    searchSensors: () => Promise.resolve(),
    hasHangingReads: () => false,
    hangingFile: () => null,
    glance: () => undefined,
    hasMoreNames: () => false,
    pause: () => Promise.resolve(),
    close: () => undefined,
  };
}

/** Each container has one of its own. */
const addressOf = ({ containers }: MadeCell, handle: string): string =>
  `10.255.0.${containers.get(handle)?.serial ?? 0}`;
const policedIn = ({ containers }: MadeCell): readonly ByteString[] =>
  [...containers].flatMap(([handle, { isPoliced }]) => (isPoliced ? [asByteString(handle)] : []));

const addressesOf = (cell: MadeCell): readonly string[] =>
  [...cell.containers.keys()].map((handle) => addressOf(cell, handle));

/** Its wall clock. */
const wallOf = ({ kernel }: MadeCell): string => new Date(1.8e12 + kernel.now).toISOString();

/** What happens during a walk happens after half of the directories. */
function walkedNow(cell: MadeCell, name: string): Walk {
  const { kernel } = cell;
  const all = kernel.directories.get(name)?.size ?? 0;
  let left = Math.ceil(all / 2);
  return kernel.walk(name, () => {
    if (left-- === 0) cell.before('walk');
  });
}

function readersOf(
  cell: MadeCell,
  listed: (test: (one: MadeContainer) => boolean) => GardenAnswer<readonly Handle[]>,
): Readers {
  const { kernel } = cell;
  const propertiesOf = (handle: Handle): GardenAnswer<ContainerProperties> => {
    const known = cell.containers.get(handle);
    if (!cell.isGardenUp) return FAILED;
    if (known?.isAnswered === false) return TOO_LARGE;
    return answered(known?.isOwned === true ? OWNED : LOST);
  };
  return {
    sweep: (plan) => (plan === null ? null : kernel.sweep(plan)),
    memberships: (pids) => byKey(pids, (pid) => kernel.membership(pid)),
    signals: (pids) => byKey(pids, (pid) => kernel.signals(pid)),
    waits: (asked) =>
      new Map(asked.map(({ handle }) => [handle, { processes: [], servers: [], mounts: 1 }])),
    processes: (pids) => byKey(pids, (pid) => kernel.facts(pid)),
    ancestors: (pids) =>
      byKey(pids, (pid) => kernel.ancestors(kernel.processes.has(pid) ? pid : 0)),
    rootImages: (pids) => byKey(pids, (pid) => kernel.rootImages(pid)),
    gardenProcesses: () => kernel.named('gdn'),
    repProcesses: () => kernel.named('rep').map(asRep),
    starts: (pids) =>
      byKey(pids, (pid) => {
        const facts = kernel.facts(pid);
        return facts === null
          ? null
          : { startTicks: facts.startTicks, namespacePids: facts.namespacePids };
      }),
    startTicks: (pids) => byKey(pids, (pid) => kernel.facts(pid)?.startTicks ?? null),
    walks: (plans) => new Map(plans.map(({ controller }) => [controller, kernel.walk(controller)])),
    rootMounts: (handles) =>
      byKey(handles, (handle) =>
        cell.of(handle).flatMap(({ pid, isChrooted }) => (isChrooted ? [] : [pid])),
      ),
    overlays: () => [...cell.containers.keys()].map(asByteString),
    depot: () => ({ names: [...cell.containers.keys()].map(asByteString) }),
    inits: (pids) =>
      byKey(pids, (pid) => {
        const facts = kernel.facts(pid);
        if (facts === null) return null;
        const { startedAt, namespacePids } = facts;
        const { image = null } = kernel.processes.get(pid) ?? {};
        return {
          startedAt,
          namespacePids,
          addresses: image === null ? [] : [addressOf(cell, image)],
          networkNamespace: null,
          isParentKnown: true,
          helper: null,
        };
      }),
    hostNetwork: () => ({ addresses: addressesOf(cell) }),
    namespaces: () => ({
      inodes: new Map(
        [...cell.containers].map(([handle, { serial }]) => [asByteString(handle), serial]),
      ),
    }),
    reservations: () => ({ addresses: addressesOf(cell), holders: null }),
    rootLists: () => null,
    policyStore: () => ({
      kind: 'read',
      // Before every container.
      madeAt: '2027-01-01T00:00:00.000Z',
      entries: byKey(policedIn(cell), (handle) => ({
        address: addressOf(cell, handle),
        appId: `app of ${handle}`,
        spaceId: null,
        organizationId: null,
      })),
    }),
    destroys: (asked) =>
      asked === null
        ? null
        : byKey(asked.handles, () => ({
            at: wallOf(cell),
            processes: [],
            omitted: 0,
            hasWorked: false,
            isCut: false,
            pipesRead: false,
            mounts: 1,
          })),
    cgroupNumbers: (cgroups) =>
      new Map(
        cgroups.map(({ path, files }) => [
          path,
          Object.fromEntries(files.map((file) => [file, kernel.number(path, file)])),
        ]),
      ),
    createdList: () =>
      listed(({ isListed, isCreated, isOwned }) => isListed && isCreated && isOwned),
    properties: (handles) => byKey(handles, (handle) => propertiesOf(handle)),
    secondList: () => listed(({ isListed }) => isListed),
  };
}

/** A probe that reads as little as that of the agent does, and returns the same while it can. */
export function steadyProbe(probe: CellProbe): CellProbe {
  const mounts = kept<ReturnType<CellProbe['mounts']>>();
  const gardenProcesses = kept<Awaited<ReturnType<CellProbe['gardenProcesses']>>>();
  const list = kept<Awaited<ReturnType<CellProbe['list']>>>();
  const created = kept<NonNullable<Answers['createdList']>>();
  const pass = new PassUnderWay();
  const lists = gardenLists(
    {
      list: async () => list(await probe.list()),
      listCreated: async () => {
        const { createdList } = await probe.answer({ ...NO_QUESTIONS, createdList: true });
        if (createdList === null) throw new Error('the created list was not answered');
        return created(createdList);
      },
    },
    pass,
  );
  let readBefore: ReadBefore = { gardenProcesses: [], primaryWalk: null };
  let walked: Walk | null = null;
  // eslint-disable-next-line require-yield -- a made walk needs no pause
  const madeWalk: Walker = function* (plan, { reused: unread, tops, above }) {
    if (walked?.kind !== 'read') throw new Error('nothing was walked');
    const directories: CgroupDirectory[] = [];
    for (const directory of walked.directories) {
      const top = topOf(directory.path, plan);
      const before = top === null ? undefined : unread.get(top);
      if (top === null) above.push({ directory, links: 2, entries: entriesOf(directory, walked) });
      else if (before === undefined) tops.set(top, [...(tops.get(top) ?? []), directory]);
      else tops.set(top, before);
      if (before === undefined) directories.push(directory);
      else if (directory.path === top) directories.push(...before);
    }
    return { ...walked, directories };
  };
  const comparison: WalkComparison = {
    // eslint-disable-next-line require-yield -- a made walk needs no pause
    *differing(_, tops) {
      const now = walked?.kind === 'read' ? walked.directories : [];
      const isStill = ({ path, directories }: KnownTop): boolean =>
        isEqual(
          now.filter((one) => isAtOrBelow(one.path, path)),
          directories,
        );
      return new Set(tops.filter((top) => !isStill(top)).map(({ path }) => nameOf(path)));
    },
    // eslint-disable-next-line require-yield -- a made walk needs no pause
    *areStillAbove(_, above) {
      return above.every(({ directory, entries }) => {
        if (walked?.kind !== 'read') return false;
        const now = walked.directories.find(({ path }) => path === directory.path);
        return isEqual(now, directory) && isEqual(entriesOf(directory, walked), entries);
      });
    },
  };
  const walk = reusedWalk(madeWalk, comparison, pass);
  return {
    ...probe,
    startsPass: (mustRead, known) => {
      pass.starts(mustRead, known);
    },
    mounts: () => mounts(probe.mounts()),
    gardenProcesses: async () => {
      readBefore = {
        gardenProcesses: gardenProcesses(await probe.gardenProcesses()),
        primaryWalk: null,
      };
      return readBefore.gardenProcesses;
    },
    walk: async (plan) => {
      walked = await probe.walk(plan);
      const step = walked.kind === 'read' ? walk(plan).next() : { done: true, value: walked };
      const primaryWalk = step.done === true && step.value !== undefined ? step.value : walked;
      readBefore = { ...readBefore, primaryWalk };
      return primaryWalk;
    },
    list: () => lists.all(),
    answer: async (questions) => {
      const answers = await probe.answer({ ...questions, createdList: false });
      return questions.createdList
        ? { ...answers, createdList: await lists.created(readBefore) }
        : answers;
    },
  };
}

const entriesOf = (
  { path: parent }: CgroupDirectory,
  { directories }: ReadWalk,
): readonly string[] =>
  directories.flatMap(({ path }) =>
    path !== ROOT && parentOf(path) === parent ? [nameOf(path)] : [],
  );

/** The container or unit that a directory belongs to; null above them. */
function topOf(path: ByteString, plan: WalkPlan): ByteString | null {
  let frame = firstFrame(plan);
  for (const name of path.split('/').filter((one) => one !== '')) {
    frame = childOf(frame, joinPath(frame.path, asByteString(name)), frame);
    if (frame.zone === 'top') return frame.path;
  }
  return null;
}

function kept<T>(): (now: T) => T {
  let last: { readonly value: T } | null = null;
  return (now) => {
    if (last === null || !isEqual(last.value, now)) last = { value: now };
    return last.value;
  };
}
