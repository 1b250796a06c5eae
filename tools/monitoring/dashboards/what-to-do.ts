import { PanelBuilder } from '@grafana/grafana-foundation-sdk/text';
import { REASONS } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/sentence.ts';

const MEANINGS: readonly (readonly [string, string])[] = [
  ...REASONS.map((reason) => [reason, REASON_TEXTS[reason].meaning] as const),
  ['unknown', 'the cell could not compare. What is shown of it is the last known picture.'],
];

/** The words of the tables in one line each, with links into the runbook. */
export const whatToDo = (): PanelBuilder =>
  new PanelBuilder()
    .title('What the words mean')
    .description(
      'The links work once "Runbook" at the top holds the address of your copy of docs/runbook.md.',
    )
    .content(
      MEANINGS.map(([word, meaning]) => `- [**${word}**](\${runbook}#${word}): ${meaning}`).join(
        '\n',
      ),
    );
