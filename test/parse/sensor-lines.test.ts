import { expect } from 'chai';
import type { SensorFact, SensorFormat } from '../../src/model/observation.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import {
  falcoAlert,
  falcoLine,
  RECORDED_ID as H,
  traceeLine,
  TRACEE_VERSIONS,
} from '../sensors/event-lines.ts';

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

  // It came from a changed file: a capture with it could not be read, or replayed otherwise.
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

  it('of Falco names no container where a field has no value, which Falco prints as <NA>', () => {
    expect(fact('falco', falcoLine('<NA>'))).to.equal(null);
    expect(fact('falco', falcoAlert(null, 'container_id=<NA> container_name=<NA>'))).to.equal(null);
  });

  it('of Falco names a container by its full id, which needs no unique prefix', () => {
    const line = falcoAlert({ 'container.id': 'garden.servi', 'container.full_id': H });
    expect(fact('falco', line)).to.deep.equal({ kind: 'named', id: H });
    expect(fact('falco', line, ['garden.servi']), 'a known short id').not.to.equal(null);
    expect(fact('falco', line, [H]), 'not parsed twice').to.equal(null);
    for (const none of [null, '', '<NA>']) {
      const short = falcoAlert({ 'container.id': '8a37cb6f-385', 'container.full_id': none });
      expect(fact('falco', short)).to.deep.equal({ kind: 'named', id: '8a37cb6f-385' });
    }
  });

  describe('of Falco without output_fields', () => {
    const read = (output: string, ...known: readonly string[]) =>
      fact('falco', falcoAlert(null, output), known);
    const SUGGESTED = 'container_id=8a37cb6f-385 container_name=8a37cb6f-385';

    it('names the container that its text has as container_id', () => {
      const named = { kind: 'named', id: '8a37cb6f-385' };
      expect(read(`a shell (command=sh) ${SUGGESTED}`)).to.deep.equal(named);
      expect(read(SUGGESTED, '8a37cb6f-385'), 'not parsed twice').to.equal(null);
    });

    it('names none where it has no id, or that of the host', () => {
      for (const output of ['a shell', 'container_id=', 'container_id=host', 'my_container_id=x'])
        expect(read(output), output).to.equal(null);
    });

    it('names none where it has two ids, as a container can write one into its command line', () => {
      expect(read(`a shell (command=sh -c container_id=deadbeef-000) ${SUGGESTED}`)).to.equal(null);
    });
  });

  it('of Falco with output_fields is not searched for an id in its text', () => {
    const ofHost = { 'container.id': null, 'proc.cmdline': `sh container_id=${H}` };
    expect(fact('falco', falcoAlert(ofHost, `a shell container_id=${H}`))).to.equal(null);
  });

  const LINES: readonly {
    readonly format: SensorFormat;
    readonly line: string;
    readonly expected: SensorFact | null;
  }[] = [
    {
      format: 'falco',
      line: falcoLine('8a37cb6f-385'),
      expected: { kind: 'named', id: '8a37cb6f-385' },
    },
    {
      format: 'falco',
      line: falcoLine('good/8a37cb6'),
      expected: { kind: 'named', id: 'good/8a37cb6' },
    },
    { format: 'falco', line: falcoLine('host'), expected: null },
    { format: 'falco', line: falcoLine(null), expected: null },
    { format: 'ids', line: `${H}\r`, expected: { kind: 'named', id: H } },
    {
      format: 'ids',
      line: '# as of 2026-01-01T00:00:00Z',
      expected: { kind: 'as-of', at: Date.UTC(2026, 0, 1) },
    },
    {
      format: 'ids',
      line: '# as of 2026-01-01T01:00:00+01:00',
      expected: { kind: 'as-of', at: Date.UTC(2026, 0, 1) },
    },
    { format: 'ids', line: '', expected: null },
    { format: 'ids', line: '# a remark', expected: null },
    { format: 'ids', line: '# as of yesterday', expected: null },
    { format: 'ids', line: 'two words', expected: null },
    { format: 'ids', line: 'x'.repeat(256), expected: null },
  ];
  for (const { format, line, expected } of LINES) {
    const what = expected === null ? 'says nothing' : `is a fact (${expected.kind})`;
    it(`of ${format} ${what}: ${line.slice(0, 40)}`, () => {
      expect(fact(format, ` ${line} `)).to.deep.equal(expected);
    });
  }
});
