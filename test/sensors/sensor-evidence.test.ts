import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import type {
  ConfiguredSensor,
  FileReading,
  RememberedObservation,
  SensorFact,
  SensorFormat,
} from '../../src/model/observation.ts';
import {
  evidenceAfter,
  namingOf,
  pruned,
  rememberedFor,
  type EvidenceInputs,
} from '../../src/sensors/sensor-evidence.ts';

const HOUR = 3_600_000;
const sensorOf = (format: SensorFormat, path = '/events'): ConfiguredSensor => ({
  name: 'one',
  format,
  path,
  graceSeconds: 60,
});
const readingOf = (facts: readonly SensorFact[], more: object = {}): FileReading => ({
  kind: 'read',
  place: { device: 1, inode: 2, offset: 3 },
  isAnew: false,
  isWhole: true,
  isAtEnd: true,
  hasGap: false,
  lines: facts.length,
  facts,
  writtenAt: 4000,
  ...more,
});
const named = (...ids: readonly string[]): SensorFact[] => ids.map((id) => ({ kind: 'named', id }));

/** What a sensor has shown after a first reading, at 5,000 ms of both clocks. */
const shown = (
  format: SensorFormat,
  facts: readonly SensorFact[],
  more: Partial<EvidenceInputs> = {},
  before: RememberedObservation | null = null,
): RememberedObservation =>
  evidenceAfter(before, {
    sensor: sensorOf(format),
    reading: readingOf(facts),
    writer: { pid: 10, startTicks: 100 },
    isWriterAlive: true,
    time: { wall: 5000, monotonic: 5000 },
    ...more,
  });

describe('what is remembered of a sensor', () => {
  const run = shown('tracee', named('a'));

  it('is for its file in its format alone', () => {
    expect(rememberedFor(sensorOf('tracee'), run)).to.equal(run);
    expect(rememberedFor(sensorOf('tracee', '/other'), run)).to.equal(null);
    expect(rememberedFor(sensorOf('falco'), run)).to.equal(null);
    expect(rememberedFor(sensorOf('tracee'), undefined)).to.equal(null);
  });

  it('begins anew with a process that started after it, and only then', () => {
    const known = shown('tracee', named('b'), {}, run);
    const after = (pid: number, startTicks: number) =>
      shown('tracee', named('c'), { writer: { pid, startTicks }, isWriterAlive: false }, known);
    expect([...known.ids.keys()]).to.deep.equal(['a', 'b']);
    expect(after(11, 501)).to.deep.include({ place: null, ids: new Map(), since: 5000 });
    expect(after(10, 501).ids).to.deep.equal(new Map());
    // It started in the same tick as the first reading, before it, or is the one that is known.
    for (const [pid, startTicks] of [
      [11, 500],
      [11, 100],
      [10, 100],
    ] as const)
      expect([...after(pid, startTicks).ids.keys()]).to.deep.equal(['a', 'b', 'c']);
    const anew = { reading: readingOf(named('c'), { isAnew: true }), isWriterAlive: false };
    const replaced = shown('tracee', [], { ...anew, writer: { pid: 11, startTicks: 501 } }, known);
    expect([...replaced.ids.keys()]).to.deep.equal(['c']);
  });

  it('has no time in the future, and keeps the last two that were created', () => {
    const at = (id: string, time: number | null): SensorFact => ({ kind: 'created', id, at: time });
    const later = shown('tracee', [at('a', 1), at('b', 9000), at('c', null), at('b', 2)]);
    expect([...later.created]).to.deep.equal([
      ['c', 4000],
      ['b', 2],
    ]);
    expect([...shown('tracee', [at('a', 9000)]).created]).to.deep.equal([['a', 5000]]);
    expect(shown('ids', [{ kind: 'as-of', at: 9000 }]).asOf).to.equal(5000);
    expect(shown('ids', [{ kind: 'as-of', at: 10 }]).asOf).to.equal(10);
    expect(run.lastLineAt).to.equal(4000);
    const future = { reading: readingOf(named('a'), { writtenAt: 9000 }) };
    expect(shown('tracee', [], future).lastLineAt).to.equal(5000);
    expect(shown('tracee', [], {}, run).lastLineAt).to.equal(4000);
    expect(shown('tracee', []).lastLineAt).to.equal(null);
  });

  it('has at most 5,000 ids, of which one without a container goes first', () => {
    const many = Array.from({ length: 5000 }, (_, n) => `id${n}`);
    const full = shown('tracee', named(...many));
    expect(full.ids.size).to.equal(5000);
    const used = pruned(
      full,
      { named: new Set(), used: new Set(many.slice(1)) },
      { wall: 0, monotonic: 6000 },
    );
    const next = shown('tracee', named('new', 'id7'), {}, used);
    expect([next.ids.size, next.ids.has('id0'), next.ids.has('new')]).to.deep.equal([
      5000,
      false,
      true,
    ]);
    const all = pruned(
      full,
      { named: new Set(), used: new Set(many) },
      { wall: 0, monotonic: 6000 },
    );
    expect(shown('tracee', named('new'), {}, all).ids.has('new')).to.equal(false);
  });

  it('forgets an id an hour after it has matched no container, but keeps two of the burst', () => {
    const existing = (id: string): SensorFact => ({ kind: 'existing', id, lines: 1 });
    const burst = shown('tracee', [...['x', 'y', 'z'].map(existing), ...named('a', 'b')]);
    const at = (monotonic: number, from: RememberedObservation, ...used: readonly string[]) =>
      pruned(from, { named: new Set(), used: new Set(used) }, { wall: 0, monotonic });
    const soon = at(5000 + HOUR - 1, burst, 'a');
    expect([...soon.ids.keys()]).to.deep.equal(['a', 'b']);
    expect(soon.ids.get('a')).to.deep.equal({ isNamed: true, unusedSince: null });
    expect(soon.existing.ids.size).to.equal(3);
    const late = at(5000 + HOUR, soon);
    expect(late.ids).to.deep.equal(new Map([['a', { isNamed: true, unusedSince: 5000 + HOUR }]]));
    expect([...late.existing.ids]).to.deep.equal([
      ['x', { isNamed: true, unusedSince: 5000 }],
      ['y', { isNamed: true, unusedSince: 5000 }],
    ]);
  });
});

describe('the containers that a sensor names', () => {
  const handles = ['aaaaaaa1-1', 'aaaaaaa2-1', 'aaaaaaa2-2', 'bbbbbbb'].map(asHandle);
  const namedBy = (format: SensorFormat, ...ids: readonly string[]) =>
    [...namingOf(shown(format, named(...ids)), handles).named].toSorted();

  it('are named by the whole handle, or by seven characters that no other begins with', () => {
    expect(namedBy('ids', 'aaaaaaa1-1', 'bbbbbbb')).to.deep.equal(['aaaaaaa1-1', 'bbbbbbb']);
    expect(namedBy('ids', 'aaaaaaa1')).to.deep.equal(['aaaaaaa1-1']);
    expect(namedBy('ids', 'aaaaaaa2', 'bbbbbb', 'zzzzzzzz')).to.deep.equal([]);
    expect(namedBy('falco', 'good/aaaaaaa1', 'bad/aaaaaaa2-2')).to.deep.equal([
      'aaaaaaa1-1',
      'aaaaaaa2-2',
    ]);
    expect(namedBy('tracee', 'aaaaaaa1')).to.deep.equal([]);
  });
});
