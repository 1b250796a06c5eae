import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { anyText } from '../../test/any-text.ts';
import type { AgentConfig } from '../../src/model/agent-config.ts';
import { parseAgentConfig } from '../../src/parse/agent-config.ts';
import { renderJobs, type Properties } from '../../tools/release/render-job.ts';
import { rollcall } from '../../test/cli/rollcall.ts';
import { configKeys, jobProperties, propertyOf } from '../../tools/job-files/job-properties.ts';
import { rejections, schemaOfJob } from '../../tools/job-files/properties-schema.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import {
  CERTIFICATE,
  dotted,
  EVERY_PROPERTY,
  fileOf,
  jobDir,
  PRIVATE_KEY,
  renderAll,
  rendered,
  suiteNeeds,
  TLS,
} from '../rendered.ts';

const FILE = 'config/agent.json';

function read(text: string): AgentConfig {
  const parsed = parseAgentConfig(text);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

const configOf = async (properties: Properties): Promise<AgentConfig> =>
  read(await rendered('rollcall', properties, FILE));

const DEFAULTS = read('{}');

describe('config/agent.json', () => {
  suiteNeeds('ruby');

  it("spells out the agent's own default of every property", async () => {
    const text = await rendered('rollcall', {}, FILE);
    const { root: _root, status: _status, memory: _memory, ...ofProperties } = DEFAULTS;
    expect({ ...(JSON.parse(text) as object), cell: null }).to.deep.equal(ofProperties);
  });

  it('says who the cell is', async () => {
    const place = { deployment: 'cf', group: 'diego_cell', index: 0, az: 'z1', ip: '10.0.4.17' };
    const id = '6fd2b3b2-8b4d-4a0c-9f0e-5d3a1c7e9b10';
    expect((await configOf({})).cell).to.deep.equal({ ...place, id });
  });

  it('can do without what the Director does not tell', async () => {
    const specs = [
      { az: null },
      { az: '', ip: null },
      { name: 'a "b" \\ ü', index: 41, id: 7 },
      { deployment: null },
      { id: '' },
      { index: null },
      { index: -1 },
      { name: 'x'.repeat(256) },
      { deployment: 'a\nb' },
    ];
    const jobs = await renderJobs(specs.map((spec) => ({ jobDir: jobDir('rollcall'), spec })));
    const cells = jobs.map((job) => read(fileOf(job, FILE)).cell);
    expect(cells[0]).to.include({ group: 'diego_cell', az: null, ip: '10.0.4.17' });
    expect(cells[1]).to.include({ az: null, ip: null });
    expect(cells[2]).to.include({ group: 'a "b" \\ ü', index: 41, id: '7' });
    expect(cells.slice(3)).to.deep.equal([null, null, null, null, null, null]);
  });

  it('passes the agent’s own check, by default and with every property set', async function () {
    const folder = temporaryFolder();
    for (const [name, properties] of Object.entries({ defaults: {}, all: EVERY_PROPERTY })) {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, await rendered('rollcall', properties, FILE));
      const command = ['agent', '--config', path, '--check-config'];
      const { code, stdout, stderr } = await rollcall(command);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.include(path);
    }
  });

  it('brings each property to its own key', async () => {
    const changed = await configOf(EVERY_PROPERTY);
    const values = dotted({ ...changed });
    for (const { name, key } of configKeys()) {
      const [property] = propertyOf({ name, key });
      // The entries of a list have other keys; they are below.
      if (property === undefined || Array.isArray(key.default)) continue;
      expect(values[name], name).to.equal(EVERY_PROPERTY[property.name]);
      expect(values[name], name).not.to.equal(key.default);
    }
    const path = '/var/vcap/sys/log/tracee/events.json';
    const sensor = { name: 'tracee', format: 'tracee', path, graceSeconds: 60 };
    expect(changed.sensors).to.deep.equal([sensor]);
    const certs = '/var/vcap/jobs/rollcall/config/certs';
    expect(changed.metrics.tls).to.deep.equal({
      certPath: `${certs}/metrics.crt`,
      keyPath: `${certs}/metrics.key`,
      caPath: `${certs}/metrics-ca.crt`,
    });
  });

  it('takes the property of docs/sensors.md', async () => {
    const page = readFileSync(new URL('../../docs/sensors.md', import.meta.url), 'utf8');
    const [, text = ''] = /```yaml\n(sensors:[^`]*)```/.exec(page) ?? [];
    const { sensors } = await configOf(parse(text) as Properties);
    expect(sensors.map(({ name, graceSeconds }) => [name, graceSeconds])).to.deep.equal([
      ['tracee', 120],
    ]);
  });

  it('has the places of names where a property asks for them', async () => {
    const namesOf = async (properties: Properties) => (await configOf(properties)).names;
    const directory = '/var/vcap/data/rollcall/names';
    const criSocketPath = '/var/vcap/data/rollcall/cri/cri.sock';
    expect(await namesOf({ 'names.files': true })).to.deep.equal({
      directory,
      criSocketPath: null,
    });
    expect(await namesOf({ 'names.cri': true })).to.deep.equal({ directory: null, criSocketPath });
    expect(await namesOf({ 'names.files': true, 'names.cri': true })).to.deep.equal({
      directory,
      criSocketPath,
    });
  });

  it('names certificates, which are files with what the properties hold; empty without TLS', async () => {
    const jobs = await renderAll('rollcall', [EVERY_PROPERTY, {}]);
    for (const [name, pem] of [
      ['metrics.crt', CERTIFICATE],
      ['metrics.key', PRIVATE_KEY],
      ['metrics-ca.crt', CERTIFICATE],
    ] as const) {
      const texts = jobs.map((job) => fileOf(job, `config/certs/${name}`).trim());
      expect(texts).to.deep.equal([pem.trim(), '']);
    }
  });

  it('takes both ends of every range', async () => {
    const ends = jobProperties().flatMap(({ name, allowed: { minimum, maximum } }) =>
      [minimum, maximum].flatMap((end) => (end === undefined ? [] : [{ [name]: end }])),
    );
    expect(ends).not.to.be.empty;
    for (const job of await renderAll('rollcall', ends)) read(fileOf(job, FILE));
  });

  it('takes fractions, every loopback address, the longest path and all of an address', async () => {
    const ends: readonly Properties[] = [
      { 'garden.timeout_seconds': 2.5, 'reconcile.interval_seconds': 59.5 },
      { 'metrics.address': '127.8.0.1', 'metrics.prom_scraper.enabled': false },
      { 'metrics.address': '::1', 'metrics.prom_scraper.enabled': false },
      { 'garden.socket_path': `/var/vcap/data/garden/${'x'.repeat(85)}` },
      { runbook_url: 'http://wiki:8080/a%20b/runbook.md?raw=1' },
      { ...TLS, 'metrics.address': 'fd00::17', 'metrics.prom_scraper.enabled': false },
    ];
    for (const job of await renderAll('rollcall', ends)) read(fileOf(job, FILE));
  });

  it('takes sysdig’s directory, whose name begins with sys, and names the directory that it refuses', async () => {
    const sensorsAt = (path: string): Properties => ({
      sensors: [{ name: 'sysdig', format: 'falco', path }],
    });
    /** Paths below /var/vcap, and the directory that stands in the way. */
    const paths = Object.entries({
      'data/sysdig/events.json': null,
      'data/packages-audit/x': null,
      'data/gr/deeper/x': null,
      'sys/log/sys/x': null,
      'data/garden-ab/x/y': 'data/garden-ab',
      'data/sys/log/x/y': 'data/sys',
      'data/s/x': 'data/sys',
      'sys/log/rollcall-report/x': 'sys/log/rollcall-report',
    }).map(([below, directory]) => [`/var/vcap/${below}`, directory] as const);
    const jobs = await renderAll(
      'rollcall',
      paths.map(([path]) => sensorsAt(path)),
    );
    for (const [at, job] of jobs.entries()) {
      const [path, directory] = paths[at] ?? ['', null];
      if (directory === null) expect(read(fileOf(job, FILE)).sensors[0]?.path).to.equal(path);
      else
        expect(job.ok ? '' : job.errors.join()).to.contain(
          `path must not make bpm mount /var/vcap/${directory} or a part of it, not "${path}"`,
        );
    }
  });

  it('never holds what the agent or the schema refuses, whatever the properties are', async () => {
    const text = fc.oneof(
      fc.constantFrom(
        '',
        '/',
        '::1',
        '::',
        '127.0.0.1',
        '::ffff:127.0.0.1',
        '10.0.0.0',
        'debug',
        '1',
      ),
      fc.string({ maxLength: 12 }),
      fc.ipV4(),
      fc.ipV6(),
      anyText({ maxLength: 120 }).map((tail) => `/var/vcap/data/rollcall/${tail}`),
      anyText({ maxLength: 120 }).map((tail) => `/var/vcap/data/garden/${tail}`),
    );
    const number = fc.oneof(fc.integer(), fc.double(), fc.nat(100_000));
    const value = fc.oneof(text, number, fc.boolean(), fc.constant(null));
    const name = fc.constantFrom(
      ...Object.keys(EVERY_PROPERTY).filter((each) => !each.includes('.tls.')),
    );
    const change = fc.dictionary(name, value, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
    const sets = fc
      .sample(fc.tuple(change, fc.boolean()), { numRuns: 300, seed: 20 })
      .map(([changed, tls]) => ({
        ...(tls ? TLS : {}),
        'metrics.prom_scraper.enabled': false,
        ...changed,
      }));
    const accepted = (await renderAll('rollcall', sets)).filter((job) => job.ok);
    // Else nothing was tested.
    expect(accepted.length).to.be.greaterThan(20);
    const schema = schemaOfJob('rollcall');
    for (const job of accepted) {
      read(fileOf(job, FILE));
      expect(rejections(schema, job.properties)).to.deep.equal([]);
    }
  });
});
