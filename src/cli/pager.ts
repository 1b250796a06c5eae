import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { errnoOf } from '../model/failure.ts';
import { isScreen, type Io } from '../terminal/io.ts';

/**
 * Prints a text for people. What is longer than a terminal goes through a pager, as in git.
 * @param lead only for a pager, which begins at the top: what the text says at its end
 */
export function printPaged(
  text: string,
  { noPager }: { readonly noPager?: boolean | undefined },
  io: Io,
  lead = '',
): void {
  const takesPager = isScreen(io) && io.env['TERM'] !== undefined;
  const mayBePaged = takesPager && noPager !== true && isLonger(text, io);
  if (!mayBePaged || !paged(lead + text, io.env)) io.stdout(text);
}

/**
 * Counts colour codes as text, too: `less -F` then quits by itself. A terminal without a size has
 * nobody at its keyboard, as with `bosh ssh -c`, which forces one.
 */
function isLonger(text: string, { rows = 0, columns }: Io): boolean {
  const lines = text.trimEnd().split('\n');
  const taken = lines.reduce(
    (sum, { length }) => sum + Math.max(1, Math.ceil(length / columns)),
    0,
  );
  // The shell's next prompt takes one.
  return rows > 0 && taken >= rows;
}

/** False if there is no pager, so that the caller prints the text. */
function paged(text: string, { PAGER = 'less', ...env }: Io['env']): boolean {
  const [file, ...args] = PAGER.split(' ').filter(Boolean);
  if (file === undefined) return false;
  // Ctrl-C is for the pager: in `less`, it stops a search. Without a listener it would also end
  // this process, and leave the pager and the shell to read the same terminal.
  process.on('SIGINT', ignore);
  try {
    const { error } = spawnSync(file, args, {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
      // `less` then quits if the text fits, shows colours, and leaves the text on the screen; and
      // whoever may run only rollcall as root gets no shell from it.
      env: { LESS: 'FRX', ...env, PAGER, LESSSECURE: '1' },
    });
    // A pager that somebody leaves early has not read everything.
    return error === undefined || errnoOf(error) === 'EPIPE';
  } finally {
    process.off('SIGINT', ignore);
  }
}

const ignore = (): void => undefined;
