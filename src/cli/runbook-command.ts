import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { REASONS } from '../model/finding.ts';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { colors } from '../present/color.ts';
import { runbookSections, runbookText, sectionNamed } from '../present/runbook.ts';
import { wantsColor, type Io } from '../terminal/io.ts';
import type { Arguments } from './command-table.ts';
import { readRunbook } from './runbook-file.ts';

/** Without a terminal, a paragraph is one line. */
const UNFOLDED = 100_000;

type RunbookArguments = Arguments<'runbook'> & { readonly section: string | undefined };

/** Shows the runbook, or its section about one reason or alert; in a pager on a terminal. */
export function runRunbook({ section, color }: RunbookArguments, io: Io): number {
  const markdown = readRunbook();
  const text = runbookText(
    section === undefined ? markdown : sectionOf(section, markdown),
    colors(wantsColor(color, io)),
    io.isTty ? io.columns : UNFOLDED,
  );
  if (!io.isTty || !paged(text, io.env)) io.stdout(text);
  return 0;
}

function sectionOf(name: string, markdown: string): string {
  const sections = runbookSections(markdown);
  const section = sectionNamed(name, sections);
  if (section !== null) return section.text;
  const isOfReasons = /^RollcallUntracked(?:Critical|Warning)$/i.test(name);
  throw new KnownFailure(
    'USAGE',
    isOfReasons
      ? `${name} is raised for several reasons: give the one in the alert's label reason, ${REASONS.join(', ')}.`
      : `The runbook has no section "${oneLine(name, 80)}"; it has ${sections.map(({ title }) => title).join('; ')}.`,
  );
}

/** False if there is no pager, so that the caller prints the text. */
function paged(text: string, env: Io['env']): boolean {
  const [file = 'less', ...args] = (env['PAGER'] ?? '').split(' ').filter(Boolean);
  // Ctrl-C is for the pager: in `less`, it stops a search. Without a listener it would also end
  // this process, and leave the pager and the shell to read the same terminal.
  process.on('SIGINT', ignore);
  try {
    const pager = spawnSync(file, args, {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
      // `less` then quits if the text fits, shows colours, and leaves the text on the screen.
      env: { LESS: 'FRX', ...env },
    });
    return pager.error === undefined;
  } finally {
    process.off('SIGINT', ignore);
  }
}

const ignore = (): void => undefined;
