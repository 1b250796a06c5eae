import { expect } from 'chai';
import { rejections, schemaOfJob } from '../tools/job-files/properties-schema.ts';
import type { Properties } from '../tools/release/render-job.ts';
import { declaredBy, JOBS, needs, renderAll, TLS, type JobName } from './rendered.ts';
import { EVERY_PROPERTY } from './rollcall/every-property.ts';
import { WRONG_VALUES } from './wrong-values.ts';

const REPORT: Properties = { format: 'json', fail_on_untracked: true, 'status.socket_path': '/s' };
const RIGHT: Readonly<Record<JobName, readonly Properties[]>> = {
  rollcall: [{}, TLS, EVERY_PROPERTY],
  'rollcall-report': [{}, REPORT],
};

/** A Director validates the properties with the defaults of the spec, and null for what is not set. */
async function bound(
  job: JobName,
  sets: readonly Properties[],
): Promise<readonly (Properties | null)[]> {
  return (await renderAll(job, sets)).map(({ properties }) => properties);
}

it('the errand asks the socket that the agent has by default', () => {
  const name = 'status.socket_path';
  const [agent, errand] = JOBS.map((job) => declaredBy(job)[name]?.default);
  expect(errand).to.equal(agent).and.to.be.a('string');
});

/** The value of a key; undefined if there is no such key. */
const below = (value: unknown, key: string): unknown =>
  (value as Readonly<Record<string, unknown>> | undefined)?.[key];

/** release:check compares the spec with the templates. */
for (const job of JOBS)
  describe(`properties of ${job}`, () => {
    const schema = schemaOfJob(job);

    before(function () {
      needs(this, 'ruby');
    });

    it('have the same default in the schema and in the spec', () => {
      for (const [name, property] of Object.entries(declaredBy(job))) {
        const place = name.split('.').flatMap((part) => ['properties', part]);
        const own = place.reduce<unknown>(below, schema.schema);
        expect(own, name).to.be.an('object');
        expect(below(own, 'default') ?? null, name).to.deep.equal(property.default ?? null);
      }
    });

    it('have examples that can be rendered, and pass the schema', async () => {
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
      expect(rejections(schema, answer?.properties)).to.deep.equal([]);
    });

    it('pass the schema: defaults, TLS, every one set', async () => {
      for (const properties of await bound(job, RIGHT[job]))
        expect(rejections(schema, properties)).to.deep.equal([]);
    });

    it('that are wrong fail the schema, where a schema can tell', async () => {
      const wrong = WRONG_VALUES.filter((each) => each.job === job && each.bySchema);
      expect(wrong).not.to.be.empty;
      const sets = await bound(
        job,
        wrong.map(({ properties }) => properties),
      );
      for (const [index, { property, properties }] of wrong.entries()) {
        const rejected = rejections(schema, sets[index]).map((each) => each.property);
        expect(rejected.join(), JSON.stringify(properties)).to.include(property);
      }
    });

    it('that no job declares fail the schema', () => {
      expect(rejections(schema, { nobody: { knows: 1 } })).not.to.be.empty;
    });
  });
