import { KnownFailure, usageFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import {
  HEADING_OF_ALERT,
  nameOfSection,
  OLD_ALERTS,
  runbookSections,
} from '../present/runbook.ts';
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
    throw usageFailure(
      `Completion exists for ${SHELLS.join(' and ')}, not for "${oneLine(wanted, 40)}".`,
    );
  }
  io.stdout(completionText(shell, sectionNames()));
  return 0;
}

/** The runbook's sections, and the alerts that have another name than theirs. */
function sectionNames(): readonly string[] {
  try {
    const names = runbookSections(readRunbook()).map(({ title }) => nameOfSection(title));
    return [...names, ...Object.keys(HEADING_OF_ALERT), ...Object.values(OLD_ALERTS)];
  } catch (error) {
    if (error instanceof KnownFailure) return [];
    throw error;
  }
}
