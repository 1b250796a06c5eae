import { setTimeout as sleep } from 'node:timers/promises';
import { writeCapture } from '../../src/probe/capture-files.ts';
import { CAPTURE_SCHEMA_VERSION } from '../../src/model/snapshot.ts';
import { captureText } from '../../src/parse/capture-file.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { checkCell } from '../../src/pass/check.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';

// Runs in the cell: one check, its report on stdout as `check --format json` prints it, and its snapshot as a capture.
const [gardenSocket = '', path = ''] = process.argv.slice(2);
const settleMilliseconds = 300;
const probe = probeCell({
  root: '/',
  gardenSocket,
  gardenTimeoutMilliseconds: 10_000,
  bosh: null,
  showsCommand: shownCommand,
});
const { report, snapshots } = await checkCell(probe, {
  settleMilliseconds,
  allHierarchies: true,
  comparesLedgers: false,
  sleep: (milliseconds) => sleep(milliseconds),
});
probe.close();
writeCapture(
  captureText({
    schemaVersion: CAPTURE_SCHEMA_VERSION,
    rollcallVersion: 'test',
    capturedAt: report.takenAt,
    capturedBy: null,
    settleMilliseconds,
    looks: snapshots,
  }),
  path,
);
process.stdout.write(`${jsonText(reportJson(report), 2)}\n`);
