import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { HEADING_OF_ALERT, runbookSections } from '../present/runbook.ts';
import type { Io } from '../terminal/io.ts';
import { SHELLS } from './command-table.ts';
import { completionText } from './completion.ts';
import { readRunbook } from './runbook-file.ts';

/**
 * Prints the completion of a shell, for a line in its start-up file.
 * @throws KnownFailure USAGE
 */
export function runCompletion(typed: string | undefined, io: Io): number {
  const wanted = typed ?? (/(?:^|\/)zsh$/.test(io.env['SHELL'] ?? '') ? 'zsh' : 'bash');
  const shell = SHELLS.find((one) => one === wanted);
  if (shell === undefined) {
    throw new KnownFailure(
      'USAGE',
      `Completion exists for ${SHELLS.join(' and ')}, not for "${oneLine(wanted, 40)}".`,
    );
  }
  io.stdout(completionText(shell, sectionNames()));
  return 0;
}

/** The runbook's sections whose title is one word: reasons and alerts. */
function sectionNames(): readonly string[] {
  try {
    const titles = runbookSections(readRunbook()).map(({ title }) => title);
    return [
      ...titles.filter((title) => /^[A-Za-z-]+$/.test(title)),
      ...Object.keys(HEADING_OF_ALERT),
    ];
  } catch (error) {
    if (error instanceof KnownFailure) return [];
    throw error;
  }
}
