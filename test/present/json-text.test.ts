import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { jsonText } from '../../src/present/json-text.ts';

describe('jsonText', () => {
  it('is the same value for a parser, whatever the text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(JSON.parse(jsonText({ text }))).to.deep.equal({ text });
      }),
    );
  });

  it('contains nothing that controls a terminal', () => {
    const hostile = 'a\u001b[2J\u009b31m\u202egnp.exe\u2028\u{e0001}\u007f';
    expect(jsonText(hostile)).to.match(/^[\x20-\x7e]*$/);
    expect(JSON.parse(jsonText(hostile))).to.equal(hostile);
  });
});
