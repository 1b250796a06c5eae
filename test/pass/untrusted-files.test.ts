import { expect } from 'chai';
import type { ReportView } from '../../src/model/report-view.ts';
import { captureText, parseCapture } from '../../src/parse/capture-file.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';
import { replay } from '../../src/pass/check.ts';
import { checkSettings, completePass, observeSnapshot } from '../../src/pass/complete-pass.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { colors } from '../../src/present/color.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { withMounts } from '../mounts/mounted.ts';
import { reportAfter, snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { keepsPromises } from '../untrusted-text.ts';

const SETTLE_MILLISECONDS = 2000;
const GARDEN = '/system.slice/garden.service';

/**
 * With a container of each kind: listed, lost, without an owner, without a cgroup, and with a
 * process outside.
 */
const CELL: CellText = {
  trees: {
    memory: [
      `${GARDEN}: 100`,
      `${GARDEN}/garden/a: 200`,
      `${GARDEN}/garden/b: 300`,
      `${GARDEN}/garden/lost: 400`,
    ].join('\n'),
    cpu: `${GARDEN}: 100\n${GARDEN}/garden/a: 200`,
  },
  listed: ['a', 'b', 'unowned', 'gone'],
  properties: { unowned: { 'garden.state': 'created' } },
  rootMounts: { gone: [7] },
  processes: [{ pid: 400, startedAt: '2026-01-01T00:00:10.000Z' }, { pid: 300 }],
  ancestors: { 400: [{ pid: 100, launched: { by: 'dadoo', id: 'lost', depot: null } }] },
  suspects: [{ pid: 500, cgroups: { memory: '/out' }, image: '/store/images/a' }],
  roots: { [`${GARDEN}/garden/a`]: '/store/images/a' },
};
const OUR_GDN = { pid: 100, cgroups: { memory: GARDEN, cpu: GARDEN } };
const ANOTHER_GDN = { pid: 101, cgroups: { memory: '/other', cpu: '/other' } };
const passesOf = (cells: readonly CellText[]) => cells.map((cell) => withMounts(snapshotOf(cell)));
const PASSES = passesOf([CELL, { ...CELL, at: 2000 }, { ...CELL, listed: null }]);
const PASSES_WITH_TWO_GDNS = passesOf([
  { ...CELL, gdn: [OUR_GDN, ANOTHER_GDN] },
  { ...CELL, gdn: [ANOTHER_GDN], at: 2000 },
]);

function shown(view: ReportView): readonly string[] {
  const style = { colors: colors(false), columns: 100, all: true, wide: true };
  const table = checkText(view, {
    ...style,
    isWhole: false,
    settleMilliseconds: SETTLE_MILLISECONDS,
  });
  return [...table.split('\n'), jsonText(view)];
}

describe('where somebody changed a file of ours,', () => {
  keepsPromises('a capture', {
    recorded: () =>
      [PASSES, PASSES.slice(0, 1), PASSES.slice(2), PASSES_WITH_TWO_GDNS].map((passes) =>
        captureText({
          schemaVersion: 3,
          rollcallVersion: '0.0.0',
          settleMilliseconds: SETTLE_MILLISECONDS,
          passes,
          capturedAt: '2026-01-01T00:00:00.000Z',
          capturedBy: null,
          agent: null,
        }),
      ),
    failures: ['CAPTURE_UNREADABLE', 'CAPTURE_SCHEMA'],
    read: (text) => {
      const capture = parseCapture(text, 'x');
      const written = captureText(capture);
      expect(captureText(parseCapture(written, 'x'))).to.equal(written);
      const checked = replay(capture.passes, capture.settleMilliseconds);
      return checked === null ? [] : shown(reportJson(checked.report));
    },
  });

  keepsPromises('the memory file', {
    recorded: () =>
      [[CELL], [CELL, { ...CELL, at: 60_000 }], [{ ...CELL, listed: null }]].map((cells) =>
        memoryText(reportAfter(cells).memory, '2026-01-01T00:00:00.000Z'),
      ),
    read: (text) => {
      const parsed = parseMemory(text);
      if (!parsed.ok) return [parsed.why];
      const written = memoryText(parsed.value, '');
      const again = parseMemory(written);
      expect(again.ok && memoryText(again.value, '')).to.equal(written);
      const settings = checkSettings(gracePeriodsOfCheck(SETTLE_MILLISECONDS));
      return PASSES.slice(1).flatMap((snapshot) => {
        const { report } = completePass(observeSnapshot(snapshot, parsed.value), settings);
        return shown(reportJson(report));
      });
    },
  });
});
