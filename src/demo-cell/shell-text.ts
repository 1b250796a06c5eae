/** One word for sh, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The caller's PATH, and where mount, unshare and nsenter are on machines whose users have no sbin in theirs. */
export const SYSTEM_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

/** What programs in the cell get: nothing of the driver's own settings (coverage, inspectors, loaders). */
export const CELL_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: SYSTEM_PATH,
  LC_ALL: 'C',
};
