import type { CaptureView } from '../model/answers.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import {
  code,
  facts,
  foreign,
  note,
  sentence,
  type Block,
  type Fact,
  type Span,
} from './document/blocks.ts';
import { cellName, cellText } from './names.ts';
import { plural, secondText, secondsBetween, spanText } from './quantities.ts';

/** What a capture says of itself: which cell, when, by whom, and its digest. */
export const captureFacts = ({ capture, digest }: StoredCapture) => {
  const { capturedAt, capturedBy, rollcallVersion, passes, agent } = capture;
  const { hostname, bootId, bosh } = passes.at(-1)?.cell ?? {
    hostname: '',
    bootId: '',
    bosh: null,
  };
  return {
    passes: passes.length,
    sha256: digest.stored,
    cell: { hostname, bootId, bosh },
    capturedAt,
    capturedBy,
    rollcallVersion,
    agent: agent === null ? null : { takenAt: agent.report.takenAt, events: agent.events.length },
  };
};

type Facts = Omit<CaptureView, 'schemaVersion' | 'file'>;

/** For texts that a file says of itself. */
const MAX_NAME = 100;

/** The same for people. */
export const captureRows = (captured: Facts): readonly Fact[] => [
  ['SHA-256', code(captured.sha256)],
  ['cell', nameOf(captured)],
  ['made', `${secondText(captured.capturedAt)} ${makerText(captured)}`],
  ['agent', agentText(captured)],
];

const nameOf = ({ cell }: Facts): Span =>
  cell.bosh === null ? foreign(cell.hostname) : { text: cellText(cell.bosh) };

const makerText = ({ capturedBy, rollcallVersion }: Facts): string => {
  const by = capturedBy === null ? '' : `by ${oneLine(capturedBy, MAX_NAME)} `;
  return `${by}with rollcall ${oneLine(rollcallVersion, MAX_NAME)}`;
};

const agentText = ({ agent }: Facts): string =>
  agent === null
    ? 'no answer of it: names and times that only it knew are missing'
    : `its report of ${secondText(agent.takenAt)} and ${plural(agent.events, 'event')}`;

/** What the answer to a replayed capture begins with. */
export function captureHeading(stored: StoredCapture, now: string): readonly Block[] {
  const captured = captureFacts(stored);
  const { cell, capturedAt } = captured;
  const seconds = secondsBetween(capturedAt, now);
  const age = seconds === null ? '' : ` (${spanText(seconds)} before this replay)`;
  return [
    sentence(`Capture of ${cellName(cell)}, ${secondText(capturedAt)}${age}`, 'strong'),
    note(`SHA-256 ${captured.sha256}`),
    note(`made ${makerText(captured)}`),
    ...(captured.agent === null
      ? []
      : [
          note(
            `The agent's report of ${secondText(captured.agent.takenAt)} is in it, and adds names and times. It decides nothing here.`,
          ),
        ]),
  ];
}

const INTACT =
  'Its content matches its SHA-256. That shows that nothing damaged it, not who made it: whoever can write the file can write a digest, too.';
const DAMAGED = 'DAMAGED or changed: its content does not match its SHA-256.';

/** Whether the file is as it was made, for people. */
export const verifiedBlocks = (stored: StoredCapture, isIntact: boolean): readonly Block[] => [
  facts([
    ...captureRows(captureFacts(stored)),
    ...(isIntact ? [] : [['content', code(stored.digest.ofContent)] as const]),
  ]),
  isIntact ? sentence(INTACT, 'good') : sentence(DAMAGED, 'critical'),
];
