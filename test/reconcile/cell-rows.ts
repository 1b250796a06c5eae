import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { nameOf } from '../../src/model/paths.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import type { Questions } from '../../src/model/questions.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import type { CompletedPass } from '../../src/pass/complete-pass.ts';
import { whatToDo } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { rowsOf } from '../rows.ts';
import {
  A,
  B,
  firstOf,
  G,
  P,
  passesOver,
  passOf,
  reportAfter,
  type CellText,
} from './cell-builder.ts';

/*
 * Cases as rows: what holds | a cell, then another one > … | what the last pass shows.
 * A cell is its tree, `PATH: PID PID, PATH:`, below gdn's cgroup unless a path begins with `/`; then
 * what else there is, each part after a `;` and its name. A, B and P are handles of app instances,
 * and ID is one of docker.
 */

const HANDLES: Readonly<Record<string, string>> = { A, B, P, ID: 'ab'.repeat(32) };
export const withHandles = (text: string): string =>
  text.replaceAll(/\b(?:[ABP]|ID)\b/g, (name) => HANDLES[name] ?? name);
export const withNames = (text: string): string =>
  Object.entries(HANDLES).reduce((short, [name, handle]) => short.replaceAll(handle, name), text);

const pathOf = (path: string): string => (path.startsWith('/') ? path : `${G}/${path}`);
const treeOf = (text: string): string => text.split(', ').map(pathOf).join('\n');
/** `-` is an empty list, and `?` one that cannot be read. */
export const listOf = (text: string): readonly string[] | null =>
  text === '?' ? null : text.split(' ').filter((word) => word !== '-');
/** `NAME=VALUE NAME=VALUE`; a hierarchy may be called `name=systemd`. */
export const recordOf = <T>(
  text: string,
  valueOf: (value: string) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(
    text.split(' ').map((word) => {
      const at = word.lastIndexOf('=');
      return [word.slice(0, at), valueOf(word.slice(at + 1))];
    }),
  );

/** Of a process: `PID`, `PID/INNER` in an inner pid namespace, `PID#TICKS` of its start. */
function startOf(text: string): { pid: number } & Partial<ProcessFacts> {
  const [pids = '', ticks] = text.split('#');
  const [pid = 0, ...inner] = pids.split('/').map(Number);
  const startTicks = ticks === undefined ? {} : { startTicks: Number(ticks) };
  return { pid, ...(inner.length > 0 && { namespacePids: [pid, ...inner] }), ...startTicks };
}

/** `shim:HANDLE:NAMESPACE`, `dadoo:HANDLE:DEPOT`, or a name and its start, as `gdn:100`. */
function ancestor(text: string): Partial<ProcessFacts> {
  const [comm = '', id = '', more = null] = text.split(':');
  if (comm === 'shim') {
    const namespace = more ?? 'garden';
    const launched = { by: 'containerd-shim', namespace, id, address: null } as const;
    return { pid: 290, comm: 'containerd-shim', launched };
  }
  if (comm === 'dadoo' && more !== null)
    return { pid: 280, comm, launched: { by: 'dadoo', id, depot: more } };
  const at = text.lastIndexOf(':');
  return { ...startOf(text.slice(at + 1)), comm: text.slice(0, at) };
}

/** The words of a list, each cut at the signs that it may have. */
const wordsOf = (text: string, form: RegExp): readonly Partial<Record<string, string>>[] =>
  (listOf(text) ?? []).map((word) => form.exec(word)?.groups ?? {});

const imageIn = (image: string): string =>
  image.startsWith('/') ? image : `/store/images/${image}`;

const PARTS: Readonly<Record<string, (text: string, cell: CellText) => Partial<CellText>>> = {
  lists: (text) => ({ listed: listOf(text) }),
  created: (text) => ({ created: listOf(text) }),
  unowned: (handle, { properties }) => ({ properties: { ...properties, [handle]: null } }),
  /** What Garden says of a container: `HANDLE KEY=VALUE KEY=VALUE`. */
  property: (text, { properties }) => {
    const [handle = '', ...pairs] = text.split(' ');
    return { properties: { ...properties, [handle]: recordOf(pairs.join(' '), String) } };
  },
  refused: (text) => ({ unanswered: text.split(' ') }),
  unreadable: (path) => ({ unreadable: [pathOf(path)] }),
  /** Directories that had another path before: `PATH=PATH`. */
  renamed: (text) => {
    const [now = '', before = ''] = text.split('=').map(pathOf);
    return { renamed: { [now]: before } };
  },
  /** A Garden directory of which the walk read only a part. */
  crowded: (path) => ({ crowded: [pathOf(path)] }),
  /** No process is visible that is called gdn. */
  'no-gdn': () => ({ gdn: [] }),
  /** Processes called gdn: `START`, then `@CGROUP`, `*CHILDREN`, and `Z` of a zombie. */
  gdn: (text) => ({
    gdn: wordsOf(
      text,
      /^(?<start>[^@*Z]+)(?:@(?<path>[^*Z]+))?(?:\*(?<children>\d+))?(?<state>Z)?$/,
    ).map(({ start = '', path = G, children = 0, state = 'S' }) => ({
      ...startOf(start),
      cgroups: { memory: path },
      children: Number(children),
      state,
    })),
  }),
  /** Processes elsewhere that have the root of a container: `START=IMAGE@CGROUP`, by default of A in `/`. */
  suspects: (text) => ({
    suspects: wordsOf(text, /^(?<start>[^=@]+)(?:=(?<image>[^@]+))?(?:@(?<path>.+))?$/).map(
      ({ start = '', image = A, path = '/' }) => ({
        ...startOf(start),
        cgroups: { memory: pathOf(path) },
        image: imageIn(image),
      }),
    ),
  }),
  /** The images of the roots that were seen in cgroups: `PATH=IMAGE`. */
  roots: (text) => ({
    roots: Object.fromEntries(
      wordsOf(text, /^(?<path>.+)=(?<image>.+)$/).map(({ path = '', image = '' }) => [
        pathOf(path),
        imageIn(image),
      ]),
    ),
  }),
  /** Processes whose `/` is the root of a container: `HANDLE=PID`. */
  mounted: (text) => ({ rootMounts: recordOf(text, (pid) => [Number(pid)]) }),
  /** Containers whose root mounts were not searched for. */
  unsearched: (text) => ({ unsearched: text.split(' ') }),
  /** How processes started: `PID/INNER`, and `PID=gone`. */
  starts: (text) => ({
    starts: Object.fromEntries(
      text.split(' ').map((word) => {
        const { pid, namespacePids = [pid], startTicks = 1 } = startOf(word.replace('=gone', ''));
        return [pid, word.endsWith('=gone') ? null : { startTicks, namespacePids }];
      }),
    ),
  }),
  /** `PID=IMAGE`; without the image that its root is another one. */
  images: (text) => ({ images: recordOf(text, (image) => (image === '' ? null : image)) }),
  /** The parents of a process, the nearest first: `PID=ANCESTOR+ANCESTOR`. */
  from: (text) => ({
    ancestors: recordOf(text, (chain) => (chain === '' ? [] : chain.split('+').map(ancestor))),
  }),
  /** `START=NAME`, a name of one word. */
  processes: (text) => ({
    processes: Object.entries(recordOf(text, (comm) => ({ comm }))).map(([start, comm]) => ({
      ...startOf(start),
      ...comm,
    })),
  }),
  /** Processes called rep: `START@CGROUP`, then another name after `=`, or `Z` of a zombie. */
  reps: (text) => ({
    reps: wordsOf(text, /^(?<start>[^@]+)@(?<path>[^=Z]+)(?:=(?<comm>.+))?(?<state>Z)?$/).map(
      ({ start = '', path = '', comm = 'rep', state = 'S' }) => ({
        ...startOf(start),
        comm,
        state,
        cgroups: { memory: path },
      }),
    ),
  }),
  /** `PID=STATE`, with `+` between its words; `PID=gone`. */
  signals: (text) => ({
    signals: Object.fromEntries(
      wordsOf(text, /^(?<pid>\d+)=(?<state>.+)$/).map(({ pid = '', state = '' }) => [
        pid,
        state === 'gone' ? null : state.replaceAll('+', ' '),
      ]),
    ),
  }),
  /** What a small file of a cgroup holds: `PATH FILE=NUMBER`. */
  number: (text, { numbers }) => {
    const [path = '', value = ''] = text.split(' ');
    return { numbers: { ...numbers, [pathOf(path)]: value } };
  },
  /**
   * What a cgroup holds, and its limits, `null` where none is given: `PATH memory=40/max pids=12/50`,
   * memory in MiB; then other files, `FILE=NUMBER`.
   */
  limits: (text, { numbers }) => {
    const [path = '', ...words] = text.split(' ');
    const given = new Map(words.map((word) => word.split('=') as [string, string]));
    const pair = (name: string, unit: number): readonly string[] => {
      const values = (given.get(name) ?? 'null/null').split('/');
      given.delete(name);
      const [current, max] = values.map((one) => (/^\d/.test(one) ? Number(one) * unit : one));
      return [`${name}.current=${current}`, `${name}.max=${max}`];
    };
    const both = [...pair('memory', 1024 * 1024), ...pair('pids', 1)];
    const others = [...given].map((one) => one.join('='));
    return { numbers: { ...numbers, [pathOf(path)]: [...both, ...others].join(' ') } };
  },
  /** Questions that are not answered yet. */
  open: (text) => ({ open: text.split(' ') }),
  /** Reads hang. */
  hangs: () => ({ hasHangingReads: true }),
  /** Not all processes with a wanted name were read. */
  'more-names': () => ({ hasMoreNames: true }),
  /** Processes that are the init of a container. */
  init: (pids) => ({
    processes: pids.split(' ').map((pid) => ({
      pid: Number(pid),
      comm: 'garden-init',
      namespacePids: [Number(pid), 1],
      realUid: 5,
    })),
  }),
  /** All processes were searched for a gdn, and showed the same ones. */
  searched: (_, { gdn = [] }) => ({ searched: gdn }),
  /** A second gdn, younger than the first: `PID=PATH`. */
  'other-gdn': (text, { trees }) => {
    const [primary = ''] = Object.keys(trees);
    const others = Object.entries(recordOf(text, (path) => ({ [primary]: path })));
    return {
      gdn: [
        { cgroups: { [primary]: G } },
        ...others.map(([pid, cgroups]) => ({ pid: Number(pid), startTicks: 9000, cgroups })),
      ],
    };
  },
  /** The depot of a gdn: `PID=DIRECTORY`. */
  depot: (text, { gdn = [] }) => {
    const depots = new Map(Object.entries(recordOf(text, (depot) => ({ depot }))));
    return { gdn: gdn.map((one) => ({ ...one, ...depots.get(String(one.pid ?? 100)) })) };
  },
  /** The tree of another hierarchy, in which gdn is as in the first one. */
  in: (text, { trees }) => {
    const [controller = '', ...tree] = text.split(' ');
    return {
      trees: { ...trees, [controller]: treeOf(tree.join(' ')) },
      gdn: [{ cgroups: { memory: G, [controller]: G } }],
    };
  },
  /** `/proc/PID/cgroup`: `PID HIERARCHY=PATH HIERARCHY=PATH`. */
  cgroups: (text, { memberships }) => {
    const [pid = '', ...paths] = text.split(' ');
    return { memberships: { ...memberships, [pid]: recordOf(paths.join(' '), pathOf) } };
  },
};

/** @param before the cell of the pass before, which `same` repeats */
export function cellOf(text: string, primary = 'memory', before: CellText | null = null): CellText {
  const [tree = '', ...parts] = withHandles(text).split('; ');
  const trees = { [primary]: `${G}: 100\n${treeOf(tree)}` };
  const cell: CellText = {
    ...(tree === 'same' && before !== null ? before : { trees, listed: [A] }),
  };
  for (const part of parts) {
    const [name = ''] = part.split(' ');
    const read = PARTS[name];
    if (read === undefined) throw new Error(`A cell has no part "${part}".`);
    Object.assign(cell, read(part.slice(name.length + 1), cell));
  }
  return cell;
}

/** `HANDLE STATUS REASON SEVERITY (PROCESSES)` of a container, and where and what else it is. */
const shownOf = (one: ContainerReport): string =>
  [
    one.handle,
    one.status,
    one.reason,
    one.severity,
    `(${one.pids})`,
    one.privileged ? 'privileged' : null,
    ...Object.values(one.cgroups).flatMap((path) =>
      path.endsWith(`/garden/${one.handle}`) ? [] : [`at ${path.replace(`${G}/`, '')}`],
    ),
    one.throttled ? 'throttled' : null,
    one.peas.length > 0 ? `with ${one.peas.join(' ')}` : null,
    one.explanation.kind === 'partial' ? `without ${one.explanation.missing.join(' ')}` : null,
    one.explanation.kind === 'undecided' ? `because ${one.explanation.why}` : null,
    one.explanation.kind === 'unowned' && one.explanation.rep !== null
      ? `rep ${one.explanation.rep}`
      : null,
    ...(one.explanation.kind === 'unknown-to-garden'
      ? [one.explanation.left, one.explanation.runtime].map((word) => word && `(${word})`)
      : []),
    ...(one.explanation.kind === 'limit-lost' ? one.explanation.exceeded : []).map(
      ({ resource, holds, limit }) => `${resource} ${holds}/${limit}`,
    ),
  ]
    .filter((word) => word !== null)
    .join(' ');

const whyNothing = (cause: NonNullable<Report['unknownCause']>): string =>
  `unknown: ${cause.kind}${cause.kind === 'unreadable' ? ` ${cause.path}` : ''}`;

/** What a report shows of a cell: why nothing, containers, leftovers, and what is not Garden's. */
function summaryOf({ containers, unknownCause, seen, stale, ignored, cell }: Report): string {
  const others = Object.entries(ignored).filter(([, count]) => count > 0);
  return [
    ...(unknownCause === null ? [] : [whyNothing(unknownCause), `${seen} seen`]),
    ...containers.map(shownOf),
    ...stale.map((path) => `stale ${path.replace(`${G}/`, '')}`),
    ...others.map(([kind, count]) => `${count} ${kind}`),
    ...cell.warnings.map((one) =>
      'containers' in one ? `warning ${one.reason} ${one.containers}` : `warning ${one.reason}`,
    ),
  ].join(', ');
}

/** @param cells separated by `>`, with the settle time between two passes */
function cellsIn(cells: string, settle: number, primary: string): readonly CellText[] {
  let before: CellText | null = null;
  return cells.split(' > ').map((text, pass) => {
    before = { ...cellOf(text, primary, before), at: pass * Math.max(settle, 1) };
    return before;
  });
}

/** @param cells as above */
export const passAfter = (cells: string, settle: number, primary = 'memory'): CompletedPass =>
  reportAfter(cellsIn(cells, settle, primary), settle);

/** What is asked, in words: pids, handles, files as `HIERARCHY:CGROUP FILE,FILE`. */
const askedWords = (asked: Questions): Readonly<Record<string, readonly (string | number)[]>> => ({
  memberships: asked.memberships,
  signals: asked.signals,
  ancestors: asked.ancestors,
  rootImages: asked.rootImages,
  starts: asked.starts,
  properties: asked.properties,
  scans: asked.scans.map(({ controller }) => controller),
  waits: asked.waits.map(({ handle, pids }) => `${handle} ${pids.join(' ')}`),
  destroys: asked.destroys?.handles ?? [],
  repProcesses: asked.repProcesses ? ['yes'] : [],
  cgroupNumbers: asked.cgroupNumbers.map(({ openedAt, path, files }) =>
    [`${nameOf(openedAt)}:${path.replace(`${G}/`, '')}`, files.join()].join(' '),
  ),
});

/** A test of each row: what holds | cells, of which the last is asked about | `QUESTION WORDS; …`, `-` if nothing is. */
export function expectAsked(table: string, settle = 0, primary = 'memory'): void {
  for (const [title = '', text = '', expected = ''] of rowsOf(table)) {
    it(title, () => {
      const cells = cellsIn(text, settle, primary);
      const { memory } = passesOver(cells.slice(0, -1), gracePeriodsOfCheck(settle)).at(-1) ?? {
        memory: EMPTY_MEMORY,
      };
      const asked = askedWords(questionsOf(passOf(cells.at(-1) ?? expect.fail(), memory)));
      const shown = expected.split('; ').map((part) => {
        const [name = ''] = part.split(' ');
        const words = asked[name] ?? expect.fail(name);
        return `${name} ${words.length === 0 ? '-' : words.join(' ')}`;
      });
      expect(withNames(shown.join('; '))).to.equal(expected);
    });
  }
}

export const expectWords = (words: string, container: ContainerReport): void =>
  expectParts(words, `${containerSentence(container)} ${whatToDo(container)}`);

function expectParts(words: string, said: string): void {
  for (const part of words.split(' & ')) {
    if (part.startsWith('not ')) expect(said).not.to.contain(part.slice(4));
    else expect(said).to.contain(part);
  }
}

/** A test of each row: what holds | cells | what the last report is checked for. */
const ofReports =
  (check: (expected: string, report: Report) => void) =>
  (table: string, settle = 0, primary = 'memory'): void => {
    for (const [title = '', cells = '', expected = ''] of rowsOf(table))
      it(title, () => {
        expect(expected, 'what is expected').to.not.equal('');
        check(expected, passAfter(cells, settle, primary).report);
      });
  };

/** All that a report shows. */
export const expectRows = ofReports((shown, report) =>
  expect(withNames(summaryOf(report))).to.equal(shown),
);

/** Words of the first container's sentence and advice, several after `&`, and `not` others. */
export const expectSaid = ofReports((words, report) => expectWords(words, firstOf(report)));

/** Words of the cell's warnings and its verdict. */
export const expectWarned = ofReports((words, report) =>
  expectParts(
    words,
    [...report.cell.warnings.map(warningSentence), verdictSentence(report)].join(' '),
  ),
);
