import { oneLine } from '../model/text.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { questionsOf } from '../reconcile/questions.ts';
import {
  observeSnapshot,
  passInSteps,
  type CompletedPass,
  type PassSettings,
} from './complete-pass.ts';

const MAX_PLACES = 5;
const MAX_PLACE = 120;

/** A pass that may have reused something, with everything that it depends on. */
export interface MadePass {
  readonly observed: ObservedPass;
  readonly completed: CompletedPass;
}

/**
 * Makes the pass again from its snapshot, without anything that it kept from an earlier round or
 * pass, and compares the two: report, memory, and the questions that are still open. A pass must
 * have asked every question that the full one needs.
 * @returns the first places where they differ, such as `report.containers.0.status`, each at most
 * 120 characters; the names in them are untrusted and escaped
 */
export function* verifyInSteps(
  { observed, completed }: MadePass,
  settings: PassSettings,
): Generator<void, readonly string[]> {
  const full = observeSnapshot(completed.snapshot, observed.memory);
  const again = yield* passInSteps(full, settings);
  const places: string[] = [];
  const made = comparable(completed, observed);
  for (const place of differingPlaces(made, comparable(again, full), '')) {
    if (places.length === MAX_PLACES) break;
    places.push(oneLine(place.slice(1), MAX_PLACE));
  }
  return places;
}

/** Without what only the pass after it reuses. */
const comparable = (
  { mustRead: _read, reusable: _reusable, ...decided }: CompletedPass,
  pass: ObservedPass,
): object => ({ ...decided, questions: questionsOf(pass) });

/** Where two plain values differ. */
function* differingPlaces(one: unknown, other: unknown, place: string): Generator<string, void> {
  if (Object.is(one, other)) return;
  const [entries, others] = [entriesOf(one), entriesOf(other)];
  if (entries === null || others === null) {
    yield place;
    return;
  }
  for (const key of new Set([...entries.keys(), ...others.keys()]))
    yield* differingPlaces(entries.get(key), others.get(key), `${place}.${key}`);
}

/** Null for a value that has none. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, one]: [unknown, unknown]) => [String(key), one]));
  if (value instanceof Set) return new Map(Array.from(value, (one: unknown) => [String(one), one]));
  return new Map(Object.entries(value));
}
