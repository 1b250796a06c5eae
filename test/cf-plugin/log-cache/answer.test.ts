import { expect } from 'chai';
import fc from 'fast-check';
import * as v from 'valibot';
import {
  oldestEnvelope,
  scalarTime,
  seriesSamples,
  type Sample,
} from '../../../src/cf-plugin/log-cache/answer.ts';
import { recordedParts } from '../../recordings.ts';

const ranged = (json: unknown) => v.safeParse(seriesSamples, json);

describe("reading Log Cache's answers", () => {
  it('reads every range and every number of a real Log Cache, and nothing else of it: no vector', () => {
    const read = { series: 0, scalar: 0 };
    for (const [name, answer] of recordedParts('log-cache/answers.txt')) {
      const body = answer.split('\n').find((line) => line.startsWith('{'));
      if (!name.startsWith('q-') || body === undefined) continue;
      const json: unknown = JSON.parse(body);
      const hasSeries = body.includes('"resultType":"matrix"');
      const isScalar = body.includes('"resultType":"scalar"');
      expect(ranged(json).success, name).to.equal(hasSeries);
      expect(v.safeParse(scalarTime, json).success, name).to.equal(isScalar);
      read.series += Number(hasSeries);
      read.scalar += Number(isScalar);
    }
    expect(read.series).to.be.greaterThan(1);
    expect(read.scalar).to.be.greaterThan(0);
  });

  const METRIC = { source_id: 'rollcall', deployment: 'cf', unheard_of: 'x' };
  const read = (...values: readonly (readonly [number, string])[]): readonly Sample[] =>
    v.parse(seriesSamples, {
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: METRIC, values }] },
    });

  it('takes a value that is no finite number for none', () => {
    const labels = { source_id: 'rollcall', deployment: 'cf' };
    for (const value of ['NaN', '+Inf', '-Inf', '', 'x']) {
      expect(read([7, value])).to.deep.equal([{ labels, value: null, at: 7, every: null }]);
    }
    expect(read([7, '-4.25e-3'])[0]?.value).to.equal(-0.00425);
  });

  it('takes the newest sample, in whatever order they come and how often', () => {
    const once = read([10, '1'], [25, '2'], [41, '3'])[0];
    expect(once).to.include({ value: 3, at: 41, every: 16 });
    expect(read([41, '3'], [10, '1'], [41, '3'], [25, '2'], [25, '2'])[0]).to.deep.equal(once);
  });

  it('is not misled about the time between two samples by one gap of five minutes', () => {
    const times = [0, 15, 30, 45, 365, 380, 395];
    expect(read(...times.map((at) => [at, '1'] as const))[0]?.every).to.equal(15);
  });

  it('knows after three scrapes that they come less often', () => {
    const often = Array.from({ length: 60 }, (_, index) => index * 15);
    const rarely = [60, 120, 180].map((later) => 885 + later);
    expect(read(...often.map((at) => [at, '1'] as const))[0]?.every).to.equal(15);
    expect(read(...[...often, ...rarely].map((at) => [at, '1'] as const))[0]?.every).to.equal(60);
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
        ranged(json);
        ranged({ status: 'success', data: { resultType: 'matrix', result: json } });
        ranged({ status: 'success', data: { resultType: 'matrix', result: [json] } });
        v.safeParse(scalarTime, {
          status: 'success',
          data: { resultType: 'scalar', result: json },
        });
        v.safeParse(oldestEnvelope, { envelopes: { batch: [json] } });
      }),
    );
  });
});
