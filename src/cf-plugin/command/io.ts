import { booleanOf } from './cf-config.ts';

/** The world of the command, so that it can be tested without a process. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** stdout is a terminal. */
  readonly isTty: boolean;
  /** stderr is a terminal: what is waited for may be shown there. */
  readonly showsProgress: boolean;
  /** Of stdout, as wide as it is now. */
  readonly columns: number;
  readonly stderrColumns: number;
  /** What `cf config --color` left; null: nothing. */
  readonly configuredColor: boolean | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As cf decides it: CF_COLOR is stronger than its configuration, that than the terminal and https://no-color.org. */
export function wantsColor({ env, configuredColor, isTty }: Io): boolean {
  const asked = booleanOf(env['CF_COLOR'] ?? '') ?? configuredColor;
  return asked ?? (isTty && (env['NO_COLOR'] ?? '') === '');
}
