import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { recording } from '../recordings.ts';

const [titles = [], ...rows] = readFileSync(recording('sensors/container-ids.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'));

/** Our functions by the beginning of a column's title. */
const ID_OF: readonly (readonly [string, (path: string) => string | null])[] = [
  ['tracee v0.13', traceeIdBefore19],
  ['tracee v0.', traceeId],
  ['tracee 7c9ec978', traceeId],
  ['falco', falcoId],
  ['tetragon', tetragonId],
];

const idOfColumn = (title: string) => ID_OF.find(([beginning]) => title.startsWith(beginning))?.[1];

describe("what the sensors' own code does", () => {
  for (const [column, title] of titles.entries()) {
    const idOf = idOfColumn(title);
    if (idOf !== undefined)
      it(`${title} derives the same id from each of ${rows.length} paths`, () => {
        const ids = rows.map(([path = '']) => [path, idOf(path) ?? '-']);
        expect(ids).to.deep.equal(rows.map((row) => [row[0], row[column]]));
      });
  }

  it('is compared in every column but the path, two of Datadog and the container root of Tracee', () => {
    expect(titles.filter((title) => idOfColumn(title) === undefined)).to.deep.equal([
      'path',
      'datadog util 0402e848',
      'datadog cws 007e0bbf',
      'tracee: container root',
    ]);
  });
});
