import type { CaptureView } from '../model/answers.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import {
  code,
  facts,
  foreign,
  sentence,
  type Blocks,
  type Fact,
  type Span,
  type Text,
} from './document/blocks.ts';
import { cellText } from './names.ts';
import { ageText, plural, secondText } from './quantities.ts';

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

/** The same for people. */
export const captureRows = (captured: Facts): readonly Fact[] => [
  ['SHA-256', code(captured.sha256)],
  ['cell', nameOf(captured)],
  ['made', makerText(captured)],
  ['agent', agentText(captured)],
];

const nameOf = ({ cell }: Facts): Span =>
  cell.bosh === null ? foreign(cell.hostname) : { text: cellText(cell.bosh) };

const makerText = ({ capturedAt, capturedBy, rollcallVersion }: Facts): Text => [
  secondText(capturedAt),
  capturedBy === null ? null : [' by ', foreign(capturedBy)],
  ' with rollcall ',
  foreign(rollcallVersion),
];

const agentText = ({ agent }: Facts): string =>
  agent === null
    ? 'no answer of it: names and times that only it knew are missing'
    : `its report of ${secondText(agent.takenAt)} and ${plural(agent.events, 'event')}: they add names and times, and decide nothing`;

/** What the answer to a replayed capture begins with, so that nobody takes it for this cell. */
export function captureHeading(stored: StoredCapture, now: string): Blocks {
  const captured = captureFacts(stored);
  const age = ageText(captured.capturedAt, now);
  return [
    sentence(`A capture${age === '' ? '' : `, made ${age} before this replay`}:`, 'strong'),
    facts(captureRows(captured)),
  ];
}

const INTACT =
  'Its content matches its SHA-256. That shows that nothing damaged it, not who made it: whoever can write the file can write a digest, too.';
const DAMAGED = 'DAMAGED or changed: its content does not match its SHA-256.';

/** Whether the file is as it was made, for people. */
export const verifiedBlocks = (stored: StoredCapture, isIntact: boolean): Blocks => [
  facts([
    ...captureRows(captureFacts(stored)),
    !isIntact && ['content', code(stored.digest.ofContent)],
  ]),
  isIntact ? sentence(INTACT, 'good') : sentence(DAMAGED, 'critical'),
];
