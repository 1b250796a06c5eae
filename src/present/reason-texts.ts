import type { Difference, Reason } from '../model/finding.ts';
import { noCgroupSentence } from './destroy-sentences.ts';
import {
  escapedSentence,
  limitLostSentence,
  partialSentence,
  stuckSentence,
  unknownSentence,
  unownedSentence,
  type Sentenced,
} from './reason-sentences.ts';

/** Where the operator's runbook has the section of a reason; null: no runbook is configured. */
export const runbookLink = (runbookUrl: string | null, reason: string): string | null =>
  runbookUrl === null ? null : `${runbookUrl}#${reason}`;

/** @param difference with this reason */
export const differenceSentence = <R extends Reason>(
  reason: R,
  difference: Difference<R>,
  container: Sentenced,
): string => SENTENCES[reason](difference, container);

/** About one container: what the pass found out. */
const SENTENCES: {
  readonly [R in Reason]: (difference: Difference<R>, container: Sentenced) => string;
} = {
  'unknown-to-garden': unknownSentence,
  unowned: unownedSentence,
  'no-cgroup': noCgroupSentence,
  stuck: stuckSentence,
  escaped: escapedSentence,
  'limit-lost': limitLostSentence,
  partial: partialSentence,
};

/** The containers that stay pending in a check that is too short to report them. */
export const IN_SHORT_CHECK: Readonly<Partial<Record<Reason, string>>> = {
  unowned: 'containers that rep may still remove',
  'no-cgroup': 'listed containers without a process',
  stuck: 'killed containers whose processes still run',
};
