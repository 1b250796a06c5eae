import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import * as v from 'valibot';
import { instantVector, oldestEnvelope } from '../../../src/cf-plugin/log-cache/answer.ts';
import { recordings } from '../../recordings.ts';
import { queried } from '../standin/log-cache.ts';

const vector = (json: unknown) => v.safeParse(instantVector, json);

describe("reading Log Cache's answers", () => {
  it('reads every vector of a real Log Cache, and nothing else of it', function () {
    const folder = path.join(recordings(this), 'log-cache');
    let vectors = 0;
    for (const file of readdirSync(folder).filter((name) => name.startsWith('q-'))) {
      const body = readFileSync(path.join(folder, file), 'utf8')
        .split('\n')
        .find((line) => line.startsWith('{'));
      if (body === undefined) continue;
      const isVector = body.includes('"resultType":"vector"');
      expect(vector(JSON.parse(body)).success, file).to.equal(isVector);
      vectors += Number(isVector);
    }
    expect(vectors).to.be.greaterThan(20);
  });

  it('takes a value that is no finite number for none', () => {
    const read = (value: string): unknown => {
      const labels = { source_id: 'rollcall', deployment: 'cf', unheard_of: 'x' };
      const { body } = queried(
        'm{source_id="rollcall"}',
        [{ name: 'm', labels, value, age: 0 }],
        7,
      );
      return v.parse(instantVector, JSON.parse(body));
    };
    for (const value of ['NaN', '+Inf', '-Inf', '', 'x']) {
      expect(read(value)).to.deep.equal([{ labels: { deployment: 'cf' }, value: null, at: 7 }]);
    }
    expect(read('-4.25e-3')).to.deep.equal([
      { labels: { deployment: 'cf' }, value: -0.00425, at: 7 },
    ]);
  });

  it('takes the least time of what is read, as nanoseconds', () => {
    const batch = ['1795560644309803000', '1795560642309369000'].map((timestamp) => ({
      timestamp,
    }));
    expect(v.parse(oldestEnvelope, { envelopes: { batch } })).to.be.closeTo(1795560642.309, 0.001);
    expect(v.parse(oldestEnvelope, { envelopes: { batch: [] } })).to.equal(null);
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        vector(json);
        vector({ status: 'success', data: { resultType: 'vector', result: json } });
        vector({ status: 'success', data: { resultType: 'vector', result: [json] } });
        v.safeParse(oldestEnvelope, { envelopes: { batch: [json] } });
      }),
    );
  });
});
