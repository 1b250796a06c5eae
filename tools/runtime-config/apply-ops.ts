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
      return applied(changed, each.path.slice(1).split('/'), each);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw refused(`${name}: operation ${index} (${each.path}): ${why}`, error);
    }
  }, document);
}

const refused = (what: string, cause?: unknown): ToolFailure =>
  new ToolFailure('RUNTIME_CONFIG', what, { cause });

const path = v.pipe(v.string(), v.regex(/^(\/[^/:]+)+$/, 'path must be /a/b, without modifiers'));
const operation = v.variant('type', [
  v.strictObject({ type: v.literal('replace'), path, value: v.unknown() }),
  v.strictObject({ type: v.literal('remove'), path }),
]);
type Operation = v.InferOutput<typeof operation>;

function yaml(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw refused(`${name}: not valid YAML`, error);
  }
}

/** @param here what the operation's path begins at; it stays unchanged */
function applied(
  here: unknown,
  [step = '', ...rest]: readonly string[],
  change: Operation,
  isAfterOptional = false,
): unknown {
  const isOptional = isAfterOptional || step.endsWith('?');
  const key = step.replace(/\?$/, '').replaceAll('~1', '/').replaceAll('~0', '~');
  if (key === '-' && (change.type === 'remove' || rest.length > 0))
    throw new Error('- stands for the end of a list, which has no value');
  const [, matched, value] = /^([^=]+)=(.*)$/.exec(key) ?? [];
  const valueAt = (old: unknown): unknown => {
    if (rest.length === 0) return change.type === 'replace' ? change.value : undefined;
    const fresh = isListStep(rest[0] ?? '') ? [] : {};
    const made = matched === undefined ? fresh : { [matched]: value };
    return applied(old === undefined ? made : old, rest, change, isOptional);
  };
  const isRemoved = change.type === 'remove' && rest.length === 0;
  if (isListStep(step)) {
    if (!Array.isArray(here)) throw new Error(`no list at ${key}`);
    const list: readonly unknown[] = here;
    const index = indexIn(list, key, isOptional);
    if (index === list.length && change.type === 'remove') return list;
    return list.toSpliced(index, 1, ...(isRemoved ? [] : [valueAt(list[index])]));
  }
  if (!isMap(here)) throw new Error(`no map at ${key}`);
  const { [key]: old, ...others } = here;
  if (!Object.hasOwn(here, key) && !isOptional)
    throw new Error(`no key ${key} among ${Object.keys(here).join(', ')}`);
  if (isRemoved || (change.type === 'remove' && old === undefined)) return others;
  return { ...here, [key]: valueAt(old) };
}

const isListStep = (step: string): boolean => step === '-' || /^-?\d+$|=/.test(step);

/** The length of the list if the step is its end, or an item that may be missing. */
function indexIn(list: readonly unknown[], step: string, isOptional: boolean): number {
  if (step === '-') return list.length;
  const [, key = '', value] = /^([^=]+)=(.*)$/.exec(step) ?? [];
  const wanted = Number(step) < 0 ? list.length + Number(step) : Number(step);
  const isFound = (item: unknown, at: number): boolean =>
    value === undefined ? at === wanted : isMap(item) && item[key] === value;
  const found = list.flatMap((item, at) => (isFound(item, at) ? [at] : []));
  if (found.length === 0 && isOptional && value !== undefined) return list.length;
  const [index] = found;
  if (index === undefined || found.length > 1) throw new Error(`${found.length} items at ${step}`);
  return index;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
