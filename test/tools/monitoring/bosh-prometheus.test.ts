import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { parse } from 'yaml';
import { applyOps } from '../../../tools/runtime-config/apply-ops.ts';
import { root } from '../../../tools/bootstrap/place.mjs';

const folder = path.join(root, 'manifests/bosh-prometheus');
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

const Spec = v.object({ name: v.string(), templates: v.record(v.string(), v.string()) });
const jobSpec = (job: string) => v.parse(Spec, parse(read(`release/jobs/${job}/spec`)));
const JOBS = ['rollcall_alerts', 'rollcall_dashboards'];

/** As far as the ops file asks for it, in the shape of the manifest of prometheus-boshrelease. */
const MONITORING = `
releases: [{name: prometheus, version: latest}]
instance_groups:
- name: prometheus
  jobs:
  - name: prometheus
    properties: {prometheus: {rule_files: [/var/vcap/jobs/prometheus_alerts/*.alerts.yml]}}
- name: grafana
  jobs:
  - name: grafana
    properties: {grafana: {prometheus: {dashboard_folders: [{name: Prometheus, files: [/x/*.json]}]}}}
`;

const Monitoring = v.object({
  releases: v.array(v.object({ name: v.string(), version: v.string() })),
  instance_groups: v.array(
    v.object({ name: v.string(), jobs: v.array(v.looseObject({ name: v.string() })) }),
  ),
});

const monitored = () =>
  v.parse(
    Monitoring,
    applyOps(parse(MONITORING), read('monitor-rollcall.yml'), 'monitor-rollcall.yml'),
  );

const RELEASE = v.parse(
  v.object({ name: v.string() }),
  parse(read('release/config/final.yml')),
).name;

describe('the files for bosh-prometheus', () => {
  it('add one release and one job to each of the two machines', () => {
    const { releases, instance_groups: groups } = monitored();
    expect(releases.at(-1)).to.deep.equal({
      name: RELEASE,
      version: '((rollcall_monitoring_version))',
    });
    expect(groups.map(({ name, jobs }) => [name, jobs.at(-1)])).to.deep.equal([
      ['prometheus', { name: 'rollcall_alerts', release: RELEASE }],
      ['grafana', { name: 'rollcall_dashboards', release: RELEASE }],
    ]);
  });

  it('keep what is there, and name files that the jobs make', () => {
    const text = JSON.stringify(monitored());
    expect(text).to.contain('/var/vcap/jobs/prometheus_alerts/*.alerts.yml');
    expect(text).to.contain('{"name":"Prometheus","files":["/x/*.json"]}');
    const paths = [...text.matchAll(/\/var\/vcap\/jobs\/(rollcall_\w+)\/([^"]+)"/g)];
    expect(paths.map(([, job]) => job)).to.have.members(JOBS);
    for (const [, job = '', pattern = ''] of paths) {
      const made = Object.values(jobSpec(job).templates);
      expect(
        made.some((file) => path.matchesGlob(file, pattern)),
        pattern,
      ).to.equal(true);
    }
  });

  for (const job of JOBS)
    it(`have all that the job ${job} names, and nothing that ERB would take for code`, () => {
      const spec = jobSpec(job);
      expect(spec.name).to.equal(job);
      expect(read(`release/jobs/${job}/monit`)).to.equal('');
      for (const template of Object.keys(spec.templates)) {
        const text = read(`release/jobs/${job}/templates/${template}`);
        expect(text).not.to.contain('<%');
        expect(parse(text)).to.be.an('object');
      }
    });
});
