import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Properties } from '../tools/release/render-job.ts';
import { dotted, jobDir, JOBS, needs, nested, renderAll, TLS, type JobName } from './rendered.ts';
import { EVERY_PROPERTY } from './rollcall/every-property.ts';
import { WRONG_VALUES } from './wrong-values.ts';

const REPORT: Properties = { format: 'json', fail_on_untracked: true, 'status.socket_path': '/s' };
const RIGHT: Readonly<Record<JobName, readonly Properties[]>> = {
  rollcall: [{}, TLS, EVERY_PROPERTY],
  'rollcall-report': [{}, REPORT],
};

const propertiesOfSpec = v.object({
  properties: v.record(
    v.string(),
    // No `default` where there is no safe one; `example` always.
    v.strictObject({
      description: v.pipe(v.string(), v.minLength(10)),
      default: v.optional(v.unknown()),
      example: v.unknown(),
    }),
  ),
});

const read = (job: JobName, file: string): string => readFileSync(join(jobDir(job), file), 'utf8');

const declaredBy = (job: JobName) => v.parse(propertiesOfSpec, parse(read(job, 'spec'))).properties;

/** As a Director compiles it, and stricter: a keyword that the draft does not know is an error. */
function compiled(job: JobName): ValidateFunction {
  const schema = v.parse(
    v.looseObject({ $schema: v.literal('https://json-schema.org/draft/2020-12/schema') }),
    JSON.parse(read(job, 'properties_schema.json')),
  );
  return new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
}

/** A Director validates the properties with the defaults of the spec, and null for what is not set. */
async function bound(
  job: JobName,
  sets: readonly Properties[],
): Promise<readonly (Properties | null)[]> {
  return (await renderAll(job, sets)).map(({ properties }) => properties);
}

/** That each is described, asked by a template and known to the schema, release:check says. */
for (const job of JOBS)
  describe(`properties of ${job}`, () => {
    before(function () {
      needs(this, 'ruby');
    });

    it('have examples that can be rendered and that the schema takes', async () => {
      const examples = Object.entries(declaredBy(job)).map(([name, { example }]) => [
        name,
        example,
      ]);
      // In the examples of certificates stand the names of variables, which a Director has exchanged by then.
      const set = {
        ...(Object.fromEntries(examples) as Properties),
        ...(job === 'rollcall' ? TLS : {}),
      };
      const [answer] = await renderAll(job, [set]);
      expect(answer?.ok === false ? answer.errors : []).to.deep.equal([]);
      expect(compiled(job)(answer?.properties)).to.equal(true);
    });

    it('pass the schema: defaults, TLS, every one set', async () => {
      const validate = compiled(job);
      for (const properties of await bound(job, RIGHT[job])) {
        validate(properties);
        expect(validate.errors).to.equal(null);
      }
    });

    it('have the defaults that the schema says', () => {
      const defaults = Object.entries(declaredBy(job)).map(([name, each]) => [name, each.default]);
      const inSchema = dotted(
        defaultsIn(JSON.parse(read(job, 'properties_schema.json')) as Schema),
      );
      expect(inSchema).to.deep.equal(
        Object.fromEntries(defaults.filter(([, value]) => value !== undefined)),
      );
    });

    it('that are wrong fail the schema, where a schema can tell', async () => {
      const wrong = WRONG_VALUES.filter((each) => each.job === job && each.bySchema);
      expect(wrong).not.to.be.empty;
      const validate = compiled(job);
      const sets = await bound(
        job,
        wrong.map(({ properties }) => properties),
      );
      for (const [index, { property, properties }] of wrong.entries()) {
        expect(validate(sets[index]), JSON.stringify(properties)).to.equal(false);
        const places = validate.errors?.map(({ instancePath }) => instancePath) ?? [];
        expect(places.join(), property).to.include(property.replaceAll('.', '/'));
      }
    });

    it('that no job declares fail the schema', () => {
      expect(compiled(job)(nested({ 'nobody.knows': 1 }))).to.equal(false);
    });
  });

interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const defaultsIn = ({ properties = {} }: Schema): Properties =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, each]) => {
      if (each.properties !== undefined) return [[name, defaultsIn(each)] as const];
      return each.default === undefined ? [] : [[name, each.default] as const];
    }),
  );
