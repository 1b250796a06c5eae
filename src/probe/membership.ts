import { asByteString } from '../model/ids.ts';
import type { Membership } from '../model/process.ts';
import { parseProcCgroup } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import type { ProcDirectory } from './live-thread.ts';

/** The cgroups of the process in that directory of /proc; null if it is gone. */
export function membershipOf(reader: KernelReader, directory: ProcDirectory): Membership | null {
  const text = reader.text(`/proc/${directory}/cgroup`);
  return text === null ? null : parseProcCgroup(asByteString(text));
}
