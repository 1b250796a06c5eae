import { durationMilliseconds } from './duration.ts';
import { REASONS, SEVERITIES, type Status } from './finding.ts';
import type { Handle } from './ids.ts';
import { processIdentity } from './sweep.ts';
import * as s from './shape.ts';

/** At most this many are in force on a cell; further findings count. */
export const MAX_ACKNOWLEDGEMENTS = 100;

/** How long an acknowledgement from a client may be in force. */
export const MAX_ACKNOWLEDGED_MILLISECONDS = 90 * 86_400_000;
/** Characters of what a client calls itself. */
export const MAX_ACKNOWLEDGED_BY = 64;
/** Characters of the reason that a client gives. */
export const MAX_ACKNOWLEDGED_REASON = 200;
/** Characters of a handle or an app's guid in the configuration. */
export const MAX_ACKNOWLEDGED_NAME = 255;

/** Why a finding does not count, and until when. */
export const acknowledgement = s.object({
  until: s.key(s.time, 'When the acknowledgement ends.'),
  reason: s.key(s.text, 'Why it was acknowledged.'),
  by: s.key(s.nullableText, 'Who acknowledged it, not verified; null: the configuration.'),
});
export type Acknowledgement = s.TypeOf<typeof acknowledgement>;

/** What was acknowledged: a finding with another reason or severity counts again. */
const acknowledgedFinding = s.object({
  reason: s.key(s.choice(...REASONS), 'Why the container was untracked.'),
  severity: s.key(s.choice(...SEVERITIES), 'How severe that was.'),
});

/** One that is in force, as the agent reports it. */
export const acknowledgementEntry = s.object({
  handle: s.key(s.text, 'The container.'),
  finding: s.key(
    acknowledgedFinding,
    'The acknowledged reason and severity; another one counts again.',
  ),
  ...acknowledgement.keys,
});
export type AcknowledgementEntry = s.TypeOf<typeof acknowledgementEntry>;

/** As the memory keeps it, by handle. */
export const rememberedAcknowledgement = s.struct({
  ...acknowledgement.keys,
  finding: acknowledgedFinding,
  /** When its container was first seen, which tells apart two of the same handle. */
  firstSeen: s.text,
  /** For `escaped`: those that it covers, with their descendants. Null: not known, or not escaped. */
  processes: s.later(s.nullable(s.list(processIdentity, 5)), null),
  /** Its finding changed: one from the configuration applies again only after that finding ends. */
  isOver: s.flag,
  /** A client gave it after the finding changed: none from the configuration replaces it. */
  standingIsOver: s.flag,
});
export type RememberedAcknowledgement = s.TypeOf<typeof rememberedAcknowledgement>;

export type RememberedAcknowledgements = ReadonlyMap<Handle, RememberedAcknowledgement>;

export interface AcknowledgementRequest {
  readonly handle: string;
  readonly milliseconds: number;
  readonly reason: string;
  readonly by: string;
}

/** Why a request is refused. `standing`: the configuration acknowledges it. */
export type AcknowledgementRefusal =
  | 'no-report'
  | 'not-found'
  | 'no-finding'
  | 'drill'
  | 'too-many'
  | 'not-acknowledged'
  | 'standing';

export type AcknowledgementOutcome =
  | { readonly ok: true; readonly entry: AcknowledgementEntry }
  | { readonly ok: false; readonly why: AcknowledgementRefusal };

/** `7d`, `12h`, `30m` or `90s` in milliseconds; null for all else, for zero, and above 90 days. */
export function acknowledgedMilliseconds(duration: string): number | null {
  // With a unit: somebody who types 7 does not mean seconds.
  const milliseconds = /[a-z]$/.test(duration) ? durationMilliseconds(duration) : null;
  if (milliseconds === null || milliseconds === 0) return null;
  return milliseconds <= MAX_ACKNOWLEDGED_MILLISECONDS ? milliseconds : null;
}

/** One from the configuration, for every container of that handle or app. */
export type StandingAcknowledgement = Pick<Acknowledgement, 'until' | 'reason'> &
  ({ readonly handle: string } | { readonly appId: string });

/** Why an acknowledgement ended. `withdrawn`: by a client, or removed from the configuration. */
export const ACKNOWLEDGEMENT_ENDS = [
  'expired',
  'changed',
  'recovered',
  'gone',
  'withdrawn',
] as const;
export type AcknowledgementEnd = (typeof ACKNOWLEDGEMENT_ENDS)[number];

/** Whether a container counts: for the verdict, the summary, the metrics and their alerts. */
export const countsAsUntracked = ({
  status,
  acknowledged,
}: {
  readonly status: Status;
  readonly acknowledged: Acknowledgement | null;
}): boolean => status === 'untracked' && acknowledged === null;
