import { countsAsUntracked } from '../model/acknowledgement.ts';
import {
  isOfCell,
  REASONS,
  SEVERITIES,
  severitiesOf,
  type Reason,
  type Severity,
} from '../model/finding.ts';
import { usageFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { colors } from '../present/color.ts';
import { listText } from '../present/names.ts';
import { OLD_ALERTS, runbookSections, runbookText, sectionNamed } from '../present/runbook.ts';
import { wantsColor, type Io } from '../terminal/io.ts';
import { askedAgent } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { readRunbook } from './runbook-file.ts';

/** Without a terminal, a paragraph is one line. */
const UNFOLDED = 100_000;

type RunbookArguments = Arguments<'runbook'> & { readonly section: string | undefined };

/** Shows the runbook, or its section about one reason or alert. */
export async function runRunbook(args: RunbookArguments, io: Io): Promise<number> {
  const markdown = readRunbook();
  const text = runbookText(
    await partOf(markdown, args),
    colors(wantsColor(args.color, io)),
    io.isTty ? io.columns : UNFOLDED,
  );
  io.stdout(text);
  return 0;
}

async function partOf(
  markdown: string,
  { section, statusSocket }: RunbookArguments,
): Promise<string> {
  if (section === undefined) return markdown;
  const alert = section.toLowerCase();
  const severity = SEVERITIES.find((one) => OLD_ALERTS[one].toLowerCase() === alert);
  if (severity === undefined) return sectionOf(section, markdown);
  const possible = REASONS.filter(
    (reason) => severitiesOf(reason).includes(severity) && !isOfCell(reason, severity),
  );
  const { here, says } = await reasonsHere(severity, statusSocket);
  const shown = possible.filter((reason) => here.length === 0 || here.includes(reason));
  return [says, ...shown.map((reason) => sectionOf(reason, markdown))].join('\n\n');
}

/** The reasons of this cell's findings, for an alert that does not say which it is about. */
async function reasonsHere(
  severity: Severity,
  statusSocket: string,
): Promise<{ readonly here: readonly (Reason | null)[]; readonly says: string }> {
  const alert = OLD_ALERTS[severity];
  const all = `${alert} can have any of these reasons:`;
  const asked = await askedAgent(statusSocket);
  if (asked.kind !== 'answered') {
    const why = asked.kind === 'silent' ? oneLine(asked.why, 400) : '';
    return { here: [], says: `The agent of this cell could not be asked. ${why} ${all}` };
  }
  const here = asked.report.containers
    .filter((one) => countsAsUntracked(one) && !one.drill && one.severity === severity)
    .map(({ reason }) => reason);
  return here.length === 0
    ? { here, says: `This cell has no finding of severity ${severity} now. ${all}` }
    : {
        here,
        says: `${alert} is about ${listText([...new Set(here)].map(String))} on this cell now.`,
      };
}

function sectionOf(name: string, markdown: string): string {
  const sections = runbookSections(markdown);
  const section = sectionNamed(name, sections);
  if (section !== null) return section.text;
  throw usageFailure(
    `The runbook has no section "${oneLine(name, 80)}". It has one for each alert, each warning and each reason (${REASONS.join(', ')}); rollcall runbook begins with all.`,
  );
}
