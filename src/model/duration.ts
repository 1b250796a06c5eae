const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `2s`, `1m`, `24h` or `7d` in milliseconds; a bare number is seconds; otherwise null. */
export function durationMilliseconds(text: string): number | null {
  const [, digits, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return Number.isFinite(milliseconds) ? milliseconds : null;
}
