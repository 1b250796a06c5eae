import { expect } from 'chai';
import * as s from '../../src/model/shape.ts';
import { parsedBy } from '../../src/parse/json.ts';
import { schemaOf } from '../../src/parse/schema.ts';

describe('a key that a later version adds', () => {
  const answer = s.object({
    handle: s.key(s.text, 'Whose it is.'),
    throttled: s.later(s.key(s.flag, 'Whether gdn throttles it.'), false),
  });
  const file = s.struct({ handle: s.text, throttled: s.later(s.flag, false) });

  for (const [where, shape] of Object.entries({ 'an answer': answer, 'a file': file })) {
    const read = (written: object) => parsedBy(schemaOf(shape), written);

    it(`has its default in ${where} of a version that did not have it`, () => {
      const value = { handle: 'h', throttled: false };
      expect(read({ handle: 'h' })).to.deep.equal({ ok: true, value });
    });

    it(`is read from ${where} that has it`, () => {
      const value = { handle: 'h', throttled: true };
      expect(read(value)).to.deep.equal({ ok: true, value });
    });

    it(`is refused in ${where} if it has another form`, () => {
      const why = 'invalid value at throttled';
      for (const throttled of [null, 'yes', 1])
        expect(read({ handle: 'h', throttled })).to.deep.equal({ ok: false, why });
    });

    it(`is ignored in ${where} by a version that does not know it`, () => {
      const value = { handle: 'h', throttled: true };
      expect(read({ ...value, ofLater: { a: 1 } })).to.deep.equal({ ok: true, value });
    });
  }
});
