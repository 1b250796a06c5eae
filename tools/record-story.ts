import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Cell } from '../src/demo-cell/cell.ts';
import { ruleView } from '../src/demo-cell/rule-views.ts';
import { runInCell } from '../src/demo-cell/run-in-cell.ts';
import { breakStoryCell, startStoryCell, STORY_HANDLES } from '../src/demo-cell/story-cell.ts';
import { STORY_RULES } from '../src/demo-cell/story.ts';
import { asByteString } from '../src/model/ids.ts';
import type { MountTable } from '../src/model/mount.ts';
import type { Capture, Snapshot } from '../src/model/snapshot.ts';
import { textOfBytes } from '../src/model/text.ts';
import { chooseMounts } from '../src/mounts/choose-mounts.ts';
import { compareRules } from '../src/mounts/compare-rules.ts';
import { parseCapture, captureText } from '../src/parse/capture-file.ts';
import { finish } from '../src/terminal/failing.ts';
import { processIo } from '../src/terminal/io.ts';
import { typedOptions } from '../src/terminal/options.ts';
import { parseMountInfo } from '../src/parse/mount-table.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const target = fileURLToPath(new URL('../src/demo-cell/recorded/', import.meta.url));

/**
 * Records the cell of the story for machines where none can be built: two captures, and how many containers each rule sees.
 * Needs root. What belongs to the machine that records, and not to the cell, is left out.
 */
async function recordStory(): Promise<number> {
  typedOptions({});
  const cell = await startStoryCell();
  try {
    fs.mkdirSync(target, { recursive: true });
    await record(cell, 'healthy');
    fs.writeFileSync(`${target}seen.json`, `${JSON.stringify(countSeen(cell), null, 2)}\n`);
    await breakStoryCell(cell);
    await record(cell, 'broken');
  } finally {
    await cell.stop();
  }
  return 0;
}

async function record(cell: Cell, state: 'healthy' | 'broken'): Promise<void> {
  // The cell has a /tmp of its own, so the file is written where both see it: through the cell's root.
  const inCell = `/tmp/${state}.json.gz`;
  const ran = await runInCell(cell, [process.execPath, main, 'capture', inCell]);
  if (ran.exitCode !== 0) throw new Error(`capture failed: ${ran.stderr}`);
  const packed = fs.readFileSync(cell.outside(inCell));
  const capture = parseCapture(gunzipSync(packed).toString('utf8'), state);
  fs.writeFileSync(
    `${target}${state}.json.gz`,
    gzipSync(captureText(anonymous(capture)), { level: 9 }),
  );
}

const anonymous = (capture: Capture): Capture => ({
  ...capture,
  // The first and the last pass decide what a difference lasted; those between would only add bytes.
  looks: [...new Set([capture.looks[0], capture.looks.at(-1)])].flatMap((look) =>
    look === undefined ? [] : [anonymousLook(look)],
  ),
});

const anonymousLook = (look: Snapshot): Snapshot => ({
  ...look,
  cell: { hostname: 'cell', bootId: '00000000-0000-4000-8000-000000000000' },
  mounts: {
    ...look.mounts,
    cellTable: ofTheCell(look.mounts.cellTable),
    ownTable: ofTheCell(look.mounts.ownTable),
  },
});

/** The mounts that every cell has or that the story makes; not what else the recording machine mounts. */
const ofTheCell = (table: MountTable): MountTable => ({
  ...table,
  mounts: table.mounts.filter(
    ({ mountPoint }) =>
      mountPoint === '/' || /^\/(?:proc|sys|dev|tmp|var\/vcap)(?:\/|$)/.test(mountPoint),
  ),
});

function countSeen(cell: Cell): Record<string, number> {
  const table = parseMountInfo(
    asByteString(fs.readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'latin1')),
  );
  const question = { table, namespace: 'initial', live: null } as const;
  const { choices } = chooseMounts({ ...question, rule: 'verified' });
  const comparison = compareRules({ ...question, verified: choices });
  const root = cell.outside('');
  return Object.fromEntries(
    STORY_RULES.map((rule) => {
      const mount = comparison.get(rule)?.get('memory')?.mount ?? null;
      const mountPoint = mount === null ? null : textOfBytes(mount.mountPoint);
      return [rule, ruleView(rule, mountPoint, STORY_HANDLES, root).seen];
    }),
  );
}

process.exitCode = await finish(recordStory, processIo);
