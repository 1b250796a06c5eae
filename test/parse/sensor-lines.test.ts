import { expect } from 'chai';
import type { SensorFormat } from '../../src/model/observation.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import {
  falcoLine,
  RECORDED_ID as H,
  traceeLine,
  TRACEE_VERSIONS,
} from '../sensors/event-lines.ts';
import { rowsOf } from '../rows.ts';

const fact = (format: SensorFormat, line: string, known: readonly string[] = []) =>
  sensorFact(format, line, (id) => known.includes(id));

describe('a line of an event file', () => {
  for (const version of TRACEE_VERSIONS)
    it(`of Tracee ${version} is what it says`, () => {
      const read = (line: string, ...known: readonly string[]) => fact('tracee', line, known);
      const created = traceeLine(version, 'created', { at: 1e12 });
      expect(read(created)).to.deep.equal({ kind: 'created', id: H, at: 1e12 });
      const existing = traceeLine(version, 'existing');
      expect(read(existing)).to.deep.equal({ kind: 'existing', id: H, lines: 1 });
      // Each removed sub-cgroup has one, too: neither an end nor a sight.
      expect(read(traceeLine(version, 'removed'))).to.equal(null);
      const process = traceeLine(version, 'process');
      expect(read(process)).to.deep.equal({ kind: 'named', id: H });
      expect(read(process, H), 'not parsed twice').to.equal(null);
      expect(read(traceeLine(version, 'host'))).to.equal(null);
    });

  it('of Tracee with a time since its start', () => {
    const line = traceeLine('v0.18-v0.24', 'created', { at: 5000 });
    expect(fact('tracee', line)).to.deep.equal({ kind: 'created', id: H, at: null });
  });

  // It came from a fuzzed file: a capture with it could not be read, or replayed otherwise.
  it('of Tracee with a time beyond all dates', () => {
    for (const at of ['1e389', '1e300', '"+275760-09-13T00:00:00.001Z"']) {
      const line = traceeLine('v0.18-v0.24', 'created', { at: 5000 });
      const beyond = line.replace(/"timestamp":\d+/, `"timestamp":${at}`);
      expect(beyond).not.to.equal(line);
      expect(fact('tracee', beyond)).to.deep.equal({ kind: 'created', id: H, at: null });
    }
  });

  it('takes no id from what a container writes into an argument', () => {
    const forged = `"containerId":"${H}","container":{"id":"${H}"},"eventName":"existing_container"`;
    for (const version of TRACEE_VERSIONS) {
      const line = traceeLine(version, 'process', { id: '' });
      const written = line.replace('/x', JSON.stringify(forged).slice(1, -1));
      expect(written).not.to.equal(line);
      expect(fact('tracee', written), version).to.equal(null);
    }
    for (const line of [
      `"containerId":"${H}"`,
      traceeLine('7c9ec978', 'existing', { id: 'a\u0007b' }),
      `{"eventName":"existing_container","args":${'['.repeat(100_000)}`,
    ])
      expect(fact('tracee', line), line.slice(0, 50)).to.equal(null);
  });

  /** The format, a line, and its fact. */
  const cases = `
falco | ${falcoLine('8a37cb6f-385')} | {"kind":"named","id":"8a37cb6f-385"}
falco | ${falcoLine('good/8a37cb6')} | {"kind":"named","id":"good/8a37cb6"}
falco | ${falcoLine('host')} | null
falco | ${falcoLine(null)} | null
ids | ${H}\r | {"kind":"named","id":"${H}"}
ids | # as of 2026-01-01T00:00:00Z | {"kind":"as-of","at":${Date.UTC(2026, 0, 1)}}
ids | # as of 2026-01-01T01:00:00+01:00 | {"kind":"as-of","at":${Date.UTC(2026, 0, 1)}}
ids | | null
ids | # a remark | null
ids | # as of yesterday | null
ids | two words | null
ids | ${'x'.repeat(256)} | null
`;
  for (const [format = '', line = '', expected] of rowsOf(cases)) {
    it(`of ${format}: ${line.slice(0, 40)}`, () => {
      expect(JSON.stringify(fact(format as SensorFormat, ` ${line} `))).to.equal(expected);
    });
  }
});
