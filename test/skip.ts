const reasons = new WeakMap<object, string>();

/**
 * Ends the running test as skipped; in a `before` hook, all tests of its suite. The reason stands
 * in the summary of `npm test`.
 */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.test;
  if (runnable !== undefined) reasons.set(skippedBy(runnable, context), reason);
  return context.skip();
}

/** Why a test was skipped: said for itself or for a suite around it. */
export function skipReason(test: Mocha.Test): string | null {
  const own = reasons.get(test);
  if (own !== undefined) return own;
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) {
    const reason = reasons.get(suite);
    if (reason !== undefined) return reason;
  }
  return null;
}

function skippedBy(runnable: Mocha.Runnable, context: Mocha.Context): object {
  if (runnable.title.startsWith('"before all" hook')) return runnable.parent ?? runnable;
  if (runnable.title.startsWith('"before each" hook')) return context.currentTest ?? runnable;
  return runnable;
}
