import { parse } from 'yaml';
import * as v from 'valibot';
import { ToolFailure } from '../failure.ts';

/**
 * Applies ops files as `bosh int -o` does, for machines without bosh. Supports replace and remove,
 * and in paths keys, `name=value`, indexes, `-` for the end of a list, and `?`, which makes the
 * rest of the path optional. `~1` stands for a slash and `~0` for a tilde. The modifiers :before,
 * :after, :prev and :next are rejected.
 * @throws ToolFailure RUNTIME_CONFIG with the name of the file
 */
export function applyOps(document: unknown, opsFile: string, name: string): unknown {
  const parsed = v.safeParse(v.array(operation), yaml(opsFile, name));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refused(
      issue.path === undefined
        ? `${name} is not a list of operations`
        : `${name}: operation ${String(issue.path[0].key)}: ${issue.message}`,
    );
  }
  return parsed.output.reduce((changed: unknown, each, index) => {
    try {
      return applied(changed, each);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw refused(`${name}: operation ${index} (${each.path}): ${why}`, error);
    }
  }, structuredClone(document));
}

const refused = (what: string, cause?: unknown): ToolFailure =>
  new ToolFailure('RUNTIME_CONFIG', what, { cause });

const path = v.pipe(v.string(), v.regex(/^(\/[^/:]+)+$/, 'path must be /a/b, without modifiers'));
const operation = v.variant('type', [
  v.strictObject({ type: v.literal('replace'), path, value: v.unknown() }),
  v.strictObject({ type: v.literal('remove'), path }),
]);
type Operation = v.InferOutput<typeof operation>;

type Step =
  | { readonly kind: 'key'; readonly key: string; readonly optional: boolean }
  | {
      readonly kind: 'match';
      readonly key: string;
      readonly value: string;
      readonly optional: boolean;
    }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'end' };

function yaml(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw refused(`${name}: not valid YAML`, error);
  }
}

function stepsOf(text: string): readonly Step[] {
  let optional = false;
  return text
    .slice(1)
    .split('/')
    .map((part): Step => {
      const plain = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (plain === '-') return { kind: 'end' };
      if (/^-?\d+$/.test(plain)) return { kind: 'index', index: Number(plain) };
      optional ||= plain.endsWith('?');
      const [, key = '', value] = /^([^=]*?)(?:=(.*?))?\??$/s.exec(plain) ?? [];
      return value === undefined
        ? { kind: 'key', key, optional }
        : { kind: 'match', key, value, optional };
    });
}

/** The position of a step: how its value is read, set and removed. */
interface Place {
  readonly exists: boolean;
  get(): unknown;
  set(value: unknown): void;
  remove(): void;
}

function applied(document: unknown, change: Operation): unknown {
  const steps = stepsOf(change.path);
  const last = steps.length - 1;
  let here = document;
  for (const [index, step] of steps.entries()) {
    const place = placeOf(here, step);
    if (step.kind === 'end' && (change.type === 'remove' || index < last))
      throw new Error('- stands for the end of a list, which has no value');
    if (!place.exists && change.type === 'remove') return document;
    if (index === last) {
      if (change.type === 'remove') place.remove();
      else place.set(structuredClone(change.value));
    } else {
      if (!place.exists) place.set(emptyFor(step, steps[index + 1]));
      here = place.get();
    }
  }
  return document;
}

/** The new value for a missing step: a list item contains the key that finds it. */
function emptyFor(step: Step, next: Step | undefined): unknown {
  if (step.kind === 'match') return { [step.key]: step.value };
  return next?.kind === 'key' ? {} : [];
}

function placeOf(here: unknown, step: Step): Place {
  if (step.kind === 'key') {
    if (!isMap(here)) throw new Error(`no map at ${step.key}`);
    const { key } = step;
    const exists = Object.hasOwn(here, key);
    if (!exists && !step.optional)
      throw new Error(`no key ${key} among ${Object.keys(here).join(', ')}`);
    return {
      exists,
      get: () => here[key],
      set: (value) => void (here[key] = value),
      remove: () => void delete here[key],
    };
  }
  if (!Array.isArray(here)) throw new Error(`no list at ${JSON.stringify(step)}`);
  const index = indexOf(here, step);
  return {
    exists: index < here.length,
    get: () => here[index] as unknown,
    set: (value) => void (here[index] = value),
    remove: () => void here.splice(index, 1),
  };
}

/** The length of the list if the step is its end. */
function indexOf(list: readonly unknown[], step: Exclude<Step, { kind: 'key' }>): number {
  if (step.kind === 'end') return list.length;
  if (step.kind === 'index') {
    const index = step.index < 0 ? list.length + step.index : step.index;
    if (index < 0 || index >= list.length) throw new Error(`no item ${step.index}`);
    return index;
  }
  const found = list.flatMap((item, index) =>
    isMap(item) && item[step.key] === step.value ? [index] : [],
  );
  if (found.length === 0 && step.optional) return list.length;
  const [index] = found;
  if (index === undefined || found.length > 1)
    throw new Error(`${found.length} items with ${step.key}=${step.value}`);
  return index;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
