import type { CgroupFile, CgroupNumber } from '../model/cgroup-numbers.ts';

/** v2 writes `max` for no limit; v1 writes a huge number, and is never asked for a limit. */
export function parseCgroupNumber(file: CgroupFile, text: string): CgroupNumber {
  if (file === 'cpu.max') return parseQuota(text);
  if (file === 'io.max') return parseDevices(text);
  if (file === 'cgroup.events') return parseFlag(text, 'populated');
  if (file === 'cgroup.events#frozen') return parseFlag(text, 'frozen');
  if (file === 'freezer.state') return parseFreezer(text);
  const value = text.trim();
  if (value === 'max') return 'max';
  return /^\d{1,20}$/.test(value) ? Number(value) : null;
}

/** `<quota> <period>`, both in microseconds; the quota is `max` if there is none. Per second. */
function parseQuota(text: string): CgroupNumber {
  const [, quota, period] = /^(max|\d{1,20}) ([1-9]\d{0,19})\s*$/.exec(text) ?? [];
  if (quota === undefined) return null;
  return quota === 'max' ? 'max' : Math.round((Number(quota) * 1_000_000) / Number(period));
}

/** A line for each device that has a limit: `8:0 rbps=max wbps=1048576 riops=max wiops=max`. */
function parseDevices(text: string): CgroupNumber {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.length === 0 ? 'max' : lines.length;
}

/** A key and a number on each line: `populated 1`. */
function parseFlag(text: string, key: 'populated' | 'frozen'): CgroupNumber {
  const line = text.split('\n').find((one) => one.startsWith(`${key} `));
  return line === `${key} 0` ? 0 : line === `${key} 1` ? 1 : null;
}

/** `FREEZING` while a process is not frozen yet, as one in uninterruptible sleep. */
function parseFreezer(text: string): CgroupNumber {
  const state = text.trim();
  if (state === 'FROZEN') return 1;
  return state === 'THAWED' || state === 'FREEZING' ? 0 : null;
}
