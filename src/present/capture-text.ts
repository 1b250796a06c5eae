import type { CaptureView } from '../model/answers.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { hangingLines, wrapText } from './display-width.ts';
import { cellName, cellText } from './names.ts';
import { plural, secondText, secondsBetween, spanText } from './quantities.ts';

/** What a capture says of itself: which cell, when, by whom, and its digest. */
export const captureFacts = ({ capture, digest }: StoredCapture) => {
  const { capturedAt, capturedBy, rollcallVersion, looks, agent } = capture;
  const { hostname, bootId, bosh } = looks.at(-1)?.cell ?? { hostname: '', bootId: '', bosh: null };
  return {
    looks: looks.length,
    sha256: digest.stored,
    cell: { hostname, bootId, bosh },
    capturedAt,
    capturedBy,
    rollcallVersion,
    agent: agent === null ? null : { takenAt: agent.report.takenAt, events: agent.events.length },
  };
};

type Facts = Omit<CaptureView, 'schemaVersion' | 'file'>;

const MAX_NAME = 100;

/** The same for people, a line each. */
export function captureLines(facts: Facts, { colors, columns }: Screen): string[] {
  const { cell, capturedAt } = facts;
  const rows = [
    ['SHA-256', facts.sha256],
    ['cell', cell.bosh === null ? oneLine(cell.hostname, MAX_NAME) : cellText(cell.bosh)],
    ['made', `${secondText(capturedAt)} ${makerText(facts)}`],
    ['agent', agentText(facts)],
  ] as const;
  return rows.flatMap(([name, text]) =>
    hangingLines(text.split(' '), { columns, first: `${name.padEnd(7)}  `, style: colors.dim }),
  );
}

const makerText = ({ capturedBy, rollcallVersion }: Facts): string => {
  const by = capturedBy === null ? '' : `by ${oneLine(capturedBy, MAX_NAME)} `;
  return `${by}with rollcall ${oneLine(rollcallVersion, MAX_NAME)}`;
};

const agentText = ({ agent }: Facts): string =>
  agent === null
    ? 'no answer of it: names and times that only it knew are missing'
    : `its report of ${secondText(agent.takenAt)} and ${plural(agent.events, 'event')}`;

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
    ...wrapText(`SHA-256 ${facts.sha256}`, columns, colors.dim),
    ...wrapText(`made ${makerText(facts)}`, columns, colors.dim),
    ...(facts.agent === null
      ? []
      : wrapText(
          `The agent's report of ${secondText(facts.agent.takenAt)} is in it, and adds names and times. It decides nothing here.`,
          columns,
          colors.dim,
        )),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const INTACT =
  'Its content matches its SHA-256. That shows that nothing damaged it, not who made it: whoever can write the file can write a digest, too.';
const DAMAGED = 'DAMAGED or changed: its content does not match its SHA-256.';

/** Whether the file is as it was made, for people. */
export function verifiedText(stored: StoredCapture, isIntact: boolean, screen: Screen): string {
  const { colors, columns } = screen;
  const lines = captureLines(captureFacts(stored), screen);
  if (!isIntact)
    lines.push(...hangingLines([stored.digest.ofContent], { columns, first: 'content  ' }));
  const [text, style] = isIntact ? [INTACT, colors.green] : [DAMAGED, colors.red];
  lines.push(...wrapText(text, columns, style));
  return `${lines.join('\n')}\n`;
}
