import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { nameOf } from '../../src/model/paths.ts';
import type { Questions } from '../../src/model/questions.ts';
import type { ContainerReport, Report } from '../../src/model/report.ts';
import type { CompletedPass } from '../../src/pass/complete-pass.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { gracePeriodsOfAgent, gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { whatToDo } from '../present/advised.ts';
import { passesOver, passOf, type CellText } from './cell-builder.ts';
import { GDN, withNames } from './cell.ts';

/*
 * What is shown after passes over cells. A check of some seconds makes its passes so many seconds
 * apart: what the first one of two sees, and the second one too, has lasted.
 */

const timed = (seconds: number, cells: readonly CellText[]): readonly CellText[] =>
  cells.map((one, pass) => ({ ...one, at: pass * Math.max(seconds * 1000, 1) }));

/** The last pass of a check of so many seconds. */
export const lastPass = (seconds: number, ...cells: readonly CellText[]): CompletedPass =>
  passesOver(timed(seconds, cells), gracePeriodsOfCheck(seconds * 1000)).at(-1) ??
  expect.fail('no pass');

/** What the last pass of a check of so many seconds reports. */
export const checkFor = (seconds: number, ...cells: readonly CellText[]): Report =>
  lastPass(seconds, ...cells).report;

/** What a check reports that does not wait whether a difference lasts. */
export const check = (...cells: readonly CellText[]): Report => checkFor(0, ...cells);

/** The only container of each pass of an agent, 15 seconds apart. */
export const agentPasses = (
  cells: readonly CellText[],
  graceSeconds = 30,
): readonly ContainerReport[] =>
  passesOver(timed(15, cells), gracePeriodsOfAgent(graceSeconds * 1000, 15_000)).map(({ report }) =>
    onlyContainer(report),
  );

/** These texts, of which one that comes several times in a row is there once, with their number. */
export function inRuns(texts: readonly string[]): readonly string[] {
  const runs: { text: string; count: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${count} times ${text}`));
}

/** What several passes show of a container: `12 times pending warning stuck`. */
export const runsOf = (passes: readonly ContainerReport[]): readonly string[] =>
  inRuns(
    passes.map(({ status, severity, reason }) =>
      [status, severity, reason].filter((word) => word !== null).join(' '),
    ),
  );

/** The same so many times, such as a cell in so many passes. */
export const times = <T>(count: number, one: T): readonly T[] =>
  Array.from({ length: count }, () => one);

/** What a check of so many seconds asks about the last one of these cells. */
export function questionsFor(seconds: number, ...cells: readonly CellText[]): Questions {
  const all = timed(seconds, cells);
  const before = passesOver(all.slice(0, -1), gracePeriodsOfCheck(seconds * 1000)).at(-1);
  return questionsOf(passOf(all.at(-1) ?? expect.fail('no cell'), before?.memory ?? EMPTY_MEMORY));
}

export const questions = (...cells: readonly CellText[]): Questions => questionsFor(0, ...cells);

/** The files of cgroups that are asked for: `/garden/billing of v2: memory.current, memory.max`. */
export const filesAsked = ({ cgroupNumbers }: Questions): readonly string[] =>
  cgroupNumbers.map(({ openedAt, path, files }) =>
    withNames(`${shortPath(path)} of ${nameOf(openedAt)}: ${files.join(', ')}`),
  );

export function onlyContainer({ containers: [first, ...others] }: Report): ContainerReport {
  if (first === undefined || others.length > 0) throw new Error('not one container');
  return first;
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** With `GDN` for gdn's cgroup. */
const shortPath = (path: string): string => path.replace(GDN, 'GDN');

function* explained({ explanation }: ContainerReport): Generator<string> {
  if (explanation.kind === 'partial') yield `missing in ${explanation.missing.join(' and ')}`;
  if (explanation.kind === 'undecided') yield `undecided because ${explanation.why}`;
  if (explanation.kind === 'unowned' && explanation.rep !== null)
    yield explanation.rep === 'none' ? 'no rep runs' : `rep is ${explanation.rep}`;
  if (explanation.kind === 'unknown-to-garden') {
    if (explanation.left !== null) yield `left: ${explanation.left}`;
    if (explanation.runtime !== null) yield `started by ${explanation.runtime}`;
  }
  if (explanation.kind === 'limit-lost')
    for (const { resource, holds, limit } of explanation.exceeded)
      yield resource === 'memory'
        ? `${holds / 2 ** 20} of ${limit / 2 ** 20} MiB`
        : `${holds} of ${limit} pids`;
}

/** Its cgroups that are not where a container usually has one. */
function* unusualPlaces({ handle, cgroups }: ContainerReport): Generator<string> {
  for (const path of Object.values(cgroups))
    if (!path.endsWith(`/garden/${handle}`)) yield `in ${shortPath(path)}`;
}

const containerLine = (one: ContainerReport): string =>
  [
    [`${one.handle}: ${one.status}`, one.severity, one.reason].filter(Boolean).join(' '),
    counted(one.pids, 'process'),
    ...(one.privileged ? ['privileged'] : []),
    ...unusualPlaces(one),
    ...(one.throttled ? ['throttled'] : []),
    ...(one.peas.length > 0 ? [`with ${one.peas.join(' and ')}`] : []),
    ...explained(one),
  ].join(', ');

/**
 * What a report shows, a line for each container, leftover cgroup, kind of other cgroups, and
 * warning: `billing: untracked critical escaped, 1 process`.
 */
const shown = ({ containers, unknownCause, live, leftoverCgroups, ignored, cell }: Report) =>
  [
    ...(unknownCause === null
      ? []
      : [
          ['unknown:', unknownCause.kind, 'path' in unknownCause ? unknownCause.path : null]
            .filter((word) => word !== null)
            .join(' '),
          `${counted(live, 'container')} live`,
        ]),
    ...containers.map(containerLine),
    ...leftoverCgroups.map((path) => `leftover ${shortPath(path)}`),
    ...Object.entries(ignored)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => counted(count, `${kind} cgroup`)),
    ...cell.warnings.map((one) =>
      'containers' in one
        ? `warning ${one.reason}: ${counted(one.containers, 'container')}`
        : `warning ${one.reason}`,
    ),
  ].map(withNames);

/** Nothing but these lines is shown. */
export function expectShown(report: Report, ...lines: readonly string[]): void {
  expect(shown(report)).to.deep.equal(lines);
}

/** The sentence of a container, and what to do about it. */
export const saidOf = (container: ContainerReport): string =>
  `${containerSentence(container)} ${whatToDo(container)}`;

/** The sentences of the cell's warnings, and its verdict. */
export const warned = (report: Report): string =>
  withNames([...report.cell.warnings.map(warningSentence), verdictSentence(report)].join(' '));
