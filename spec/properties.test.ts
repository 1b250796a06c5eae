import { expect } from 'chai';
import { rejections, schemaOfJob } from '../tools/job-files/properties-schema.ts';
import {
  renderJob,
  renderJobs,
  type Properties,
  type RenderedJob,
} from '../tools/release/render-job.ts';
import { jobProperties } from '../tools/job-files/job-properties.ts';
import {
  declaredBy,
  EVERY_PROPERTY,
  examplesOf,
  jobDir,
  type JobName,
  JOBS,
  needs,
  pem,
  renderAll,
  request,
  suiteNeeds,
  TLS,
} from './rendered.ts';
import { WRONG_VALUES, type WrongValue } from './wrong-values.ts';

const RIGHT: Readonly<Record<JobName, readonly Properties[]>> = {
  rollcall: [{}, TLS, EVERY_PROPERTY],
  'rollcall-report': [{}, examplesOf('rollcall-report')],
};
const SCHEMAS = {
  rollcall: schemaOfJob('rollcall'),
  'rollcall-report': schemaOfJob('rollcall-report'),
};

/** The value of a key; undefined if there is no such key. */
const below = (value: unknown, key: string): unknown =>
  (value as Readonly<Record<string, unknown>> | undefined)?.[key];

for (const job of JOBS)
  describe(`properties of ${job}`, () => {
    const schema = SCHEMAS[job];
    const declared = Object.entries(declaredBy(job));

    suiteNeeds('ruby');

    it('have the same default in the schema and in the spec', () => {
      for (const [name, property] of declared) {
        const place = name.split('.').flatMap((part) => ['properties', part]);
        const own = place.reduce<unknown>(below, schema.schema);
        expect(own, name).to.be.an('object');
        expect(below(own, 'default') ?? null, name).to.deep.equal(property.default ?? null);
      }
    });

    it('can be rendered, and pass the schema: defaults, TLS, examples', async () => {
      for (const answer of await renderAll(job, RIGHT[job])) {
        expect(answer.ok ? [] : answer.errors).to.deep.equal([]);
        // A Director validates the properties with the defaults of the spec, and null for what is
        // not set.
        expect(rejections(schema, answer.properties)).to.deep.equal([]);
      }
    });

    it('that no job declares fail the schema', () => {
      expect(rejections(schema, { nobody: { knows: 1 } })).not.to.be.empty;
    });
  });

const title = ({ job, properties }: WrongValue): string =>
  `${job}: ${JSON.stringify(properties)
    .replaceAll(/-----BEGIN ([A-Z ]+)[^"]*/g, '$1')
    .slice(0, 150)}`;

/**
 * A deploy must stop in the Director, and say which property is wrong, before any cell is touched.
 */
describe('A template names the property, and the schema refuses it where it can tell, if a value is wrong', () => {
  const declared = new Set(JOBS.flatMap((job) => Object.keys(declaredBy(job))));
  let answers: readonly RenderedJob[] = [];

  before(async function () {
    needs(this, 'ruby');
    answers = await renderJobs(WRONG_VALUES.map(({ job, properties }) => request(job, properties)));
  });

  for (const [index, wrong] of WRONG_VALUES.entries())
    it(title(wrong), () => {
      const answer = answers[index];
      const errors = answer?.ok === false ? answer.errors : [];
      expect(errors.join('\n')).to.include(wrong.property);
      // Each is a sentence of ours about a property, not what Ruby says of a value that it did not
      // expect.
      for (const error of errors) {
        const [, subject] =
          /^Error filling in template '[\w.-]+\.erb' \(line \d+: (\S+) /.exec(error) ?? [];
        expect(declared, error).to.include(subject);
      }
      if (!wrong.bySchema) return;
      const rejected = rejections(SCHEMAS[wrong.job], answer?.properties);
      expect(rejected.map(({ property }) => property).join()).to.include(wrong.property);
    });

  it('also where YAML has .nan for a number', async function () {
    needs(this, 'ruby');
    const numbers = jobProperties().filter(({ allowed }) => allowed.type === 'number');
    expect(numbers).to.have.length(3);
    for (const { name: property } of numbers) {
      const [section = '', name = ''] = property.split('.');
      const manifest = `${section}: {${name}: .nan}`;
      const answer = await renderJob({ jobDir: jobDir('rollcall'), manifest });
      expect(answer.ok ? [] : answer.errors.join(), manifest).to.match(
        new RegExp(`: ${property} must be a number of seconds from \\d+ to \\d+, not NaN\\)$`),
      );
    }
  });

  it('and the template does not print the value, which may be a private key', async function () {
    needs(this, 'ruby');
    const properties = { ...TLS, 'metrics.tls.key': pem('ENCRYPTED PRIVATE KEY') };
    const answer = await renderJob(request('rollcall', properties));
    expect(answer.ok ? [] : answer.errors.map((error) => error.replace(/\d+/, 'N'))).to.deep.equal([
      "Error filling in template 'agent.json.erb' (line N: " +
        'metrics.tls.key must be a whole PEM text, from BEGIN to END PRIVATE KEY, ' +
        'without a password (of a certificate variable, take .private_key))',
    ]);
  });

  it('which is tested for every property', () => {
    const tested = new Set(WRONG_VALUES.map(({ property }) => property));
    expect([...declared].filter((name) => !tested.has(name))).to.deep.equal([]);
  });
});
