import * as v from 'valibot';
import { parseDocument } from 'yaml';
import type { ReleaseFinding } from './finding.ts';

export type YamlFile<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'unusable'; readonly findings: readonly ReleaseFinding[] };

/** Reads YAML as bosh and the Director do, and checks its shape. Unlike both of them it takes a key that stands twice for an error. */
export function parseYamlFile<T>(
  file: string,
  text: string,
  schema: v.GenericSchema<unknown, T>,
): YamlFile<T> {
  // 1.1 is what the YAML libraries of Go and Ruby speak: `yes` is a boolean there, and 0640 is 416.
  const document = parseDocument(text, { version: '1.1' });
  const noYaml = ({ message }: Error): YamlFile<never> =>
    unusable(file, [`is no YAML (${message.split('\n')[0] ?? ''})`]);
  const [error] = document.errors;
  if (error !== undefined) return noYaml(error);
  let content: unknown;
  try {
    // Aliases in aliases could make a small file endless.
    content = document.toJS({ maxAliasCount: 100 });
  } catch (unresolved) {
    // Of an alias without its anchor, as in `- **/*` without quotes, it is told only here.
    if (unresolved instanceof ReferenceError) return noYaml(unresolved);
    throw unresolved;
  }
  const result = v.safeParse(schema, content);
  return result.success
    ? { kind: 'read', value: result.output }
    : unusable(file, result.issues.map(issueText));
}

function unusable(file: string, whats: readonly string[]): YamlFile<never> {
  const todo = 'correct it';
  return { kind: 'unusable', findings: whats.map((what) => ({ file, what, todo })) };
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the file';
  if (issue.expected === 'never') return `unknown key ${place}`;
  if (issue.received === 'undefined') return `${place} is missing`;
  return `${place} must be ${issue.expected ?? 'otherwise'}, not ${issue.received}`;
}
