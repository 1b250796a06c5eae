import { expect } from 'chai';
import fc from 'fast-check';
import type { CellIdentity } from '../../src/model/cell-identity.ts';
import { asHandle } from '../../src/model/ids.ts';
import type { FileReading, SensorFact } from '../../src/model/observation.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import type { Answers } from '../../src/model/questions.ts';
import { parseCapture, captureText } from '../../src/parse/capture-file.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { BOSH, LOST, NOW, report } from '../present/agent-state-builder.ts';
import { snapshotOf } from '../reconcile/cell-builder.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { sensorProcess } from '../sensors/sensed-cells.ts';
import { withMounts } from '../mounts/mounted.ts';
import {
  CAPTURE_SCHEMA_VERSION,
  type Capture,
  type CapturedAgent,
  type Snapshot,
} from '../../src/model/snapshot.ts';

const capture: Capture = {
  schemaVersion: CAPTURE_SCHEMA_VERSION,
  rollcallVersion: '1.2.3',
  capturedAt: '2026-01-01T00:00:00.000Z',
  capturedBy: 'alice',
  settleMilliseconds: 2000,
  passes: [
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
  agent: null,
};

/** As a running agent answers. */
const AGENT: CapturedAgent = {
  report: reportJson(report([LOST])),
  events: [
    { at: NOW, message: 'rollcall.started', handle: null, reason: null, sentence: 's', data: {} },
  ],
};

const withLooks = (change: (look: Snapshot) => Snapshot): Capture => ({
  ...capture,
  passes: capture.passes.map(change),
});
const withAnswers = (answers: Partial<Answers>): Capture =>
  withLooks((look) => ({ ...look, answers: { ...look.answers, ...answers } }));
const withBosh = (bosh: CellIdentity | null): Capture =>
  withLooks((look) => ({ ...look, cell: { hostname: 'h', bootId: 'b', bosh } }));

const FACTS: readonly SensorFact[] = [
  { kind: 'named', id: 'written' },
  { kind: 'existing', id: 'b', lines: 2 },
  { kind: 'created', id: 'c', at: null },
  { kind: 'as-of', at: 1.8e12 },
];
const READ = { isAnew: true, isWhole: true, isAtEnd: true, hasGap: false, lines: 5, facts: FACTS };
const READINGS: readonly FileReading[] = [
  { kind: 'read', place: { device: 1, inode: 2, offset: 3 }, ...READ, writtenAt: 1.8e12 },
  { kind: 'absent', isDirectoryMissing: false },
  { kind: 'unreadable', what: '/d', errno: 'not a file', mode: 0o644, uid: 0, gid: null },
];
const WRITTEN = withAnswers({
  sensorFiles: new Map(
    READINGS.map((reading, n) => [`s${n}`, { reading, time: { wall: 1.8e12, monotonic: 7 } }]),
  ),
  startTicks: new Map([
    [200, 7],
    [201, null],
  ]),
});
const SEARCHED = withLooks((look) => ({
  ...look,
  sensors: {
    processes: [null, 'cell' as const, tableOf('1 0 8:1 / / rw - ext4 d rw')].map((table) =>
      sensorProcess({ table }),
    ),
    startTicks: new Map([[200, 7]]),
  },
}));

const failureOf = (json: string): string => {
  try {
    parseCapture(json, 'x.gz');
    return 'none';
  } catch (error) {
    return error instanceof KnownFailure ? error.code : String(error);
  }
};

describe('capture files', () => {
  const text = captureText(capture);

  it('come back as they were written', () => {
    expect(parseCapture(text, 'x')).to.deep.equal(capture);
  });

  const parts: readonly (readonly [what: string, Capture])[] = [
    ['the identity of the cell', withBosh(BOSH)],
    ['the sensors that were found', SEARCHED],
    ['what sensors wrote', WRITTEN],
    ['a pass without a sweep', withAnswers({ sweep: null })],
    ["the agent's answers", { ...capture, agent: AGENT }],
  ];
  for (const [what, whole] of parts) {
    it(`come back with ${what}`, () => {
      expect(parseCapture(captureText(whole), 'x')).to.deep.equal(whole);
    });
  }

  it('come back without an agent if they have no such key, as the recorded cells', () => {
    const { agent: _absent, ...rest } = JSON.parse(text) as Capture;
    expect(parseCapture(JSON.stringify(rest), 'x')).to.deep.equal(capture);
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
    const oddCapture = { ...capture, passes: [withMounts(snapshot)] };
    const read = parseCapture(captureText(oddCapture), 'x').passes[0];
    expect(JSON.stringify(read)).to.equal(JSON.stringify(oddCapture.passes[0]));
    expect(Object.keys(read?.gardenProcesses[0]?.membership ?? {})).to.include.members(names);
    const answer = read?.answers.properties.get(asHandle('a'));
    expect(answer?.kind === 'answered' && Object.keys(answer.value.properties ?? {})).to.deep.equal(
      names,
    );
  });

  it('are refused when cut anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(failureOf(text.slice(0, length))).to.equal('CAPTURE_UNREADABLE');
      }),
      { numRuns: 50 },
    );
  });

  it('are refused with the number of their schema if it is another one', () => {
    for (const schemaVersion of [1, 2, 4]) {
      const other = JSON.stringify({ ...capture, schemaVersion });
      expect(failureOf(other), `${schemaVersion}`).to.equal('CAPTURE_SCHEMA');
    }
  });

  const broken: readonly (readonly [what: string, text: string])[] = [
    ['no object', '[]'],
    ['no answer to a question', text.replace('"sweep":', '"other":')],
    ['no passes', JSON.stringify({ ...capture, passes: [] })],
    ['a number that is a text', text.replace('Milliseconds":2000', 'Milliseconds":"2"')],
    ['a time that is none', text.replace(/"wall":"[^"]*"/, String.raw`"wall":"\u001b]0;x\u0007"`)],
    ['an errno that is none', text.replace('"trouble":null', String.raw`"trouble":"\u001b[2J"`)],
    ['a path that is no byte string', text.replaceAll('/g/garden/a', '/g/\u{1f4a9}')],
    ['an id of two lines', captureText(WRITTEN).replace('"written"', '"a line\\nof another"')],
    ['an empty id', captureText(WRITTEN).replace('"written"', '""')],
  ];
  for (const [what, one] of broken) {
    it(`are refused when they hold ${what}`, () => {
      expect(failureOf(one)).to.equal('CAPTURE_UNREADABLE');
    });
  }
});
