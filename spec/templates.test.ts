import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseJobSpec } from '../tools/release/spec-files.ts';
import { jobDir, JOBS, type JobName } from './rendered.ts';

/** bosh packs a template that goes to the place of another one, out of its job, or nowhere. */
const PLACES: Readonly<Record<JobName, readonly string[]>> = {
  rollcall: [
    'bin/bpm-pre-start',
    'bin/post-start',
    'bin/pre-start',
    'bin/rollcall',
    'config/agent.json',
    'config/bpm.yml',
    'config/certs/metrics-ca.crt',
    'config/certs/metrics.crt',
    'config/certs/metrics.key',
    'config/prom_scraper_config.yml',
  ],
  'rollcall-report': ['bin/run'],
};

for (const job of JOBS)
  describe(`the templates of ${job}`, () => {
    const spec = readFileSync(join(jobDir(job), 'spec'), 'utf8');
    const { templates } = parseJobSpec(`jobs/${job}/spec`, spec);

    it('go to the files that the job has on a cell', () => {
      expect(Object.values(templates).toSorted()).to.deep.equal(PLACES[job]);
    });

    it('are all the files in templates/: another one would not be packed', () => {
      const files = readdirSync(join(jobDir(job), 'templates'));
      expect(Object.keys(templates).toSorted()).to.deep.equal(files.toSorted());
    });
  });
