import fc from 'fast-check';
import { CELL_VERBS, CONTAINER_VERBS } from './made-cell.ts';
import { LAYOUTS, type Layout } from './made-kernel.ts';

/**
 * The life of a cell, in steps: `VERB HANDLE`, or `VERB` for the whole cell; `before list VERB
 * HANDLE` in the next pass before that is read. An impossible step does nothing, so any part of a
 * history is one. Of the agent: `pass 4` makes four passes, each after its interval; `wait` (for a
 * minute), `restart`, and `read-all` (from now on).
 */
export interface History {
  readonly layout: Layout;
  readonly steps: readonly string[];
}

/** These steps so many times, one after the other. */
export const times = (count: number, ...steps: readonly string[]): readonly string[] =>
  Array.from({ length: count }, () => steps).flat();

/** Verbs, each with those that take back what it does. */
const OPPOSITES = Object.entries({
  unlist: ['relist', 'destroy', 'disguise'],
  disown: ['own', 'replace', 'unlist'],
  refuse: ['answer'],
  kill: ['destroy'],
  'kill-waits': ['destroy', 'kill', 'spawn'],
  escape: ['return', 'fork'],
  flee: ['return'],
  leave: ['return'],
  throttle: ['unthrottle'],
  exceed: ['relax'],
  rename: ['rename-back'],
  hide: ['show'],
}).flatMap(([begin, ends]) => ends.map((end) => [begin, end] as const));

/** Verbs that take turns. */
const ALTERNATIONS = [
  ['escape', 'return'],
  ['escape', 'fork', 'fork'],
  ['flee', 'return'],
  ['leave', 'return', 'escape'],
  ['unlist', 'flee', 'return'],
  ['unlist', 'relist'],
  ['rename', 'rename-back'],
  ['flee', 'return', 'rename', 'rename-back'],
] as const;

const someHandle = fc.constantFrom('a', 'b', 'a-envoy', 'c', 'a');
const on = (...verbs: readonly string[]) =>
  fc.tuple(fc.constantFrom(...verbs), someHandle).map((words) => words.join(' '));
const created = on('create', 'create', 'create-privileged');
const somePasses = fc.constantFrom('pass', 'pass 4', 'pass 10');
const long = fc.constant('pass 10');
const ofContainer = on(...CONTAINER_VERBS);
/** Something happens, and later ends again. */
const episode = fc
  .tuple(fc.constantFrom(...OPPOSITES), someHandle, somePasses)
  .map(([[begin, end], name, during]) => [`${begin} ${name}`, during, `${end} ${name}`, 'pass 4']);
/** A container is home in some passes, and somewhere else or another process in the others. */
const alternation = fc
  .tuple(
    fc.constantFrom(...ALTERNATIONS),
    someHandle,
    fc.array(fc.constantFrom('pass', 'pass', 'pass 2'), { minLength: 4, maxLength: 12 }),
  )
  .map(([verbs, name, passes]) =>
    passes.flatMap((pass, n) => [`${verbs[n % verbs.length]} ${name}`, pass]),
  );
/** Processes start and end in containers, as on most cells in most passes. */
const traffic = fc
  .array(fc.tuple(on('spawn', 'spawn', 'exit', 'pea', 'sidecar', 'thread'), somePasses), {
    minLength: 2,
    maxLength: 4,
  })
  .map((steps) => ['pass 4', ...steps.flat()]);
const duringPass = fc
  .tuple(
    fc.constantFrom('walk', 'list', 'sweep', 'properties', 'walks'),
    fc.oneof(created, ofContainer),
  )
  .map(([read, one]) => [`before ${read} ${one}`, 'pass']);
const someSteps = fc.oneof(
  { weight: 6, arbitrary: episode },
  { weight: 2, arbitrary: fc.tuple(on('destroy'), created, somePasses) },
  { weight: 4, arbitrary: fc.tuple(ofContainer, somePasses) },
  { weight: 1, arbitrary: ofContainer.map((one) => [one]) },
  { weight: 2, arbitrary: alternation },
  { weight: 2, arbitrary: duringPass },
  { weight: 1, arbitrary: fc.tuple(on('kill-waits'), long, ofContainer, long) },
  { weight: 3, arbitrary: traffic },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...CELL_VERBS, 'restart', 'wait'), somePasses) },
);
export const histories: fc.Arbitrary<History> = fc
  .record({
    layout: fc.constantFrom(...LAYOUTS),
    reads: fc.subarray(['read-all', 'inodes-again']),
    begin: fc.tuple(created, created),
    rest: fc.array(someSteps, { minLength: 1, maxLength: 8 }),
  })
  .map(({ layout, reads, begin, rest }) => ({
    layout,
    steps: [...reads, ...begin, 'pass', ...rest.flat()],
  }));
