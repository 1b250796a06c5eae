import { expect } from 'chai';
import { renderJobs, type RenderedJob } from '../tools/release/render-job.ts';
import { nested } from '../tools/job-files/properties-schema.ts';
import { dotted, jobDir, JOBS, needs } from './rendered.ts';
import { WRONG_VALUES, type WrongValue } from './wrong-values.ts';

const title = ({ job, properties }: WrongValue): string =>
  `${job}: ${JSON.stringify(properties)
    .replaceAll(/-----BEGIN ([A-Z ]+)[^"]*/g, '$1')
    .slice(0, 150)}`;

/** A deploy must stop in the Director, and say which property is wrong, before any cell is touched. */
describe('a wrong value is refused by a template, with the name of its property', () => {
  const answers = new Map<WrongValue, RenderedJob>();
  const declared = new Set<string>();

  before(async function () {
    needs(this, 'ruby');
    const defaults = await renderJobs(JOBS.map((job) => ({ jobDir: jobDir(job) })));
    for (const job of defaults)
      for (const name of Object.keys(dotted(job.properties ?? {}))) declared.add(name);
    const jobs = await renderJobs(
      WRONG_VALUES.map(({ job, properties }) => ({
        jobDir: jobDir(job),
        properties: nested(properties),
      })),
    );
    for (const [index, answer] of jobs.entries()) {
      const wrong = WRONG_VALUES[index];
      if (wrong !== undefined) answers.set(wrong, answer);
    }
  });

  for (const wrong of WRONG_VALUES)
    it(title(wrong), () => {
      const answer = answers.get(wrong);
      const errors = answer?.ok === false ? answer.errors : [];
      expect(errors.join('\n')).to.include(wrong.property);
      // Each is a sentence of ours about a property, not what Ruby says of a value that it did not expect.
      for (const error of errors) {
        const [, subject] =
          /^Error filling in template '[\w.-]+\.erb' \(line \d+: (\S+) /.exec(error) ?? [];
        expect(declared, error).to.include(subject);
      }
    });

  it('of every property', () => {
    const tested = new Set(WRONG_VALUES.map(({ property }) => property));
    expect([...declared].filter((name) => !tested.has(name))).to.deep.equal([]);
  });
});
