import type { Reason, Severity, Status } from './finding.ts';
import type { Handle } from './ids.ts';

/** At most so many are in force on a cell; more count as findings. */
export const MAX_ACKNOWLEDGEMENTS = 100;

/** How long one from a client may be in force. */
const MAX_ACKNOWLEDGED_MILLISECONDS = 90 * 86_400_000;
/** Characters of what a client calls itself. */
export const MAX_ACKNOWLEDGED_BY = 64;
/** Characters of the reason of one. */
export const MAX_ACKNOWLEDGED_REASON = 200;
/** Characters of a handle or an app's guid in the configuration. */
export const MAX_ACKNOWLEDGED_NAME = 255;

/** Why a finding does not count, and until when. */
export interface Acknowledgement {
  /** RFC 3339 UTC. */
  readonly until: string;
  readonly reason: string;
  /** What its client calls itself, which nothing verifies; null: the configuration. */
  readonly by: string | null;
}

/** What was acknowledged: another reason or severity counts again. */
interface AcknowledgedFinding {
  readonly reason: Reason;
  readonly severity: Severity;
}

/** As memory keeps it, by handle. */
export interface RememberedAcknowledgement extends Acknowledgement {
  readonly finding: AcknowledgedFinding;
  /** Of the container in memory: another incarnation of the handle has another one. */
  readonly firstSeen: string;
  /** Its finding changed: a standing one does not begin again until that is over. */
  readonly isOver: boolean;
  /** A client gave this one for a finding that had changed: no standing one takes over from it. */
  readonly standingIsOver: boolean;
}

export type RememberedAcknowledgements = ReadonlyMap<Handle, RememberedAcknowledgement>;

/** One that is in force, as the agent tells it. */
export interface AcknowledgementEntry extends Acknowledgement {
  readonly handle: string;
  readonly finding: AcknowledgedFinding;
}

/** What a client asks for. */
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

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `7d`, `12h`, `30m` or `90s` in milliseconds; null: another text, none, or more than 90 days. */
export function acknowledgedMilliseconds(duration: string): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,8})([smhd])$/.exec(duration) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? 0);
  const isAllowed = milliseconds > 0 && milliseconds <= MAX_ACKNOWLEDGED_MILLISECONDS;
  return isAllowed ? milliseconds : null;
}

/** One of the configuration, for every container of that handle or app. */
export type StandingAcknowledgement = Pick<Acknowledgement, 'until' | 'reason'> &
  ({ readonly handle: string } | { readonly appId: string });

/** Why one ended. `withdrawn`: by a client, or the configuration no longer has it. */
export type AcknowledgementEnd = 'expired' | 'changed' | 'recovered' | 'gone' | 'withdrawn';

/** Whether it counts: for the verdict, the summary, the metrics and their alerts. */
export const countsAsUntracked = ({
  status,
  acknowledged,
}: {
  readonly status: Status;
  readonly acknowledged: Acknowledgement | null;
}): boolean => status === 'untracked' && acknowledged === null;
