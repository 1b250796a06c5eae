import fs from 'node:fs';
import type { KernelReader } from './kernel-reader.ts';

/** The pids in /proc. Throws the error of readdir if /proc cannot be listed. */
export function pidsOf(reader: KernelReader): number[] {
  const pids: number[] = [];
  for (const name of fs.readdirSync(`${reader.root}/proc`)) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  return pids;
}
