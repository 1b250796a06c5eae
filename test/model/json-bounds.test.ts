import { expect } from 'chai';
import { excessOf } from '../../src/model/json-bounds.ts';

const MANY = 100_000;

describe('what makes a JSON text too costly to parse', () => {
  for (const [what, text, excess] of [
    ['levels', '['.repeat(MANY), 'is nested deeper than 64 levels'],
    ['levels of objects', '{"a":'.repeat(MANY), 'is nested deeper than 64 levels'],
    [
      'levels behind a text',
      `["${'x'.repeat(MANY)}\\\\",${'['.repeat(64)}`,
      'is nested deeper than 64 levels',
    ],
    ['values', `[${'0,'.repeat(MANY)}0]`, 'has more than 1,000 values'],
    ['empty values', `[${'{},'.repeat(MANY)}{}]`, 'has more than 1,000 values'],
    ['as deep as allowed', `${'['.repeat(64)}"${'x'.repeat(MANY)}"${']'.repeat(64)}`, null],
    ['signs in a text', `["${'[{,'.repeat(MANY)}"]`, null],
    ['quotes in a text', `["${'\\"['.repeat(MANY)}"]`, null],
    ['a backslash before the end of a text', `["${'[,'.repeat(MANY)}\\\\", 1]`, null],
    ['a text without an end', `["${'[,'.repeat(MANY)}`, null],
    ['brackets beside each other', `[${'x'.repeat(MANY)}${'[]'.repeat(99)}]`, null],
    ['a short text', '['.repeat(60_000), null],
  ] as const) {
    it(`checks a text: ${what}`, () => {
      expect(excessOf(text, 1000)).to.equal(excess);
    });
  }
});
