import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';

describe('docs/appendix/threat-rows.md', () => {
  it('names in each row only tests that exist', () => {
    const page = readFileSync(path.join(root, 'docs/appendix/threat-rows.md'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| .* \| .* \| `[^|]* \|$/.test(line));
    const named = rows.flatMap((row) => testsOf(row.split(' | ').at(-1) ?? ''));
    expect(rows).to.have.length.above(60);
    expect(named.filter((test) => !existsSync(path.join(root, fileOf(test))))).to.deep.equal([]);
  });
});

/** The last cell of a row: `` `live/stuck`, `spec/shell` |``. */
const testsOf = (cell: string): readonly string[] =>
  Array.from(cell.matchAll(/`([^`]+)`/g), ([, test = '']) => test);

const fileOf = (test: string): string =>
  `${test.startsWith('spec/') ? '' : 'test/'}${test}.test.ts`;
