import { createHash } from 'node:crypto';

const hexOf = (seed: string): string => createHash('sha256').update(seed).digest('hex');

/** A guid as gouuid makes it (its variant nibble is 4 to 7), the same for the same seed. */
export function guidOf(seed: string): string {
  const hex = hexOf(seed);
  const variant = 4 + (Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** An app instance: the first 28 characters of a guid (rep auctioncellrep/helpers.go:5-16). */
export const instanceHandle = (seed: string): string => guidOf(seed).slice(0, 28);

/** A task or staging container: a whole guid. */
export const taskHandle = (seed: string): string => guidOf(seed);

/** Garden's own health check (gardenhealth/checker.go:15). */
export const healthCheckHandle = (seed: string): string => `check-${guidOf(seed)}`;
