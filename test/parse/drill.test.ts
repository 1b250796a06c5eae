import { expect } from 'chai';
import fc from 'fast-check';
import { parseDrillAnswer, parseDrillRequest } from '../../src/parse/drill.ts';

describe('a drill over the status socket', () => {
  for (const [body, seconds] of [
    ['', 300],
    [' \n', 300],
    ['{}', 300],
    ['{"forSeconds": 1}', 1],
    ['{"forSeconds": 3600}', 3600],
    ['{"forSeconds": 0.5}', null],
    ['{"forSeconds": 3601}', null],
    ['{"forSeconds": null}', null],
    ['{"forSeconds": 5, "handle": "x"}', null],
    ['null', null],
    ['{', null],
  ] as const) {
    it(`is asked for by ${JSON.stringify(body)}: ${seconds}`, () => {
      expect(parseDrillRequest(body)).to.equal(seconds);
    });
  }

  it('lasts between a second and an hour, whatever is asked', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const seconds = parseDrillRequest(body);
        if (seconds !== null) expect(seconds).to.be.within(1, 3600);
      }),
    );
  });

  it('is answered with its handle and end', () => {
    expect(parseDrillAnswer('{"schemaVersion":1,"handle":"d","until":"t"}')).to.deep.equal({
      handle: 'd',
      until: 't',
    });
    for (const text of ['', '{}', '[]', '{"handle":1,"until":"t"}']) {
      expect(parseDrillAnswer(text)).to.equal(null);
    }
  });
});
