import vm from 'node:vm';
import { MAX_WAIT } from '../wait-for.ts';

// One for all calls, because a new one takes a millisecond.
const context: { call?: () => unknown } = vm.createContext({});
const script = new vm.Script('call()');

/** What the call returns; one that takes longer is stopped, so that a test that fails also ends. */
export function inTime<T>(call: () => T, milliseconds = MAX_WAIT): T {
  context.call = call;
  return script.runInContext(context, { timeout: milliseconds }) as T;
}
