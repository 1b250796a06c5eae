import type { CaptureView } from '../model/answers.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';
import { cellName, cellText } from './names.ts';
import { secondText, secondsBetween, spanText } from './quantities.ts';

/** What a capture says of itself: which cell, when, by whom, and its digest. */
export const captureFacts = ({ capture, digest }: StoredCapture) => {
  const { capturedAt, capturedBy, rollcallVersion, looks } = capture;
  const { hostname, bootId, bosh } = looks.at(-1)?.cell ?? { hostname: '', bootId: '', bosh: null };
  return {
    looks: looks.length,
    sha256: digest?.stored ?? null,
    cell: { hostname, bootId, bosh },
    capturedAt,
    capturedBy,
    rollcallVersion,
  };
};

type Facts = Omit<CaptureView, 'schemaVersion' | 'file'>;

const MAX_NAME = 100;

/** The same for people, a line each. */
export function captureLines(facts: Facts, { colors, columns }: Screen): string[] {
  const { cell, capturedAt } = facts;
  const rows = [
    ['SHA-256', digestText(facts)],
    ['cell', cell.bosh === null ? oneLine(cell.hostname, MAX_NAME) : cellText(cell.bosh)],
    ['made', `${secondText(capturedAt)} ${makerText(facts)}`],
  ] as const;
  return rows.flatMap(([name, text]) =>
    hangingLines(text.split(' '), { columns, first: `${name.padEnd(7)}  `, style: colors.dim }),
  );
}

const digestText = ({ sha256 }: Facts): string => sha256 ?? 'none in the file';

const makerText = ({ capturedBy, rollcallVersion }: Facts): string => {
  const by = capturedBy === null ? '' : `by ${oneLine(capturedBy, MAX_NAME)} `;
  return `${by}with rollcall ${oneLine(rollcallVersion, MAX_NAME)}`;
};

/** What the answer to a replayed capture begins with. */
export function captureHeading(
  stored: StoredCapture,
  now: string,
  { colors, columns }: Screen,
): string {
  const facts = captureFacts(stored);
  const { cell, capturedAt } = facts;
  const seconds = secondsBetween(capturedAt, now);
  const age = seconds === null ? '' : ` (${spanText(seconds)} before this replay)`;
  const title = `Capture of ${cellName(cell)}, ${secondText(capturedAt)}${age}`;
  const lines = [
    ...wrapText(title, columns, colors.bold),
    ...wrapText(`SHA-256 ${digestText(facts)}`, columns, colors.dim),
    ...wrapText(`made ${makerText(facts)}`, columns, colors.dim),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const INTACT = {
  true: 'Its content matches its SHA-256. That shows that nothing damaged it, not who made it: whoever can write the file can write a digest, too.',
  false: 'DAMAGED or changed: its content does not match its SHA-256.',
  null: 'Unknown: it has no digest.',
} as const;

/** Whether the file is as it was made, for people. */
export function verifiedText(
  stored: StoredCapture,
  isIntact: boolean | null,
  screen: Screen,
): string {
  const { colors, columns } = screen;
  const style = { true: colors.green, false: colors.red, null: colors.yellow }[`${isIntact}`];
  const lines = [
    ...captureLines(captureFacts(stored), screen),
    ...(isIntact === false
      ? hangingLines([stored.digest?.ofContent ?? ''], { columns, first: 'content  ' })
      : []),
    ...wrapText(INTACT[`${isIntact}`], columns, style),
  ];
  return `${lines.join('\n')}\n`;
}
