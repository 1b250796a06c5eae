import type { Io as TerminalIo } from '../../terminal/io.ts';
import { booleanOf } from './cf-config.ts';

/** A command's streams, as cf's own commands use them. */
export interface Io extends TerminalIo {
  /** stderr is a terminal: what is waited for may be shown there. */
  readonly showsProgress: boolean;
  readonly stderrColumns: number;
  /** What `cf config --color` left; null: nothing. */
  readonly configuredColor: boolean | null;
}

/** As cf decides it: CF_COLOR is stronger than its configuration, that than the terminal and https://no-color.org. */
export function wantsColor({ env, configuredColor, isTty }: Io): boolean {
  const asked = booleanOf(env['CF_COLOR'] ?? '') ?? configuredColor;
  return asked ?? (isTty && (env['NO_COLOR'] ?? '') === '');
}
