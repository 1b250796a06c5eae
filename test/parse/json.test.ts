import { expect } from 'chai';
import fc from 'fast-check';
import { jsonErrorAt } from '../../src/parse/json.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place where a text stops being JSON', () => {
  for (const [what, text, line, column] of [
    ['nothing', '', 1, 1],
    ['white space alone', ' \n ', 2, 2],
    ['a text that ends too early', '{"a": {"b": 1}', 1, 15],
    ['a comma too much', '{\n  "a": 1,\n}', 3, 1],
    ['a missing value', '{"a": }', 1, 7],
    ['a missing comma', '{"a": 1\n "b": 2}', 2, 2],
    ['single quotes', "{'a': 1}", 1, 2],
    ['a comment', '{"a": 1} // x', 1, 10],
    ['a second value', '{} {}', 1, 4],
    ['a byte order mark', '\ufeff{}', 1, 1],
    ['a string over two lines', '{"a": "x\ny"}', 1, 7],
    ['a leading zero', '[01]', 1, 3],
    ['the wrong bracket', '[1}', 1, 3],
    ['YAML', 'garden:\n  x: 1\n', 1, 1],
  ] as const) {
    it(`is found for ${what}`, () => {
      expect(jsonErrorAt(text)).to.deep.equal({ line, column });
    });
  }

  it('is null exactly for what JSON.parse accepts', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '1',
      '-0.5e3',
      '01',
      'null',
      'tru',
      ' ',
      '"',
      '\n',
    );
    const texts = fc.oneof(
      fc.json(),
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
      fc
        .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
        .map(([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece + json.slice(at)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(jsonErrorAt(text) === null).to.equal(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});
