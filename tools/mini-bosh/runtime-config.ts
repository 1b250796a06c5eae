import * as v from 'valibot';
import { parse } from 'yaml';
import type { Properties } from '../bosh/render-job.ts';

const runtimeConfig = v.object({
  addons: v.array(
    v.object({
      jobs: v.array(
        v.object({
          name: v.string(),
          properties: v.optional(v.record(v.string(), v.unknown()), {}),
        }),
      ),
    }),
  ),
});

/** The properties that the text of a runtime config gives to a job; none if it does not name the job. */
export function propertiesOf(runtimeConfigText: string, job: string): Properties {
  const value: unknown = parse(runtimeConfigText);
  const { addons } = v.parse(runtimeConfig, value);
  return addons.flatMap(({ jobs }) => jobs).find(({ name }) => name === job)?.properties ?? {};
}
