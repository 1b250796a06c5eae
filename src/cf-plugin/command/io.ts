/** The world of the command, so that it can be tested without a process. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** stdout is a terminal. */
  readonly isTty: boolean;
  /** stderr is a terminal: what is waited for may be shown there. */
  readonly showsProgress: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As cf decides it: CF_COLOR is stronger than the terminal; then https://no-color.org. */
export function wantsColor({ env, isTty }: Io): boolean {
  const asked = (env['CF_COLOR'] ?? '').toLowerCase();
  if (/^(true|t|1)$/.test(asked)) return true;
  if (/^(false|f|0)$/.test(asked)) return false;
  return isTty && (env['NO_COLOR'] ?? '') === '';
}
