/** Seconds in at most two units: `9s`, `3m10s`, `15m`, `2h05m`, `4d03h`; negative with a minus. */
export function durationText(seconds: number): string {
  if (seconds < 0) return `-${durationText(-seconds)}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return inTwoUnits(Math.floor(whole / 60), 'm', whole % 60, 's');
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) return inTwoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.floor(minutes / 60);
  return inTwoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const inTwoUnits = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${unit}` : `${large}${unit}${String(small).padStart(2, '0')}${smallUnit}`;
