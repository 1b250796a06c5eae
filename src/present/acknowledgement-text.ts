import type { Acknowledgement } from '../model/acknowledgement.ts';
import { oneLine } from '../model/text.ts';
import { secondText } from './quantities.ts';

const MAX_BY = 64;
const MAX_REASON = 300;

/** Who gave an acknowledgement; nothing verifies what a client calls itself. */
const givenBy = ({ by }: Pick<Acknowledgement, 'by'>): string =>
  by === null ? 'by the configuration' : `by ${oneLine(by, MAX_BY)} (not verified)`;

/** Why a finding does not count, for log, table, page and explain. */
export const acknowledgementText = (one: Acknowledgement): string =>
  `Acknowledged until ${secondText(one.until)} ${givenBy(one)}: ${oneLine(one.reason, MAX_REASON)}`;
