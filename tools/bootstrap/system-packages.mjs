import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';

/** @param {string} name */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * As root on Debian, installs the packages that this command lacks. Elsewhere it prints what is
 * missing and what is skipped without it. It never ends the run: steps that need a missing package
 * skip themselves.
 * @param {string} command
 */
export function installSystemPackages(command) {
  const [, ...rows] = readFileSync(here('system-packages.txt'), 'utf8').trim().split('\n');
  const missing = rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .filter(
      ([, scripts = '', has = '']) => scripts.split(' ').includes(command) && !isPresent(has),
    );
  if (missing.length === 0) return;
  const names = missing.map(([name = '']) => name);
  const skipped = [...new Set(missing.map(([, , , without]) => without))].join('; ');
  if (!existsSync('/usr/bin/apt-get'))
    say(`missing: ${names.join(', ')} (Debian names); therefore ${skipped}`);
  else if (process.getuid?.() !== 0)
    say(`missing, and only root can install them: ${names.join(', ')}; therefore ${skipped}`);
  else {
    say(`installing missing system packages with apt-get: ${names.join(', ')}`);
    const { status, stderr } = spawnSync('sh', [here('apt-install.sh'), ...names], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const why = stderr.split('\n').findLast((line) => line.startsWith('E: ')) ?? stderr.trim();
    if (status !== 0) say(`apt-get could not install all of them (${why}); therefore ${skipped}`);
  }
}

/** @param {string} has executables on the PATH, or absolute paths, separated by spaces */
function isPresent(has) {
  // Not every PATH includes sbin, and some programs there do not need root.
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return has
    .split(' ')
    .every((need) =>
      path.isAbsolute(need)
        ? existsSync(need)
        : folders.some((folder) => folder !== '' && existsSync(path.join(folder, need))),
    );
}
