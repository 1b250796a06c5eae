import os from 'node:os';
import type { Io } from '../terminal/io.ts';

/** What this shell says who is typing, else the account: not verified. */
export const userOf = ({ env }: Pick<Io, 'env'>): string =>
  [env['SUDO_USER'], env['USER'], env['LOGNAME']].find(
    (one) => one !== undefined && one.trim() !== '',
  ) ?? accountName();

function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // The uid has no entry in /etc/passwd.
    return 'unknown';
  }
}
