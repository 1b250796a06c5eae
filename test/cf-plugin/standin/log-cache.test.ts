import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { recordedParts, recording } from '../../recordings.ts';
import { linksOf } from './foundation.ts';
import { oldestRead, queried, type Series, type HttpAnswer } from './log-cache.ts';

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
  series('containers', '2', { state: 'orphan' }, 4),
  series('untyped', '7'),
  series(
    'info',
    '1',
    { version: '0.1.0-alpha', garden: '1.2', quote: 'a"b]c\\d', empty: '', uni: 'é' },
    4,
  ),
];

const answers = recordedParts('log-cache/answers.txt');

/** A recorded answer: its last lines are the body, an empty one and the status. */
function recorded(name: string): HttpAnswer {
  const lines = (answers.get(name) ?? '').split('\n');
  const [, status = ''] = /^HTTP (\d+)$/m.exec(lines.join('\n')) ?? [];
  const body = lines.filter((line) => /^\{|^404/.test(line)).join('\n');
  return { status: Number(status), body };
}

describe('the stand-in for Log Cache', () => {
  for (const [name, query] of [
    ['q-scalar', 'scalar(cell_sentry_untyped{source_id="cell-sentry"})'],
    ['q-no-source', 'cell_sentry_containers{state="orphan"}'],
  ] as const) {
    it(`answers byte for byte as the real one did (${name})`, () => {
      expect(queried(query, SERIES, 1795560645)).to.deep.equal(recorded(name));
    });
  }

  it('answers a range byte for byte as the real one did, but for its earlier samples', () => {
    const { status, body } = recorded('q-matrix');
    const newest = body.replace(/"values":\[.*,(?=\[1795560640\.000)/, '"values":[');
    expect(newest).not.to.equal(body);
    const query = 'cell_sentry_containers{source_id="cell-sentry"}[10s]';
    expect(queried(query, SERIES, 1795560644)).to.deep.equal({ status, body: newest });
  });

  it('has the labels of a real one', () => {
    const labels = (body: string): unknown => /"metric":(\{.*?\}),"value/.exec(body)?.[1];
    const query = 'cell_sentry_info{source_id="cell-sentry"}[10s]';
    const real = labels(recorded('q-info').body);
    expect(real).to.be.a('string');
    expect(labels(queried(query, SERIES, 1795560645).body)).to.equal(real);
  });

  it('gives a sample for as long as the range is', () => {
    const query = 'up{source_id="s"}[30s]';
    const times = (age: number): readonly number[] => {
      const one = { name: 'up', labels: { source_id: 's' }, value: '1', age };
      const json = JSON.parse(queried(query, [one], 100).body) as {
        data: { result: { values: [number, string][] }[] };
      };
      return json.data.result.flatMap(({ values }) => values.map(([at]) => at));
    };
    expect(times(0)).to.deep.equal([70, 85, 100]);
    expect(times(30)).to.deep.equal([70]);
    expect(times(31)).to.deep.equal([]);
  });

  it('reads an envelope with the fields of a real one', () => {
    const real = JSON.parse(recorded('read-namefilter').body) as {
      envelopes: { batch: [Record<string, unknown>] };
    };
    const answer = JSON.parse(oldestRead(SERIES, 'cell-sentry', 1795560640, 0).body) as typeof real;
    const [mine] = answer.envelopes.batch;
    const [theirs] = real.envelopes.batch;
    expect(Object.keys(mine)).to.deep.equal(Object.keys(theirs));
    expect(mine['tags']).to.have.all.keys(Object.keys(theirs['tags'] as object));
    expect(oldestRead([], 'not-there', 1, 0)).to.deep.equal(recorded('read-unknown'));
  });

  it('has the links that a real API root has', () => {
    const text = readFileSync(recording('cf-plugin/api-root.json'), 'utf8');
    const { links } = JSON.parse(text) as { links: Record<string, unknown> };
    expect(links).to.include.keys(Object.keys(linksOf('')));
    expect(links['log_cache']).to.have.all.keys('href');
  });
});
