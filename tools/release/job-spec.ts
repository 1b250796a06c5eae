import * as v from 'valibot';
import { parseYamlFile, type YamlFile } from './yaml-file.ts';

const PropertySchema = v.strictObject({
  description: v.optional(v.string()),
  default: v.optional(v.unknown()),
  example: v.optional(v.unknown()),
});

const LinkSchema = v.looseObject({ name: v.string(), type: v.string() });

/** The keys of bosh.io/docs/jobs; of any other one bosh and the Director say nothing. */
const JobSpecSchema = v.strictObject({
  name: v.string(),
  description: v.optional(v.string()),
  packages: v.nullish(v.array(v.string()), []),
  templates: v.nullish(v.record(v.string(), v.string()), {}),
  properties: v.nullish(v.record(v.string(), PropertySchema), {}),
  consumes: v.optional(v.array(LinkSchema)),
  provides: v.optional(v.array(LinkSchema)),
  logs: v.optional(v.record(v.string(), v.unknown())),
});

export type JobProperty = Readonly<v.InferOutput<typeof PropertySchema>>;
/** jobs/NAME/spec: templates go from the file below templates/ to the place on the instance. */
export type JobSpec = Readonly<v.InferOutput<typeof JobSpecSchema>>;

export const parseJobSpec = (file: string, text: string): YamlFile<JobSpec> =>
  parseYamlFile(file, text, JobSpecSchema);

/** To the Director a default of nil is none. */
export const hasDefault = (property: JobProperty): boolean =>
  property.default !== undefined && property.default !== null;
