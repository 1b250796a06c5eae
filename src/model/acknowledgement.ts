import type { Reason, Severity, Status } from './finding.ts';
import type { Handle } from './ids.ts';

/** At most so many are in force on a cell; more count as findings. */
export const MAX_ACKNOWLEDGEMENTS = 100;

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
export interface AcknowledgedFinding {
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
}

export type RememberedAcknowledgements = ReadonlyMap<Handle, RememberedAcknowledgement>;

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
