import { existsSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './apt.mjs';
import { say } from './say.mjs';
import { systemPackages } from './system-package-list.mjs';

/**
 * Root on Debian gets what is missing for this command; everybody else is told what is missing and what is skipped for it.
 * Never an end of the run: what needs the missing thing says so itself and is skipped.
 * @param {string} command
 */
export async function installSystemPackages(command) {
  const missing = systemPackages.filter(
    (each) => each.commands.includes(command) && !isPresent(each),
  );
  if (missing.length === 0) return;
  const names = missing.map((each) => each.name).join(', ');
  const skipped = [...new Set(missing.map((each) => each.without))].join('; ');
  if (!existsSync('/usr/bin/apt-get')) {
    say(`missing here: ${names} (names as on Debian); therefore ${skipped}`);
  } else if (process.getuid?.() === 0) {
    say(`installing the system packages that are missing, with apt-get: ${names}`);
    const failure = await aptInstall(missing.map((each) => each.name));
    if (failure !== null)
      say(`apt-get could not install ${names} (${failure}); therefore ${skipped}`);
  } else {
    say(`missing here, and only root can install it: ${names}; therefore ${skipped}`);
  }
}

/** @param {import('./system-package-list.mjs').SystemPackage} wanted */
function isPresent({ executables, files }) {
  // sbin is not on everybody's PATH, and not everything there needs root.
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return (
    files.every((file) => existsSync(file)) &&
    executables.every((name) =>
      folders.some((folder) => folder !== '' && existsSync(path.join(folder, name))),
    )
  );
}
