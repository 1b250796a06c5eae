import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expected } from './expected.ts';

/** What a run could leave on the machine. */
export interface Traces {
  readonly mounts: readonly string[];
  readonly passwd: string;
  readonly hasVcap: boolean;
}

export const tracesHere = (): Traces => ({
  mounts: readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n'),
  passwd: readFileSync('/etc/passwd', 'utf8') + readFileSync('/etc/group', 'utf8'),
  hasVcap: existsSync('/var/vcap'),
});

/**
 * Says what is not left of a run.
 * @throws KnownFailure MINI_BOSH_FAILED that names what is
 */
export function tracesOf(runId: string, before: Traces): readonly string[] {
  const now = tracesHere();
  // Others may mount what they like meanwhile.
  const isOurs = (line: string): boolean => /vcap|rollcall|\/etc\/(?:passwd|group)/.test(line);
  const mounts = now.mounts.filter((line) => isOurs(line) && !before.mounts.includes(line));
  expected(mounts.length === 0, `mounts are left: ${mounts.join(' / ')}`);
  expected(now.passwd === before.passwd, 'the users of the machine have changed');
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isOf(pid, runId));
  expected(processes.length === 0, `processes are left: ${processes.join(' ')}`);
  const folders = ['/tmp', '/run', '/var'].flatMap((place) =>
    readdirSync(place).filter((name) => name.includes(runId)),
  );
  expected(folders.length === 0, `folders are left: ${folders.join(' ')}`);
  expected(now.hasVcap === before.hasVcap, '/var/vcap is left');
  return [
    'no process, cgroup, mount or folder of it is left; the users of the machine are the same',
  ];
}

function isOf(pid: string, runId: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(runId);
  } catch {
    return false; // it has ended
  }
}
