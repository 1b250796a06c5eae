import { expect } from 'chai';
import type { SensorFormat } from '../../src/model/observation.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import {
  containerEvent,
  falcoLine,
  processEvent,
  TRACEE_VERSIONS,
} from '../sensors/event-lines.ts';
import { rowsOf } from '../rows.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const fact = (format: SensorFormat, line: string, known: readonly string[] = []) =>
  sensorFact(format, line, (id) => known.includes(id));

describe('a line of an event file', () => {
  for (const version of TRACEE_VERSIONS) {
    it(`of Tracee ${version}`, () => {
      const of = (name: string) => fact('tracee', containerEvent(version, name, { id: H }));
      expect(of('existing_container')).to.deep.equal({ kind: 'existing', id: H, lines: 1 });
      expect(of('container_create')).to.deep.equal({
        kind: 'created',
        id: H,
        at: Date.UTC(2026, 0, 1),
      });
      // Each removed sub-cgroup has one, too: neither an end nor a sight.
      expect(of('container_remove')).to.equal(null);
      const exec = processEvent(version, H);
      expect(fact('tracee', exec)).to.deep.equal({ kind: 'named', id: H });
      expect(fact('tracee', exec, [H]), 'not parsed twice').to.equal(null);
      expect(fact('tracee', processEvent(version, '')), 'of the host').to.equal(null);
    });
  }

  it('of Tracee with a time since its start', () => {
    const line = containerEvent('v0.15', 'container_create', { id: H, at: 5000 });
    expect(fact('tracee', line)).to.deep.equal({ kind: 'created', id: H, at: null });
  });

  // It came from a fuzzed file: a capture with it could not be read, or replayed otherwise.
  it('of Tracee with a time beyond all dates', () => {
    for (const at of ['1e389', '1e300', '"+275760-09-13T00:00:00.001Z"']) {
      const line = containerEvent('v0.15', 'container_create', { id: H, at: 5000 });
      const beyond = line.replace(/"timestamp":\d+/, `"timestamp":${at}`);
      expect(beyond).not.to.equal(line);
      expect(fact('tracee', beyond)).to.deep.equal({ kind: 'created', id: H, at: null });
    }
  });

  it('takes no id from what a container writes into an argument', () => {
    for (const version of TRACEE_VERSIONS) {
      const forged = `"containerId":"${H}","container":{"id":"${H}"},"eventName":"existing_container"`;
      expect(fact('tracee', processEvent(version, '', forged)), version).to.equal(null);
    }
    for (const line of [
      `"containerId":"${H}"`,
      containerEvent('head', 'existing_container', { id: 'a\u0007b' }),
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
