import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { oneLine } from '../../src/model/text.ts';
import { ToolFailure } from '../failure.ts';

/** Operators read descriptions and examples; `bosh create-release` needs neither. */
const PropertySchema = v.strictObject({
  description: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  default: v.optional(v.unknown()),
  example: v.unknown(),
});

/** The keys of bosh.io/docs/jobs; bosh and the Director ignore all others. */
const JobSpecSchema = v.strictObject({
  name: v.string(),
  description: v.optional(v.string()),
  packages: v.nullish(v.array(v.string()), []),
  templates: v.nullish(v.record(v.string(), v.string()), {}),
  properties: v.nullish(v.record(v.string(), PropertySchema), {}),
  consumes: v.optional(v.array(v.unknown())),
  provides: v.optional(v.array(v.unknown())),
  logs: v.optional(v.record(v.string(), v.unknown())),
});

const PackageSpecSchema = v.strictObject({
  name: v.string(),
  dependencies: v.nullish(v.array(v.string()), []),
  files: v.nullish(v.array(v.string()), []),
  excluded_files: v.nullish(v.array(v.string()), []),
  no_compression: v.optional(v.boolean()),
});

/** jobs/NAME/spec: templates map a file below templates/ to its destination on the instance. */
export type JobSpec = Readonly<v.InferOutput<typeof JobSpecSchema>>;
/** packages/NAME/spec: `files` are globs below src/ and blobs/. */
export type PackageSpec = Readonly<v.InferOutput<typeof PackageSpecSchema>>;

export const parseJobSpec = (file: string, text: string): JobSpec =>
  parseYamlFile(file, text, JobSpecSchema);

export const parsePackageSpec = (file: string, text: string): PackageSpec =>
  parseYamlFile(file, text, PackageSpecSchema);

/** For people: one line without control characters, because it contains file names and texts of specs. */
export const releaseFailure = (file: string, what: string): ToolFailure =>
  new ToolFailure('RELEASE_INVALID', oneLine(`${file}: ${what}`, 1000));

/**
 * Reads YAML as bosh and the Director do, checks its structure, and rejects duplicate keys.
 * @throws ToolFailure RELEASE_INVALID
 */
export function parseYamlFile<T>(
  file: string,
  text: string,
  schema: v.GenericSchema<unknown, T>,
): T {
  const noYaml = ({ message }: Error): ToolFailure =>
    releaseFailure(file, `is not valid YAML (${message.split('\n')[0] ?? ''}): correct it`);
  // The YAML libraries of Go and Ruby use version 1.1: `yes` is a boolean there, and 0640 is 416.
  const document = parseDocument(text, { version: '1.1' });
  const [error] = document.errors;
  if (error !== undefined) throw noYaml(error);
  let content: unknown;
  try {
    // Nested aliases could expand a small file without limit.
    content = document.toJS({ maxAliasCount: 100 });
  } catch (unresolved) {
    // An alias without an anchor, such as `- **/*` without quotes, fails only here.
    throw unresolved instanceof ReferenceError ? noYaml(unresolved) : unresolved;
  }
  const result = v.safeParse(schema, content);
  if (result.success) return result.output;
  throw releaseFailure(file, `${result.issues.map(issueText).join(', ')}: correct it`);
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the file';
  if (issue.expected === 'never') return `unknown key ${place}`;
  if (issue.received === 'undefined') return `${place} is missing`;
  return `${place} must be ${issue.expected ?? 'otherwise'}, not ${issue.received}`;
}
