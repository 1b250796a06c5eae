import { isDeepStrictEqual } from 'node:util';
import { isEqual } from '../../src/model/equal.ts';
import { isDifference } from '../../src/model/finding.ts';
import { asHandle, type Handle } from '../../src/model/ids.ts';
import { type Memory, memoryOfBoot } from '../../src/model/memory.ts';
import type { Transition } from '../../src/model/transition.ts';
import type { Answers } from '../../src/model/questions.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import type { CgroupDirectory, Walk } from '../../src/model/walk.ts';
import { CAPTURE_SCHEMA_VERSION, type Snapshot } from '../../src/model/snapshot.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import { captureText, parseCapture } from '../../src/parse/capture-file.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';
import { completePass, type CompletedPass } from '../../src/pass/complete-pass.ts';
import { resolveHierarchies } from '../../src/mounts/resolve.ts';
import { pathIn } from '../../src/model/process.ts';
import { observePass } from '../../src/reconcile/reconcile.ts';
import { expectLogLine } from '../json-schemas.ts';
import { inFile } from '../parse/reread-memory.ts';
import { BOSH } from '../present/agent-state-builder.ts';
import { logLine } from '../../src/present/log-line.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { pageHtml } from '../../src/present/page/page.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { GRACE, INTERVAL, SETTINGS, type Lived, type LivedPass } from './made-agent.ts';

/** What is wrong with a life; null if the property holds. */
export type Property = (lived: Lived) => string | null;

/** A property of every single pass. */
const ofEachPass =
  (check: (pass: LivedPass, lived: Lived) => string | null): Property =>
  (lived) => {
    for (const [index, pass] of lived.passes.entries()) {
      const wrong = check(pass, lived);
      if (wrong !== null) return `pass ${index + 1}: ${wrong}`;
    }
    return null;
  };

/** For each of some things in a pass; the first thing that is wrong counts. */
const first = <T>(
  things: Iterable<T>,
  check: (thing: T, index: number) => string | null,
): string | null => {
  let index = 0;
  for (const thing of things) {
    const wrong = check(thing, index++);
    if (wrong !== null) return wrong;
  }
  return null;
};

/** In any order. Most are equal in the same order, which is cheaper to see. */
const areSame = (a: unknown, b: unknown): boolean => isEqual(a, b) || isDeepStrictEqual(a, b);

/** What is made of a value once, although several properties need it. */
function once<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}

const jsonOf = once(reportJson);
const jsonTextOf = once((report: Report) => JSON.stringify(jsonOf(report)));
const textOfMemory = once(({ memory, report }: LivedPass) => memoryText(memory, report.takenAt));

const pathsOfHandle = new Map<Handle, RegExp>();

/** Null: it is not a directory of the container. Below another one, this name is a pea of that. */
function pathBelow(handle: Handle, path: string): string | null {
  const known = pathsOfHandle.get(handle);
  const paths = known ?? new RegExp(`/(?:garden|good|bad|[^/]+[.]s[^/]+)/${handle}(|/.*)$`);
  pathsOfHandle.set(handle, paths);
  return path.includes(handle) ? (paths.exec(path)?.[1] ?? null) : null;
}

const directoriesOf = (walk: Walk | null): readonly CgroupDirectory[] =>
  walk?.kind === 'read' ? walk.directories : [];

/** What a pass decides that reads this. */
function replayed(snapshot: Snapshot, before: Memory): CompletedPass {
  const memory = memoryOfBoot(before, snapshot.cell.bootId);
  const { mounts, gardenProcesses } = snapshot;
  const cgroups = resolveHierarchies(mounts, gardenProcesses, memory.anchor);
  const pass = observePass(cgroups, snapshot, memory, null);
  return completePass({ ...pass, rounds: [], reused: null }, SETTINGS);
}

/** A directory beside it, of a health check, is not its cgroup. */
function isAlive(
  { handle, remembered: { cgroupInode } }: Extract<Transition, { kind: 'gone' }>,
  { living }: LivedPass,
): boolean {
  const path = living.get(cgroupInode ?? 0);
  return path !== undefined && !path.includes(`/${handle}-liveness`);
}

const IDENTITY = { ...BOSH, deployment: 'cf-0123456789abcdef0123' };

export const PROPERTIES: Readonly<Record<string, Property>> = {
  'no container is gone while the inode of its cgroup has members': ofEachPass((pass) =>
    first(pass.transitions, (one) => {
      if (one.kind !== 'gone' || one.how === 'rebooted') return null;
      const { cgroupInode, inodeOf } = one.remembered;
      // Renamed, it is the container with its new name.
      const isRenamed = [...pass.memory.containers.values()].some(
        (other) => other.cgroupInode === cgroupInode,
      );
      if (inodeOf !== pass.report.cgroups.primary || isRenamed || !isAlive(one, pass)) return null;
      return `${one.handle} is gone, but inode ${String(cgroupInode)} has members`;
    }),
  ),

  'no container has a reason that the same pass, or those before it, disprove': ofEachPass(
    (pass, lived) =>
      pass.report.unknownCause === null
        ? first(pass.report.containers, (container) =>
            container.explanation.kind === 'intermittent'
              ? rareness(container, lived.passes.slice(0, lived.passes.indexOf(pass) + 1))
              : disproof(container, pass),
          )
        : null,
  ),

  'a container that lost its list entry or owner is reported in time': isReportedInTime,

  'what started less than a grace period ago is not reported': ofEachPass(({ report, young }) =>
    first(report.containers, ({ handle, status, reason }) => {
      // These are about processes outside, and about what is no longer there.
      const isOther =
        reason === 'escaped' || reason === 'no-cgroup' || reason === 'unknown-to-garden';
      const isWrong = status === 'untracked' && young.has(handle) && !isOther;
      return isWrong ? `${handle} is untracked (${String(reason)}), but has just started` : null;
    }),
  ),

  'nothing is reported before it was seen for its grace period': ofEachPass((pass, { passes }) =>
    first(pass.transitions, (one) => {
      if (one.kind !== 'untracked') return null;
      const lasted = seenFor(one.container, passes.slice(0, passes.indexOf(pass) + 1));
      return lasted < GRACE ? `${one.container.handle} was seen for ${lasted / 1000} s` : null;
    }),
  ),

  'a container is stuck only if no pass of three minutes saw a process that was not killed':
    ofEachPass((pass, { passes }) =>
      first(pass.report.containers, ({ handle, status, explanation }) => {
        if (status !== 'untracked' || explanation.kind !== 'stuck') return null;
        const since = timeOf(pass) - STUCK_AFTER;
        const saw = passes
          .slice(0, passes.indexOf(pass) + 1)
          .find(
            (one) =>
              timeOf(one) >= since &&
              one.unharmed.has(handle) &&
              one.report.unknownCause === null &&
              explanationIn(one.report, handle)?.kind !== 'undecided',
          );
        return saw === undefined
          ? null
          : `${handle} is stuck, ${(timeOf(pass) - timeOf(saw)) / 1000} s after it was not`;
      }),
    ),

  'a container that Garden cannot end is reported in time': ({ passes }) => {
    const since = new Map<string, number>();
    return first(passes, (pass) => {
      const { report, stuck } = pass;
      for (const handle of since.keys()) if (!stuck.has(handle)) since.delete(handle);
      return first(stuck, (handle) => {
        const container = report.containers.find((one) => one.handle === asHandle(handle));
        if (report.unknownCause !== null) since.delete(handle);
        else if (!since.has(handle)) since.set(handle, timeOf(pass));
        const lasted = timeOf(pass) - (since.get(handle) ?? timeOf(pass));
        return lasted < STUCK_AFTER + STUCK_SEEN || container?.status === 'untracked'
          ? null
          : `${handle} is stuck for ${lasted / 1000} s, and is ${container?.status ?? 'not shown'}`;
      });
    });
  },

  'nothing is reported twice': ({ passes }) => {
    const open = new Map<Handle, string | null>();
    return ofEachPass(({ transitions }) =>
      first(transitions, (one) => {
        if (one.kind === 'untracked' || one.kind === 'changed') {
          const { handle, reason } = one.container;
          const before = open.get(handle) ?? null;
          open.set(handle, reason);
          const isWrong =
            one.kind === 'untracked' ? before !== null : before === null || before === reason;
          return isWrong
            ? `${handle} is ${one.kind} (${String(reason)}) after ${String(before)}`
            : null;
        }
        if (one.kind !== 'recovered' && one.kind !== 'gone') return null;
        const handle = one.kind === 'gone' ? one.handle : one.container.handle;
        return open.delete(handle) ? null : `${handle} is ${one.kind}, but was not reported`;
      }),
    )({ passes });
  },

  'log, metrics, page, events and status agree': viewsAgree,

  'the order of mounts, list and directories decides nothing': ofEachPass((pass) => {
    const other = replayed(reordered(pass.snapshot), pass.before);
    return sameOutcome(pass, other)
      ? null
      : `in another order: ${difference(pass.report, other.report)}`;
  }),

  'the names that a pass keeps are those that it would make anew': ofEachPass(
    ({ names, namesAnew }) =>
      areSame(names, namesAnew)
        ? null
        : `${JSON.stringify(names)} is not ${JSON.stringify(namesAnew)}`,
  ),

  'a replay of each pass gives the same report and memory': ofEachPass(
    ({ snapshot, before, report, memory }) => {
      const again = replayed(snapshot, before);
      if (!isEqual(again.report, report)) return `replayed: ${difference(report, again.report)}`;
      return isEqual(again.memory, memory) ? null : 'replayed: another memory';
    },
  ),

  'a pass that asks Garden everything again decides the same': ofEachPass(({ report, full }) => {
    if (full === null || !areSame(report.unknownCause, full.report.unknownCause))
      return full && `asked again, the pass is ${String(full.report.unknownCause?.kind)}`;
    const known = new Map(report.containers.map((one) => [one.handle, decided(one)]));
    // What the agent knows may decide what Garden does not answer again.
    const isOther = (one: ContainerReport): boolean =>
      one.explanation.kind !== 'undecided' && !areSame(known.get(one.handle), decided(one));
    return full.report.containers.some(isOther)
      ? `asked again: ${difference(full.report, report)}`
      : null;
  }),

  'doubt about one container changes nothing for another': ofEachPass((pass) =>
    first(doubts(pass), ({ about, snapshot }) => {
      const other = replayed(snapshot, pass.before);
      if (other.report.unknownCause !== null || pass.report.unknownCause !== null) {
        return areSame(other.report.unknownCause, pass.report.unknownCause)
          ? null
          : `doubt about ${about} makes the pass ${String(other.report.unknownCause?.kind)}`;
      }
      const without = (report: Report) =>
        report.containers.filter(({ handle }) => handle !== about);
      if (areSame(without(other.report), without(pass.report))) return null;
      return `doubt about ${about}: ${difference(pass.report, other.report)}`;
    }),
  ),

  'memory and output are bounded by what is on the cell': ofEachPass((pass) => {
    const { snapshot, before, memory, report, state } = pass;
    const { list, answers } = snapshot;
    const things =
      directoriesOf(snapshot.primaryWalk).length +
      (list.kind === 'answered' ? list.value.length : before.containers.size) +
      (answers.sweep?.suspects.length ?? 0);
    if (memory.containers.size > things && report.unknownCause === null)
      return `memory keeps ${memory.containers.size} containers of ${things} things`;
    const bytes = textOfMemory(pass).length;
    if (bytes > 4000 * (things + 1))
      return `the memory file has ${bytes} bytes for ${things} things`;
    const json = jsonTextOf(report).length;
    if (json > 8000 * (things + 2)) return `the report has ${json} bytes for ${things} things`;
    const long = state.events
      .slice(0, pass.events.length)
      .map((event) => logLine(event, IDENTITY))
      .find((line) => {
        expectLogLine(line);
        return Buffer.byteLength(line) > 899;
      });
    return long === undefined ? null : `a log line is too long: ${long}`;
  }),

  'a report, memory or capture that was written is read back equal': readsBack,
};

const STUCK_AFTER = 180_000;
/** A minute until it is read, and passes that need not read its cgroup. */
const STUCK_SEEN = 60_000 + 5 * INTERVAL;

/**
 * Milliseconds, by what each pass shows. The first sight adds nothing, a pass without the
 * difference takes half of its time away, and after eight of them the next sight is the first one
 * again.
 */
function seenFor({ handle }: ContainerReport, passes: readonly LivedPass[]): number {
  let lasted = 0;
  let clean = 8;
  let last: LivedPass | null = null;
  for (const pass of passes) {
    const effective = explanationIn(pass.report, handle);
    const shown =
      effective?.kind === 'intermittent' ? explanationIn(reportAlone(pass), handle) : effective;
    if (pass.report.unknownCause !== null || shown === undefined) continue;
    if (shown.kind === 'undecided') continue;
    const since = last?.process === pass.process ? timeOf(last) : timeOf(pass);
    const gap = Math.min(timeOf(pass) - since, 2 * INTERVAL);
    if (!isDifference(shown)) lasted = Math.max(0, lasted - gap / 2);
    else lasted = clean < 8 ? lasted + gap : 0;
    clean = isDifference(shown) ? 0 : clean + 1;
    last = pass;
  }
  return lasted;
}

const explanationIn = ({ containers }: Report, handle: Handle) =>
  containers.find((one) => one.handle === handle)?.explanation;

const timeOf = ({ snapshot }: LivedPass): number => snapshot.at.monotonicMilliseconds;

/** Null: at least four of the eight passes up to this one saw that it differs, each by itself. */
function rareness({ handle }: ContainerReport, passes: readonly LivedPass[]): string | null {
  const explained = passes
    .filter(({ report }) => report.unknownCause === null)
    .map((pass) => explanationIn(reportAlone(pass), handle))
    .filter((explanation) => explanation?.kind !== 'undecided');
  const seen = explained.slice(-8).filter((one) => one !== undefined && isDifference(one)).length;
  return seen >= 4 ? null : `${handle} is intermittent, and differs in ${seen} of eight passes`;
}

/** What a pass reports if no pass before it saw a difference. */
const reportAlone = once(({ before, snapshot }: LivedPass): Report => {
  const forgotten = [...before.containers].map(
    ([name, one]) => [name, { ...one, ...NOTHING_SEEN }] as const,
  );
  return replayed(snapshot, { ...before, containers: new Map(forgotten) }).report;
});

/** Not the open report: while its cgroup lives, a reported container is undecided and not gone. */
const NOTHING_SEEN = { reason: null, reported: false, escalation: null, clock: null } as const;

/** In a directory with its name, or in that of a health check beside it. */
const isOwnPath = (handle: Handle, path: string): boolean =>
  `${path}/`.includes(`/${handle}/`) || path.includes(`/${handle}-liveness-`);

/** Null: nothing that the pass read disproves its reason. */
function disproof(
  { handle, reason, explanation }: ContainerReport,
  { snapshot }: LivedPass,
): string | null {
  const { list, answers } = snapshot;
  const isListed = list.kind === 'answered' && list.value.includes(handle);
  // Processes with another root are anybody's.
  const isPath = ({ path, pids }: CgroupDirectory) =>
    pids.some((pid) => answers.rootImages.get(pid)?.length !== 0) &&
    ['', '/init'].includes(pathBelow(handle, path) ?? 'another');
  const wrong = (because: string): string => `${handle} is ${String(reason)}, but ${because}`;
  const owner = answers.properties.get(handle);
  switch (reason) {
    case 'unknown-to-garden':
      return isListed ? wrong('Garden lists it') : null;
    case 'unowned':
      return owner?.kind === 'answered' && owner.value.owner === 'present'
        ? wrong('it has an owner')
        : null;
    case 'no-cgroup':
      if (!isListed && explanation.kind === 'no-cgroup') return wrong('Garden does not list it');
      return [snapshot.primaryWalk, ...answers.walks.values()].some((walk) =>
        directoriesOf(walk).some(isPath),
      )
        ? wrong('it is live')
        : null;
    case 'escaped': {
      const isOutside =
        answers.sweep?.suspects.some(({ image }) => image.name.startsWith(handle)) === true;
      return isOutside ? null : wrong('nothing is outside');
    }
    case 'partial': {
      if (explanation.kind !== 'partial') return null;
      const { missing, pids } = explanation;
      const isInside = (pid: number): boolean =>
        missing.every((controller) => {
          const suspect = answers.sweep?.suspects.find(({ process }) => process.pid === pid);
          const path = pathIn(suspect?.membership, controller);
          return path === undefined || isOwnPath(handle, path);
        });
      if (pids !== null) return pids.some(isInside) ? wrong('a process that left is there') : null;
      const isThere = (controller: string) =>
        directoriesOf(answers.walks.get(controller) ?? null).some(isPath);
      return missing.some(isThere) ? wrong(`it is in ${missing.join()}`) : null;
    }
    case 'stuck': {
      const own = directoriesOf(snapshot.primaryWalk).filter(isPath);
      const isRunning = own.some(({ pids }) =>
        pids.some((pid) => answers.signals.get(pid)?.isKilled === false),
      );
      return isRunning ? wrong('a process of it was not killed') : null;
    }
    case 'limit-lost':
    case null:
      return null;
  }
}

/** So many passes may show a container that has the handle of an earlier one as they read that. */
const MAX_UNREAD = 3;

/** Counts the time of each loss by itself, from what the kernel and Garden had. */
function isReportedInTime({ passes }: Lived): string | null {
  interface Loss {
    readonly inode: number;
    /** The longest grace period that it may have. */
    readonly grace: number;
    readonly lasted: number;
    readonly seen: { readonly at: number; readonly process: number };
    /** In how many passes the walk or the created list has not shown it yet. */
    readonly unread: number;
  }
  const losses = new Map<string, Loss>();
  const listed = new Set<string>();
  return first(passes.entries(), ([index, pass]) => {
    const { snapshot, before, report, lost, process, existing } = pass;
    if (before.bootId !== snapshot.cell.bootId) listed.clear();
    // The next one with its handle is another container, which perhaps no pass sees listed.
    for (const handle of listed) if (!existing.has(handle)) listed.delete(handle);
    if (report.unknownCause !== null) return null;
    const at = snapshot.at.monotonicMilliseconds;
    for (const handle of losses.keys()) if (!lost.has(handle)) losses.delete(handle);
    for (const [handle, { inode, isListed }] of lost) {
      const was = losses.get(handle);
      const isSame = was?.inode === inode;
      const gap = was?.seen.process === process ? Math.min(at - was.seen.at, 2 * INTERVAL) : 0;
      const { createdList } = snapshot.answers;
      // Garden calls nothing created that has lost its properties, so this list is an earlier one.
      const isEarlier =
        isListed &&
        createdList?.kind === 'answered' &&
        createdList.value.includes(asHandle(handle));
      const isRead =
        !isEarlier && directoriesOf(snapshot.primaryWalk).some((one) => one.inode === inode);
      const unread = isRead ? 0 : (isSame ? was.unread : 0) + 1;
      losses.set(handle, {
        inode,
        grace: isListed ? 4 * GRACE : GRACE,
        lasted: isSame && (was.unread === 0 || was.unread > MAX_UNREAD) ? was.lasted + gap : 0,
        seen: { at, process },
        unread,
      });
    }
    if (snapshot.list.kind === 'answered')
      for (const handle of snapshot.list.value) listed.add(handle);
    return first(losses, ([handle, { lasted, grace }]) => {
      if (lasted < grace || !listed.has(handle)) return null;
      const shown = report.containers.find((one) => one.handle === asHandle(handle));
      return shown?.status === 'untracked'
        ? null
        : `pass ${index + 1}: ${handle} is lost for ${lasted / 1000} s, and is ${shown?.status ?? 'not shown'}`;
    });
  });
}

function viewsAgree({ passes }: Lived): string | null {
  const open = new Set<string>();
  const wrong = first(passes, ({ events, memory, report, state }) => {
    for (const { message, handle = '' } of events) {
      if (message === 'rollcall.container.untracked') open.add(handle);
      if (message === 'rollcall.container.recovered' || message === 'rollcall.container.gone')
        open.delete(handle);
    }
    const reported = [...memory.containers]
      .filter(([, { openReport }]) => openReport !== null)
      .map(([handle]) => handle);
    const isLogged = areSame(new Set<string>(reported), open);
    if (!isLogged) return `the log leaves ${[...open].join()} open, memory ${reported.join()}`;
    const untracked = report.containers.filter(({ status }) => status === 'untracked');
    const isFound = untracked.length > 0;
    if (report.unknownCause === null && (report.verdict === 'untracked') !== isFound)
      return `the verdict is ${report.verdict}`;
    const unlogged = untracked.find(({ handle }) => !open.has(handle));
    if (unlogged !== undefined) return `${unlogged.handle} is untracked, but not in the log`;
    const { summary } = jsonOf(report);
    const metrics = metricsText(state);
    const counts = [
      summary.untracked,
      sumOf(metrics, 'rollcall_untracked', /^(?!.*reason="limit-lost",severity="warning")/),
      sumOf(metrics, 'rollcall_containers', /status="untracked"/),
    ];
    return counts.every((count) => count === untracked.length)
      ? null
      : `${untracked.length} untracked in the report, ${counts.join()} elsewhere`;
  });
  const last = passes.at(-1);
  return wrong ?? (last === undefined ? null : pageDiffers(last));
}

/** The page is costly, so only the last one of a life is made. */
function pageDiffers({ report, state }: LivedPass): string | null {
  const page = pageHtml(state, { refresh: false, now: report.takenAt });
  const { containers, why } = jsonOf(report);
  const missing = containers.find(({ handle }) => !page.includes(handle));
  if (missing !== undefined) return `the page lacks ${missing.handle}`;
  const text = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  return text.includes(why.split(/[.:] /)[0] ?? why) ? null : `the page lacks "${why}"`;
}

/** Of the samples of a gauge, a line each, that match. */
function sumOf(metrics: string, name: string, sample = /^/): number {
  const [, family = ''] = metrics.split(`\n# TYPE ${name} gauge\n`);
  const [samples = ''] = family.split('\n#');
  const lines = samples.split('\n').filter((line) => sample.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/**
 * The same snapshot with siblings, lists, pids and mounts the other way round. Parents stay first.
 */
function reordered(snapshot: Snapshot): Snapshot {
  const { mounts, answers, list, primaryWalk } = snapshot;
  const turned = <T extends Answers['createdList']>(answer: T): T =>
    answer?.kind === 'answered' ? { ...answer, value: answer.value.toReversed() } : answer;
  return {
    ...snapshot,
    mounts: turnedMounts(mounts),
    list: turned(list),
    primaryWalk: primaryWalk === null ? null : turnedWalk(primaryWalk),
    answers: {
      ...answers,
      createdList: turned(answers.createdList),
      secondList: turned(answers.secondList),
      walks: new Map(
        [...answers.walks].toReversed().map(([name, walk]) => [name, turnedWalk(walk)]),
      ),
      properties: new Map([...answers.properties].toReversed()),
      memberships: new Map([...answers.memberships].toReversed()),
    },
  };
}

/** Those above the hierarchies stay where they are. */
const turnedMounts = once((mounts: Snapshot['mounts']): Snapshot['mounts'] => {
  const { cellTable } = mounts;
  const isCgroup = ({ fstype }: { readonly fstype: string }) => fstype.startsWith('cgroup');
  const others = cellTable.mounts.filter((one) => !isCgroup(one));
  const cgroups = cellTable.mounts.filter(isCgroup).toReversed();
  const table = { ...cellTable, mounts: [...others, ...cgroups] };
  return { ...mounts, cellTable: table, ownTable: table };
});

function turnedWalk(walk: Walk): Walk {
  if (walk.kind === 'failed') return walk;
  const depth = ({ path }: CgroupDirectory): number => (path === '/' ? 0 : path.split('/').length);
  const directories = walk.directories
    .toReversed()
    .toSorted((a, b) => depth(a) - depth(b))
    .map((one) => ({ ...one, pids: one.pids.toReversed() }));
  return { ...walk, directories };
}

/** Everything but the order in which mounts and leftovers are shown. */
function sameOutcome(a: CompletedPass, b: CompletedPass): boolean {
  const plain = ({ cgroups: { primary, anchor }, leftoverCgroups, ...report }: Report) => [
    report,
    primary,
    anchor,
    leftoverCgroups.toSorted(),
  ];
  const kept = ({ lastReport: _report, ...memory }: Memory) => memory;
  const [one, other] = [a, b].map(({ report, memory }) => [plain(report), kept(memory)]);
  return areSame(one, other);
}

/** The same pass, in which one container keeps something to itself. */
function* doubts({
  snapshot,
}: LivedPass): Generator<{ readonly about: string; readonly snapshot: Snapshot }> {
  const { answers, primaryWalk, list, gardenProcesses } = snapshot;
  if (list.kind !== 'answered' || list.value.length < 2) return;
  const [about] = list.value;
  if (about === undefined) return;
  const failed = { kind: 'failed', code: 'too-large', why: 'Its answer is too large.' } as const;
  if (answers.properties.has(about)) {
    const properties = new Map([...answers.properties, [about, failed]]);
    yield { about, snapshot: { ...snapshot, answers: { ...answers, properties } } };
  }
  // If no gdn runs, its processes may be the only ones that show that others can be seen at all.
  if (primaryWalk?.kind !== 'read' || gardenProcesses.length === 0) return;
  const directories = primaryWalk.directories.map((one) =>
    pathBelow(about, one.path) !== null ? { ...one, pids: [], trouble: 'EACCES' } : one,
  );
  yield { about, snapshot: { ...snapshot, primaryWalk: { ...primaryWalk, directories } } };
}

function readsBack({ passes }: Lived): string | null {
  // Each of them is costly to read, and most passes give what the one before gave.
  const wrong = first(passes.toReversed(), (pass, index) => {
    if (index % 3 !== 0) return null;
    const text = jsonTextOf(pass.report);
    const read = parseReportJson(text);
    if (!read.ok) return `the report is refused: ${read.why}`;
    if (JSON.stringify(read.value) !== text) return 'the report is read back otherwise';
    const parsed = parseMemory(textOfMemory(pass));
    if (!parsed.ok) return `the memory is refused: ${parsed.why}`;
    return areSame(parsed.value, inFile(pass.memory)) ? null : 'the memory is read back otherwise';
  });
  if (wrong !== null || passes.length === 0) return wrong;
  const snapshots = passes.slice(-2).map(({ snapshot }) => snapshot);
  const capture = {
    schemaVersion: CAPTURE_SCHEMA_VERSION,
    rollcallVersion: 'test',
    capturedAt: snapshots[0]?.at.wall ?? '',
    capturedBy: null,
    settleMilliseconds: 0,
    passes: snapshots,
    agent: null,
  } as const;
  return areSame(parseCapture(captureText(capture), 'capture'), capture)
    ? null
    : 'the capture is read back otherwise';
}

const decided = ({ status, reason, severity, since }: ContainerReport) => [
  status,
  reason,
  severity,
  since,
];

/** The first container that two reports show differently. */
function difference(a: Report, b: Report): string {
  const other = new Map(b.containers.map((one) => [one.handle, one]));
  const changed = a.containers.find((one) => !areSame(one, other.get(one.handle)));
  const named = (one: ContainerReport | undefined): string =>
    one === undefined
      ? 'nothing'
      : `${one.status} ${String(one.reason)} (${JSON.stringify(one.explanation)})`;
  if (changed === undefined)
    return `${a.containers.length} containers, ${a.verdict}; ${b.containers.length}, ${b.verdict}`;
  return `${changed.handle} is ${named(changed)}, otherwise ${named(other.get(changed.handle))}`;
}
