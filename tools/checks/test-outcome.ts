import * as v from 'valibot';

const Skipped = v.object({ title: v.string(), reason: v.string() });

const TestOutcome = v.object({
  passed: v.number(),
  failed: v.number(),
  skipped: v.array(Skipped),
  suites: v.array(v.object({ title: v.string(), passed: v.number() })),
});

export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  /** How many passed in each suite at the top. */
  readonly suites: readonly { readonly title: string; readonly passed: number }[];
}

/** What test/reporter.ts wrote. Throws on anything else: a damaged outcome must not pass for an empty one. */
export function parseTestOutcome(text: string): TestOutcome {
  return v.parse(TestOutcome, JSON.parse(text));
}
