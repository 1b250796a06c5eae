import { PanelBuilder } from '@grafana/grafana-foundation-sdk/text';

const REASONS = [
  [
    'unknown-to-garden',
    'it runs, and Garden does not list it. Find out whose it is; do not kill it before.',
  ],
  [
    'unowned',
    'Garden lost its properties, so Diego no longer manages it. Deleting it may kill a live app.',
  ],
  ['no-cgroup', 'Garden lists it and nothing runs, or it runs outside of its cgroup (critical).'],
  ['partial', 'it runs, but is missing in a hierarchy: what looks there does not see it.'],
  ['unknown', 'the cell could not compare. What is shown of it is the last known picture.'],
] as const;

/** The words of the tables in one line each, with links into the runbook. */
export const whatToDo = (): PanelBuilder =>
  new PanelBuilder()
    .title('What the words mean')
    .description(
      'The links work once "Runbook" at the top holds the address of your copy of docs/runbook.md.',
    )
    .content(
      REASONS.map(
        ([reason, meaning]) => `- [**${reason}**](\${runbook}#${reason}): ${meaning}`,
      ).join('\n'),
    );
