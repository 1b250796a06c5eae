import {
  graceRuleOf,
  leastSettleOf,
  passesOf,
  type Reason,
  REASONS,
  severitiesOf,
} from '../src/model/finding.ts';
import { REASON_TEXTS } from '../src/present/reason-texts.ts';
import { pageWith } from './generated-part.ts';
import { code, item, markdownTable } from './markdown.ts';

export const README = 'README.md';
export const REASON_TEXTS_FILE = 'src/present/reason-texts.ts';

/** README.md, written by hand except for its table of reasons. */
export const readmePage = (): string => pageWith(README, { [REASON_TEXTS_FILE]: readmeTable() });

const readmeTable = (): string =>
  markdownTable(
    ['reason', 'meaning', 'severity', 'Diego'],
    REASONS.map((reason) => {
      const { summary, diego } = REASON_TEXTS[reason].docs;
      return [code(reason), summary, severities(reason), diego];
    }),
  );

/** What docs/interfaces.md says about each reason. */
export const reasonContract = (): string => `${contractTable()}\n\n${contractDetails()}`;

const contractTable = (): string =>
  markdownTable(
    ['reason', 'meaning', 'severity', 'must last'],
    REASONS.map((reason) => [
      code(reason),
      REASON_TEXTS[reason].docs.definition,
      severities(reason),
      mustLast(reason),
    ]),
  );

const contractDetails = (): string =>
  REASONS.map((reason) => item(`**${code(reason)}**: ${REASON_TEXTS[reason].docs.details}`)).join(
    '\n',
  );

function severities(reason: Reason): string {
  const [usual, other] = severitiesOf(reason);
  const { otherSeverity } = REASON_TEXTS[reason].docs;
  return otherSeverity === undefined ? usual : `${usual}; ${other} ${otherSeverity}`;
}

function mustLast(reason: Reason): string {
  const { times, least, leastSettle } = graceRuleOf(reason, null);
  const grace = times === 1 ? 'the grace period' : `${times} grace periods`;
  const atLeast = least === 0 ? '' : `, at least ${least / 1000} s`;
  const passes = passesOf(reason) === 2 ? ', two passes' : '';
  const otherwise = leastSettleOf(reason) > leastSettle ? ' if permanent; else see below' : '';
  return `${grace}${atLeast}${passes}${otherwise}`;
}
