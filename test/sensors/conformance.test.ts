import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { recording } from '../recordings.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const linesOf = (file: string): readonly string[] =>
  readFileSync(recording(`sensors/${file}`), 'utf8')
    .trimEnd()
    .split('\n');

/** Our functions by the beginning of a column's title. */
const ID_OF: readonly (readonly [string, (path: string) => string | null])[] = [
  ['tracee v0.13', traceeIdBefore19],
  ['tracee v0.', traceeId],
  ['tracee 7c9ec978', traceeId],
  ['falco', falcoId],
  ['tetragon', tetragonId],
];

describe("what the sensors' own code does", () => {
  const [titles = [], ...rows] = linesOf('container-ids.tsv').map((line) => line.split('\t'));
  for (const [column, title] of titles.entries()) {
    const idOf = ID_OF.find(([beginning]) => title.startsWith(beginning))?.[1];
    if (idOf !== undefined)
      it(`${title} derives the same id from each of ${rows.length} paths`, () => {
        const ids = rows.map(([path = '']) => [path, idOf(path) ?? '-']);
        expect(ids).to.deep.equal(rows.map((row) => [row[0], row[column]]));
      });
  }

  for (const file of ['v0.13', 'v0.18-v0.24', '7c9ec978'])
    it(`Tracee ${file} writes lines that are read as what they say`, () => {
      const [existing, created, removed, named, ofHost] = linesOf(`tracee-${file}.txt`).map(
        (line) => sensorFact('tracee', line, () => false),
      );
      expect(existing).to.deep.equal({ kind: 'existing', id: H, lines: 1 });
      expect(created).to.include({ kind: 'created', id: H });
      expect(named).to.deep.equal({ kind: 'named', id: H });
      expect([removed, ofHost]).to.deep.equal([null, null]);
    });
});
