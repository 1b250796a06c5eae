import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import type { FileReading, SensorFact } from '../../src/model/observation.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { parseCapture, captureText } from '../../src/parse/capture-file.ts';
import { BOSH } from '../present/agent-state-builder.ts';
import { snapshotOf } from '../reconcile/cell-builder.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { sensorProcess } from '../sensors/sensed-cells.ts';
import { withMounts } from '../mounts/mounted.ts';
import { CAPTURE_SCHEMA_VERSION, type Capture, type Snapshot } from '../../src/model/snapshot.ts';

const capture: Capture = {
  schemaVersion: CAPTURE_SCHEMA_VERSION,
  rollcallVersion: '1.2.3',
  capturedAt: '2026-01-01T00:00:00.000Z',
  capturedBy: 'alice',
  settleMilliseconds: 2000,
  looks: [
    withMounts(
      snapshotOf({
        trees: { memory: '/g: 100\n/g/garden/a: 200', cpu: '/g/garden/a: 200' },
        listed: ['a', 'name with "quotes"\n', '__proto__'],
        properties: { a: null },
        gdn: [{ pid: 100, cgroups: { memory: '/g' } }],
        processes: [{ pid: 200 }],
        ancestors: { 200: [{ pid: 100, launched: { by: 'dadoo', id: 'a', depot: null } }] },
        suspects: [{ pid: 201, cgroups: { memory: '/' }, image: '/store/images/a' }],
        roots: { '/g/garden/a': '/store/images/a' },
      }),
    ),
  ],
};

const withoutSweep = (look: Snapshot): Snapshot => ({
  ...look,
  answers: { ...look.answers, sweep: null },
});

const failureOf = (json: string): string => {
  try {
    parseCapture(json, 'x.gz');
    return 'none';
  } catch (error) {
    return error instanceof KnownFailure ? error.code : String(error);
  }
};

describe('capture files', () => {
  it('come back as they were written', () => {
    expect(parseCapture(captureText(capture), 'x')).to.deep.equal(capture);
  });

  it('contain the identity of the cell; those of earlier versions do not', () => {
    const cell = { hostname: 'h', bootId: 'b', bosh: BOSH };
    const known = { ...capture, looks: capture.looks.map((one) => ({ ...one, cell })) };
    const json = captureText(known);
    expect(parseCapture(json, 'x')).to.deep.equal(known);
    const earlier = json.replace(/,"bosh":\{[^}]*\}/, '');
    expect(earlier).not.to.contain('bosh');
    expect(parseCapture(earlier, 'x').looks[0]?.cell).to.deep.equal({ ...cell, bosh: null });
  });

  it('contain the sensors that were found; earlier versions did not search for any', () => {
    const processes = [
      sensorProcess(),
      sensorProcess({ table: null }),
      sensorProcess({ table: tableOf('1 0 8:1 / / rw - ext4 d rw') }),
    ];
    const sensors = { processes, startTicks: new Map([[200, 7]]) };
    const searched = { ...capture, looks: capture.looks.map((one) => ({ ...one, sensors })) };
    expect(parseCapture(captureText(searched), 'x')).to.deep.equal(searched);
    const earlier = captureText(capture).replaceAll('"sensors":null,', '');
    expect(parseCapture(earlier, 'x')).to.deep.equal(capture);
  });

  it('contain what sensors wrote; version 2 did not', () => {
    const time = { wall: 1.8e12, monotonic: 7 };
    const place = { device: 1, inode: 2, offset: 3 };
    const flags = { isAnew: true, isWhole: true, isAtEnd: true, hasGap: false };
    const facts: readonly SensorFact[] = [
      { kind: 'named', id: 'written' },
      { kind: 'existing', id: 'b', lines: 2 },
      { kind: 'created', id: 'c', at: null },
      { kind: 'as-of', at: 1.8e12 },
    ];
    const readings: readonly FileReading[] = [
      { kind: 'read', place, ...flags, lines: 5, facts, writtenAt: 1.8e12 },
      { kind: 'absent', isDirectoryMissing: false },
      { kind: 'unreadable', what: '/d', errno: 'not a file', mode: 0o644, uid: 0, gid: null },
    ];
    const sensorFiles = new Map(
      readings.map((reading, n) => [`sensor-${n}`, { reading, time }] as const),
    );
    const startTicks = new Map([
      [200, 7],
      [201, null],
    ]);
    const looks = capture.looks.map((one) => ({
      ...one,
      answers: { ...one.answers, sensorFiles, startTicks },
    }));
    const text = captureText({ ...capture, looks });
    expect(parseCapture(text, 'x')).to.deep.equal({ ...capture, looks });
    for (const broken of ['"id":"a line\\nof a container"', '"id":""']) {
      expect(failureOf(text.replace('"id":"written"', broken)), broken).to.equal(
        'CAPTURE_UNREADABLE',
      );
    }
    const earlier = captureText(capture)
      .replace('"schemaVersion":3', '"schemaVersion":2')
      .replace(',"sensorFiles":[],"startTicks":[]', '');
    expect(earlier).not.to.contain('sensorFiles');
    expect(parseCapture(earlier, 'x')).to.deep.equal(capture);
  });

  it('keep every property and hierarchy, whatever its name', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'valueOf'];
    const odd = Object.fromEntries(names.map((name) => [name, '/odd']));
    const snapshot = snapshotOf({
      trees: { memory: '/g: 100\n/g/garden/a: 200' },
      listed: ['a'],
      properties: { a: odd },
      memberships: { 200: odd },
      gdn: [{ pid: 100, cgroups: { memory: '/g', ...odd } }],
    });
    const oddCapture = { ...capture, looks: [withMounts(snapshot)] };
    const read = parseCapture(captureText(oddCapture), 'x').looks[0];
    expect(JSON.stringify(read)).to.equal(JSON.stringify(oddCapture.looks[0]));
    expect(Object.keys(read?.gardenProcesses[0]?.membership ?? {})).to.include.members(names);
    const answer = read?.answers.properties.get(asHandle('a'));
    expect(answer?.kind === 'answered' && Object.keys(answer.value.properties ?? {})).to.deep.equal(
      names,
    );
  });

  it('are refused when cut anywhere', () => {
    const text = captureText(capture);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(failureOf(text.slice(0, length))).to.equal('CAPTURE_UNREADABLE');
      }),
      { numRuns: 50 },
    );
  });

  it('are read as version 1 wrote them, without a sweep', () => {
    const text = captureText({ ...capture, looks: capture.looks.map(withoutSweep) });
    const earlier = text
      .replace('"schemaVersion":3', '"schemaVersion":1')
      .replaceAll('"sweep":null,', '');
    expect(earlier).not.to.contain('sweep');
    expect(parseCapture(earlier, 'x')).to.deep.equal({
      ...capture,
      looks: capture.looks.map(withoutSweep),
    });
  });

  it('are refused with the number of their schema if it is another one', () => {
    expect(failureOf(JSON.stringify({ ...capture, schemaVersion: 4 }))).to.equal('CAPTURE_SCHEMA');
  });

  for (const [what, broken] of Object.entries({
    'no object': '[]',
    'no looks': JSON.stringify({ ...capture, looks: [] }),
    'a wrong type deep inside': captureText(capture).replace(
      '"settleMilliseconds":2000',
      '"settleMilliseconds":"2"',
    ),
    'a time that is none': captureText(capture).replace(
      /"wall":"[^"]*"/,
      String.raw`"wall":"\u001b]0;owned\u0007"`,
    ),
    'an errno that is none': captureText(capture).replace(
      '"trouble":null',
      String.raw`"trouble":"\u001b[2J"`,
    ),
    'a path that is no byte string': captureText(capture).replaceAll('/g/garden/a', '/g/\u{1f4a9}'),
  })) {
    it(`are refused when they hold ${what}`, () => {
      expect(failureOf(broken)).to.equal('CAPTURE_UNREADABLE');
    });
  }
});
