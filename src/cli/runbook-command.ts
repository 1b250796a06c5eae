import { REASONS } from '../model/finding.ts';
import { usageFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { colors } from '../present/color.ts';
import { documentText } from '../present/document/terminal.ts';
import {
  namesLike,
  runbookDocument,
  runbookOfCell,
  runbookSections,
  sectionNamed,
} from '../present/runbook.ts';
import { readCellIdentity } from '../probe/cell-identity.ts';
import { typedAs, wantsColor, type Io } from '../terminal/io.ts';
import type { Arguments } from './command-table.ts';
import { readRunbook } from './runbook-file.ts';

/** Without a terminal, a paragraph is one line. */
const UNFOLDED = 100_000;

type RunbookArguments = Arguments<'runbook'> & { readonly section: string | undefined };

/** Shows the runbook, or its section about one reason or alert. */
export function runRunbook(args: RunbookArguments, io: Io): number {
  const markdown = runbookOfCell(readRunbook(), readCellIdentity('/'));
  const wanted = args.section === undefined ? markdown : sectionOf(args.section, markdown);
  io.stdout(
    documentText(runbookDocument(wanted), {
      colors: colors(wantsColor(args.color, io)),
      columns: io.isTty ? io.columns : UNFOLDED,
      typedAs: typedAs(io),
      keepsCommands: true,
    }),
  );
  return 0;
}

function sectionOf(name: string, markdown: string): string {
  const sections = runbookSections(markdown);
  const section = sectionNamed(name, sections);
  if (section !== null) return section.text;
  const alike = namesLike(name, sections);
  const meant = alike.length === 0 ? '' : ` Perhaps ${alike.join(' or ')} is meant.`;
  throw usageFailure(
    `The runbook has no section "${oneLine(name, 80)}".${meant} It has one for each alert, each warning and each reason (${REASONS.join(', ')}); ${TYPED_ON_CELL} runbook begins with all.`,
  );
}
