import * as v from 'valibot';

const TestOutcome = v.object({
  passed: v.number(),
  failed: v.number(),
  skipped: v.array(v.object({ title: v.string(), reason: v.string() })),
  suites: v.array(v.object({ title: v.string(), passed: v.number() })),
});

export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  /** How many passed in each suite at the top. */
  readonly suites: readonly { readonly title: string; readonly passed: number }[];
}

const WorkerMessage = v.variant('kind', [
  v.object({ kind: v.literal('begins'), title: v.string() }),
  v.object({ kind: v.literal('ended'), outcome: TestOutcome }),
]);

/** From a worker: a test begins, or the file has ended. */
export type WorkerMessage =
  | { readonly kind: 'begins'; readonly title: string }
  | { readonly kind: 'ended'; readonly outcome: TestOutcome };

/** Throws on anything else: a damaged outcome must not pass for an empty one. */
export const parseWorkerMessage = (message: unknown): WorkerMessage =>
  v.parse(WorkerMessage, message);

/** To a worker: the file to run; null: there is none left, and it ends. */
export interface Order {
  readonly file: string | null;
}

export const parseOrder = (message: unknown): Order =>
  v.parse(v.object({ file: v.nullable(v.string()) }), message);
