import { isInPath } from '../../src/demo-cell/program-in-path.ts';
import { whyNoCell } from '../../src/demo-cell/requirements.ts';
import { SYSTEM_PATH } from '../../src/demo-cell/shell-text.ts';

/** With the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  runc: 'runc',
  tini: 'tini',
  ruby: 'ruby',
  curl: 'curl',
  pgrep: 'procps',
  tar: 'tar',
  bash: 'bash',
  timeout: 'coreutils',
};

/** Why the release cannot be run here: one line that says what to do; null if it can. */
export function whyNoMiniBosh(): string | null {
  const obstacle = whyNoCell();
  if (obstacle !== null) return obstacle.message;
  if (process.arch !== 'x64') return `the release is for x64, and this machine is ${process.arch}`;
  const missing = Object.keys(PROGRAMS).filter((program) => !isInPath(program, SYSTEM_PATH));
  if (missing.length === 0) return null;
  const packages = missing.map((program) => PROGRAMS[program] ?? program).join(' ');
  return `the release cannot be run without ${missing.join(', ')}: install ${packages}`;
}
