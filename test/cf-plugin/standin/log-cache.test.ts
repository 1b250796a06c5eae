import { expect } from 'chai';
import { recordedParts } from '../../recordings.ts';
import { LogCacheStore, type HttpAnswer, type Series } from './log-cache.ts';

const NOW = 1_795_560_644.309_803;
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
const series = (name: string, value: string, labels: object, age: number): Series => ({
  name: `cell_sentry_${name}`,
  value,
  age,
  every: 2,
  labels: { ...TAGS, ...labels },
});

const answers = recordedParts('log-cache/answers.txt');

/** A recorded answer: its last lines are the body, an empty one and the status. */
function recorded(name: string): HttpAnswer {
  const lines = (answers.get(name) ?? '').split('\n');
  const [, status = ''] = /^HTTP (\d+)$/m.exec(lines.join('\n')) ?? [];
  return { status: Number(status), body: lines.filter((line) => line.startsWith('{')).join('\n') };
}

const read = (held: readonly Series[], source: string, query: string): HttpAnswer =>
  new LogCacheStore(held, NOW).read(source, new URLSearchParams(query));
describe('the stand-in for Log Cache', () => {
  it('answers byte for byte as the real one did: newest first, with a name filter', () => {
    const containers = [
      series('containers', '41', { state: 'known' }, 3.99956),
      series('containers', '2', { state: 'orphan' }, 3.99956),
      series('untyped', '7', {}, 4),
    ];
    expect(
      read(containers, 'cell-sentry', 'limit=2&descending=true&name_filter=cell_sentry_containers'),
    ).to.deep.equal(recorded('read-namefilter'));
  });

  it('answers as the real one did: a limit that is too high, an unknown source', () => {
    expect(read([], 'cell-sentry', 'limit=1001')).to.deep.equal(recorded('read-limit-1001'));
    expect(read([], 'not-there', 'limit=10')).to.deep.equal(recorded('read-unknown'));
  });
});
