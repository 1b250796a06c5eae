/** The world of a command, so that it can be tested without a process. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly isTty: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** https://no-color.org: NO_COLOR switches colour off where it was not asked for. */
export const wantsColor = (choice: ColorChoice, io: Io): boolean =>
  choice === 'always' || (choice === 'auto' && io.isTty && (io.env['NO_COLOR'] ?? '') === '');
