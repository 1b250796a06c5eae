import { execa } from 'execa';
import { whyNoCell } from '../../demo-cell/requirements.ts';
import { CELL_ENVIRONMENT } from '../../demo-cell/shell-text.ts';

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

const MISSING = 'for program; do command -v "$program" >/dev/null || echo "$program"; done';

/** Why the release cannot be run here: one line that says what to do; null if it can. */
export async function whyNoMiniBosh(): Promise<string | null> {
  const obstacle = whyNoCell();
  if (obstacle !== null) return obstacle.message;
  if (process.arch !== 'x64') return `the release is for x64, and this machine is ${process.arch}`;
  const { stdout } = await execa('sh', ['-c', MISSING, 'sh', ...Object.keys(PROGRAMS)], {
    env: CELL_ENVIRONMENT,
    extendEnv: false,
  });
  const missing = stdout.split('\n').filter(Boolean);
  if (missing.length === 0) return null;
  const packages = missing.map((program) => PROGRAMS[program] ?? program).join(' ');
  return `the release cannot be run without ${missing.join(', ')}: install ${packages}`;
}
