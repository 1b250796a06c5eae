import { expect } from 'chai';
import { jsonErrorAt } from '../../src/parse/json.ts';

describe('the place where a text stops being JSON', () => {
  for (const [what, text, line, column] of [
    ['nothing', '', 1, 1],
    ['white space alone', ' \n ', 2, 2],
    ['a text that ends too early', '{"a": {"b": 1}', 1, 15],
    ['a text without an end', '{"a": "b', 1, 9],
    ['half an escape', '["\\u00', 1, 7],
    ['a number without an end', '[-', 1, 3],
    ['a comma too much', '{\n  "a": 1,\n}', 3, 1],
    ['a missing value', '{"a": }', 1, 7],
    ['a missing comma', '{"a": 1\n "b": 2}', 2, 2],
    ['single quotes', "{'a': 1}", 1, 2],
    ['a comment', '{"a": 1} // x', 1, 10],
    ['a second value', '{} {}', 1, 4],
    ['a byte order mark', '\ufeff{}', 1, 1],
    ['a string over two lines', '{"a": "x\ny"}', 1, 9],
    ['an unknown escape', '["\\x"]', 1, 4],
    ['a leading zero', '[01]', 1, 3],
    ['a word', '[nil]', 1, 3],
    ['the wrong bracket', '[1}', 1, 3],
    ['YAML', 'garden:\n  x: 1\n', 1, 1],
  ] as const) {
    it(`is found for ${what}`, () => {
      expect(jsonErrorAt(text)).to.deep.equal({ line, column });
    });
  }

  it('is nowhere in what JSON.parse accepts', () => {
    for (const text of ['{"a": [1, -0.5e3, "\\u00e9", null]}', ' 7 ', '"x"'])
      expect(jsonErrorAt(text)).to.equal(null);
  });
});
