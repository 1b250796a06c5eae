import { expect } from 'chai';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Properties } from '../../tools/release/render-job.ts';
import { fileOf, renderAll, rendered, suiteNeeds, TLS } from '../rendered.ts';

const FILE = 'config/prom_scraper_config.yml';

const text = (properties: Properties): Promise<string> => rendered('rollcall', properties, FILE);
const texts = async (sets: readonly Properties[]): Promise<readonly string[]> =>
  (await renderAll('rollcall', sets)).map((job) => fileOf(job, FILE));

/** prom_scraper stops for what breaks one of these rules, or drops what it scraped. */
const target = v.strictObject({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  source_id: v.pipe(v.string(), v.minLength(1), v.maxLength(48)),
  instance_id: v.pipe(v.string(), v.minLength(1)),
  scheme: v.literal('http'),
  path: v.literal('/metrics'),
  // A Go duration above 0.
  scrape_interval: v.pipe(v.string(), v.regex(/^(?=.*[1-9])(\d+(h|m|s))+$/)),
  labels: v.record(v.pipe(v.string(), v.regex(/^[a-z_]+$/), v.maxLength(31)), v.string()),
});
const tlsTarget = v.strictObject({
  ...target.entries,
  scheme: v.literal('https'),
  server_name: v.pipe(v.string(), v.minLength(1)),
});

describe('config/prom_scraper_config.yml', () => {
  suiteNeeds('ruby');

  it('names the target of plain http', async () => {
    expect(v.parse(target, parse(await text({})))).to.deep.equal({
      port: 9477,
      source_id: 'rollcall',
      instance_id: '6fd2b3b2-8b4d-4a0c-9f0e-5d3a1c7e9b10',
      scheme: 'http',
      path: '/metrics',
      scrape_interval: '15s',
      labels: { origin: 'rollcall' },
    });
  });

  it('names the target of https with its server_name', async () => {
    const config = v.parse(tlsTarget, parse(await text(TLS)));
    expect(config).to.include({ scheme: 'https', server_name: 'rollcall' });
  });

  it('keeps texts that YAML would read as something else', async () => {
    const names = ['on', 'a: b', '*', "'", '10.0.0.1'];
    const made = await texts(names.map((name) => ({ ...TLS, 'metrics.tls.server_name': name })));
    expect(made.map((one) => v.parse(tlsTarget, parse(one)).server_name)).to.deep.equal(names);
  });

  it('takes the port and every kind of interval', async () => {
    const intervals = ['1s', '90s', '120s', '1m', '1m5s', '1m30s', '2m'];
    const made = await texts(
      intervals.map((one) => ({
        'metrics.port': 18_000,
        'metrics.prom_scraper.scrape_interval': one,
      })),
    );
    for (const [at, scrape_interval] of intervals.entries())
      expect(v.parse(target, parse(made[at] ?? ''))).to.include({ port: 18_000, scrape_interval });
  });

  it('is empty when it is switched off, which prom_scraper skips', async () => {
    const off = { 'metrics.prom_scraper.enabled': false };
    expect(await text(off)).to.equal('');
    expect(await text({ ...off, ...TLS, 'metrics.address': '10.0.4.17' })).to.equal('');
  });

  it('cannot ask for https without a server_name: prom_scraper would end, and the cell lose all its metrics', async () => {
    const sets = Object.entries(TLS).reduce<readonly Properties[]>(
      (all, [name, value]) =>
        all.flatMap((set) => [null, ' ', value].map((one) => ({ ...set, [name]: one }))),
      [{}],
    );
    const jobs = await renderAll('rollcall', sets);
    const files = jobs.flatMap((job) => (job.ok ? [job.files.get(FILE) ?? ''] : []));
    for (const file of files) v.parse(v.union([target, tlsTarget]), parse(file));
    expect(new Set(files.map((file) => (parse(file) as { scheme: string }).scheme))).to.have.keys(
      'http',
      'https',
    );
  });
});
