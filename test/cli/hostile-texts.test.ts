import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import { asHandle } from '../../src/model/ids.ts';
import type { ReportView, SensorView } from '../../src/model/report-view.ts';
import type { Report } from '../../src/model/report.ts';
import { CAPTURE_SCHEMA_VERSION, type Capture, type Snapshot } from '../../src/model/snapshot.ts';
import { parseCapture, captureText } from '../../src/parse/capture-file.ts';
import { replay } from '../../src/pass/check.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { colors } from '../../src/present/color.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { sensorView } from '../../src/present/sensors-text.ts';
import { SENSOR } from '../present/agent-state-builder.ts';
import { locationsOf } from '../../src/reconcile/observe/observe.ts';
import { withMounts } from '../mounts/mounted.ts';
import { snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { explainDocument } from '../../src/present/explain-document.ts';

/** What a terminal obeys. A newline is ours; one of theirs shows by the line that it would make. */
const STEERING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|^OWNED/mu;
const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\ud800\nOWNED';

const G = '/system.slice/garden.service';
const CELL: CellText = {
  trees: {
    memory: [
      `${G}: 100`,
      `${G}/garden/a: 200`,
      `${G}/garden/b: 300`,
      `${G}/garden/b/b-envoy: 301`,
      `${G}/garden/lost: 400`,
    ].join('\n'),
    cpu: [`${G}: 100`, `${G}/garden/a: 200`].join('\n'),
    'name=x': `${G}: 100`,
  },
  listed: ['a', 'b', 'unowned', 'gone', 'silent'],
  properties: { unowned: { 'garden.state': 'created' } },
  rootMounts: { gone: [7] },
  processes: [
    { pid: 400, startedAt: '2026-01-01T00:00:10.000Z' },
    { pid: 300, command: '' },
  ],
  ancestors: {
    400: [{ pid: 100, launched: { by: 'dadoo', id: 'lost', depot: null } }],
    500: [{ pid: 100, comm: 'dadoo' }],
    501: [{ pid: 99, comm: 'nsenter', command: 'nsenter -a' }],
  },
  suspects: [
    { pid: 500, cgroups: { memory: '/out' }, image: '/store/images/a' },
    { pid: 501, cgroups: { memory: '/' }, image: '/store/images/b' },
  ],
  roots: { [`${G}/garden/a`]: '/store/images/a' },
};
/** The states of a cell: compared, and each way in which it cannot be. */
const CELLS: readonly CellText[] = [
  CELL,
  { ...CELL, listed: null },
  { ...CELL, unanswered: ['a'] },
  { ...CELL, unreadable: [`${G}/garden`] },
];

const captureOf = (passes: readonly Snapshot[]): unknown =>
  JSON.parse(
    captureText({
      schemaVersion: CAPTURE_SCHEMA_VERSION,
      rollcallVersion: '0.0.0',
      capturedAt: '2026-01-01T00:00:00.000Z',
      capturedBy: null,
      settleMilliseconds: 2000,
      passes,
      agent: null,
    }),
  );
const snapshotAt = (at: number, cell: CellText): Snapshot =>
  withMounts(snapshotOf({ ...cell, at }));
/** The first in two passes, so that what it shows has lasted. */
const CAPTURES = CELLS.map((cell) =>
  captureOf([...(cell === CELL ? [snapshotAt(0, cell)] : []), snapshotAt(2000, cell)]),
);
const FAILED_SCAN = captureOf([
  {
    ...snapshotAt(2000, CELL),
    primaryWalk: { kind: 'failed', controller: 'memory', errno: 'EACCES' },
  },
]);

/** As many values as there are texts and keys in it, each with another one of them replaced. */
function* withOneReplaced(value: unknown, by: string): Generator {
  if (typeof value === 'string') yield by;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const other of withOneReplaced(item, by)) yield value.with(index, other);
    }
    return;
  }
  const pairs: readonly (readonly [string, unknown])[] = Object.entries(value);
  for (const [index, [key, item]] of pairs.entries()) {
    yield Object.fromEntries(pairs.with(index, [by, item]));
    for (const other of withOneReplaced(item, by)) {
      yield Object.fromEntries(pairs.with(index, [key, other]));
    }
  }
}

const HOSTILE_SENSOR: SensorView = {
  ...sensorView(SENSOR),
  name: HOSTILE,
  title: HOSTILE,
  sees: { [HOSTILE]: 'no' },
};

const SAID = { at: HOSTILE, message: HOSTILE, reason: HOSTILE };

const tableOf = (view: ReportView): string =>
  checkText(view, {
    colors: colors(false),
    columns: 100,
    all: true,
    wide: false,
    isWhole: false,
    settleMilliseconds: Infinity,
  });

function explanationsOf(report: Report, { passes }: Capture): string[] {
  const last = passes.at(-1);
  return report.containers.map((container) =>
    documentText(
      explainDocument(
        {
          container: { ...container, appSource: 'memory' },
          otherFindings: [asHandle(HOSTILE)],
          bosh: report.cell.bosh,
          hierarchies:
            last === undefined
              ? []
              : locationsOf(container.handle, last).flatMap(({ choice, ...place }) =>
                  choice.chosen === null
                    ? []
                    : [{ ...place, mountPoint: choice.chosen.mountPoint }],
                ),
          ledgers: {
            handle: HOSTILE,
            app: null,
            address: HOSTILE,
            policy: { appId: HOSTILE, spaceId: HOSTILE, organizationId: HOSTILE },
            marks: {
              kernel: 'yes',
              garden: 'no',
              owner: 'no',
              runtime: 'no',
              rootfs: 'no',
              network: 'yes',
              policy: 'yes',
              depot: 'no',
            },
          },
          sensors: [HOSTILE_SENSOR],
          properties: { [HOSTILE]: HOSTILE },
          agentOfCapture: HOSTILE,
          repLog: { appId: HOSTILE, explanation: SAID, lines: [SAID], since: HOSTILE },
          events: [{ ...SAID, handle: null, sentence: HOSTILE, data: {} }],
        },
        { takenAt: HOSTILE, all: true, silentAgent: HOSTILE },
      ),
      { colors: colors(false), columns: 100 },
    ),
  );
}

/** Everything that check and explain say of a capture; empty where it is refused. */
function shownOf(value: unknown): string[] {
  let capture: Capture;
  try {
    capture = parseCapture(JSON.stringify(value), 'x');
  } catch (error) {
    if (error instanceof KnownFailure) return [];
    throw error;
  }
  const report = replay(capture.passes, capture.settleMilliseconds)?.report ?? null;
  if (report === null) return [];
  return [tableOf(reportJson(report)), ...explanationsOf(report, capture)];
}

describe('no text from another machine controls the terminal', () => {
  it('of a capture, whichever of its texts and keys it is', () => {
    let shown = 0;
    for (const capture of [...CAPTURES, FAILED_SCAN]) {
      expect(shownOf(capture)).not.to.have.length(0);
      for (const other of withOneReplaced(capture, HOSTILE)) {
        const texts = shownOf(other);
        for (const text of texts) expect(text).not.to.match(STEERING);
        shown += texts.length;
      }
    }
    expect(shown).to.be.greaterThan(1000);
  });

  // JSON alone does not help: jq -r, and whatever else decodes it, gives the text to a terminal.
  it('of a process, even if JSON is decoded', () => {
    const commands = (value: unknown): string[] => {
      const { passes, settleMilliseconds } = parseCapture(JSON.stringify(value), 'x');
      const report = replay(passes, settleMilliseconds)?.report ?? null;
      const json = report === null ? null : jsonText(reportJson(report));
      const { containers } = JSON.parse(json ?? '') as ReportView;
      return containers.flatMap(({ processes }) => processes.map(({ command }) => command));
    };
    const [capture] = CAPTURES;
    for (const key of ['command', 'comm']) {
      const hostile: unknown = JSON.parse(JSON.stringify(capture), (name, value: unknown) =>
        name === key ? HOSTILE : name === 'command' ? '' : value,
      );
      const shown = commands(hostile).filter((command) => command.includes('owned'));
      expect(shown).not.to.have.length(0);
      for (const command of shown) expect(command).not.to.match(/\n|(?!\n)[\p{Cc}\p{Cf}]/u);
    }
  });

  it('of a running agent, whichever of the texts and keys of its answer it is', () => {
    for (const capture of CAPTURES) {
      const { passes } = parseCapture(JSON.stringify(capture), 'x');
      const report = replay(passes, 0)?.report ?? null;
      const view: unknown = report === null ? null : reportJson(report);
      let shown = 0;
      for (const other of withOneReplaced(view, HOSTILE)) {
        const parsed = parseReportJson(JSON.stringify(other));
        if (!parsed.ok) continue;
        expect(tableOf(parsed.value)).not.to.match(STEERING);
        shown += 1;
      }
      expect(shown).to.be.greaterThan(10);
    }
  });
});
