import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { recordings } from '../../recordings.ts';
import { linksOf } from './foundation.ts';
import { oldestRead, queried, type Series, type Told } from './log-cache.ts';

const ID = '5b1c0f4e-7f6a-4f07-9a10-6a4a4a111111';
const TAGS = {
  deployment: 'cf-1234',
  index: ID,
  instance_id: ID,
  ip: '10.0.4.12',
  job: 'diego_cell',
  origin: 'cell-sentry',
  source_id: 'cell-sentry',
};
const series = (name: string, value: string, labels = {}, age = 0): Series => ({
  name: `cell_sentry_${name}`,
  value,
  age,
  labels: { ...TAGS, ...labels },
});
const SERIES = [
  series('containers', '41', { state: 'known' }),
  series('containers', '2', { state: 'orphan' }),
  series('nan', 'NaN'),
  series('inf', '+Inf'),
  series('info', '1', {
    version: '0.1.0-alpha',
    garden: '1.2',
    quote: 'a"b]c\\d',
    empty: '',
    uni: 'é',
  }),
  series('untyped', '7'),
];

/** The answer in a recording: its last lines are the body, an empty one and the status. */
function recorded(context: Mocha.Context, name: string): Told {
  const file = path.join(recordings(context), 'log-cache', name);
  const lines = readFileSync(file, 'utf8').split('\n');
  const [, status = ''] = /^HTTP (\d+)$/m.exec(lines.join('\n')) ?? [];
  const body = lines.filter((line) => /^\{|^404/.test(line)).join('\n');
  return { status: Number(status), body };
}

const WHOLE: readonly (readonly [string, string, number])[] = [
  ['q-vector.txt', 'cell_sentry_containers{source_id="cell-sentry"}', 1795560644],
  ['q-nan.txt', 'cell_sentry_nan{source_id="cell-sentry"}', 1795560644],
  ['q-inf.txt', 'cell_sentry_inf{source_id="cell-sentry"}', 1795560644],
  ['q-info.txt', 'cell_sentry_info{source_id="cell-sentry"}', 1795560645],
  [
    'q-maxovertime.txt',
    'max_over_time(cell_sentry_untyped{source_id="cell-sentry"}[15m])',
    1795560645,
  ],
  ['q-empty.txt', 'nothing_here{source_id="cell-sentry"}', 1795560645],
  ['q-no-source.txt', 'cell_sentry_containers{state="orphan"}', 1795560645],
];

describe('the stand-in for Log Cache', () => {
  for (const [file, query, now] of WHOLE) {
    it(`answers byte for byte as the real one did (${file})`, function () {
      expect(queried(query, SERIES, now)).to.deep.equal(recorded(this, file));
    });
  }

  it('tells the age of a sample by time() - timestamp(), and forgets it when the real one did', function () {
    const text = readFileSync(path.join(recordings(this), 'log-cache/staleness.txt'), 'utf8');
    const query = 'time() - timestamp(up{source_id="s"})';
    for (const [, answer = ''] of text.matchAll(/^\d+ (\[.*\])$/gm)) {
      const [age] = JSON.parse(answer) as string[];
      if (age === undefined) continue;
      const one = { name: 'up', labels: { source_id: 's' }, value: '1', age: Number(age) };
      expect(queried(query, [one], 1).body).to.contain(`"value":[1.000,"${age}"]`);
    }
    const late = { name: 'up', labels: { source_id: 's' }, value: '1', age: 305 };
    expect(queried(query, [late], 1).body).to.contain('"result":[]');
  });

  it('reads an envelope with the fields of a real one', function () {
    const real = JSON.parse(recorded(this, 'read-namefilter.txt').body) as {
      envelopes: { batch: [Record<string, unknown>] };
    };
    const told = JSON.parse(oldestRead(SERIES, 'cell-sentry', 1795560640, 0).body) as typeof real;
    const [mine] = told.envelopes.batch;
    const [theirs] = real.envelopes.batch;
    expect(Object.keys(mine)).to.deep.equal(Object.keys(theirs));
    expect(mine['tags']).to.have.all.keys(Object.keys(theirs['tags'] as object));
    expect(oldestRead([], 'not-there', 1, 0)).to.deep.equal(recorded(this, 'read-unknown.txt'));
  });

  it('has the links that a real API root has', function () {
    const text = readFileSync(path.join(recordings(this), 'cf-plugin/api-root.json'), 'utf8');
    const { links } = JSON.parse(text) as { links: Record<string, unknown> };
    expect(links).to.include.keys(Object.keys(linksOf('')));
    expect(links['log_cache']).to.have.all.keys('href');
  });
});
