import { durationMilliseconds } from './duration.ts';
import { REASONS, SEVERITIES, type Status } from './finding.ts';
import type { Handle } from './ids.ts';
import type { ProcessIdentity } from './sweep.ts';
import { choice, key, nullableText, object, text, time, type TypeOf } from './shape.ts';

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
export const acknowledgement = object({
  until: key(time, 'When the acknowledgement ends.'),
  reason: key(text, 'Why it was acknowledged.'),
  by: key(nullableText, 'Who acknowledged it, not verified; null: the configuration.'),
});
export type Acknowledgement = TypeOf<typeof acknowledgement>;

/** What was acknowledged: a finding with another reason or severity counts again. */
export const acknowledgedFinding = object({
  reason: key(choice(...REASONS), 'Why the container was untracked.'),
  severity: key(choice(...SEVERITIES), 'How severe that was.'),
});

/** One that is in force, as the agent reports it. */
export const acknowledgementEntry = object({
  handle: key(text, 'The container.'),
  finding: key(
    acknowledgedFinding,
    'The acknowledged reason and severity; another one counts again.',
  ),
  ...acknowledgement.keys,
});
export type AcknowledgementEntry = TypeOf<typeof acknowledgementEntry>;

/** As the memory keeps it, by handle. */
export interface RememberedAcknowledgement extends Acknowledgement {
  readonly finding: AcknowledgementEntry['finding'];
  /**
   * When its container was first seen, which tells apart two containers that had the same handle.
   */
  readonly firstSeen: string;
  /**
   * For `escaped`: the processes that it covers, with those of their descendants that are outside.
   * Null: for another reason, or not known yet, in a file of an earlier version.
   */
  readonly processes: readonly ProcessIdentity[] | null;
  /** Its finding changed: one from the configuration applies again only after that finding ends. */
  readonly isOver: boolean;
  /** A client gave it after the finding changed: none from the configuration replaces it. */
  readonly standingIsOver: boolean;
}

export type RememberedAcknowledgements = ReadonlyMap<Handle, RememberedAcknowledgement>;

/** The request of a client. */
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

/**
 * Why an acknowledgement ended. `withdrawn`: by a client, or by its removal from the configuration.
 */
export type AcknowledgementEnd = 'expired' | 'changed' | 'recovered' | 'gone' | 'withdrawn';

/** Whether a container counts: for the verdict, the summary, the metrics and their alerts. */
export const countsAsUntracked = ({
  status,
  acknowledged,
}: {
  readonly status: Status;
  readonly acknowledged: Acknowledgement | null;
}): boolean => status === 'untracked' && acknowledged === null;
