import { existsSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './apt.mjs';
import { say } from './child.mjs';

/**
 * As root on Debian, installs the packages that this command lacks. Elsewhere it prints what is
 * missing and what is skipped without it. It never ends the run: steps that need a missing package
 * skip themselves.
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
    say(`missing: ${names} (Debian names); therefore ${skipped}`);
  } else if (process.getuid?.() === 0) {
    say(`installing missing system packages with apt-get: ${names}`);
    const failure = await aptInstall(missing.map((each) => each.name));
    if (failure !== null)
      say(`apt-get could not install ${names} (${failure}); therefore ${skipped}`);
  } else {
    say(`missing, and only root can install them: ${names}; therefore ${skipped}`);
  }
}

/** @param {SystemPackage} wanted */
function isPresent({ needs }) {
  // Not every PATH includes sbin, and some programs there do not need root.
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return needs.every((need) =>
    path.isAbsolute(need)
      ? existsSync(need)
      : folders.some((folder) => folder !== '' && existsSync(path.join(folder, need))),
  );
}

/**
 * @typedef {object} SystemPackage
 * @property {string} name Debian's name
 * @property {readonly string[]} commands the npm scripts that use it
 * @property {readonly string[]} needs executables on the PATH, or absolute paths: installed where all exist
 * @property {string} without what is skipped where it is missing
 */

const forCell = {
  commands: ['demo', 'test', 'bench', 'mini-bosh', 'operators:check', 'pictures'],
  without: 'the cell in a box is not built',
};
const forJob = {
  commands: ['test', 'mini-bosh'],
  without: 'the job is not started as by bpm',
};
const forVm = {
  commands: ['vm'],
  without: 'no virtual machine is booted',
};
const forCompare = {
  commands: ['test', 'bench'],
  without: 'there is no comparison with C',
};

/**
 * One entry per package, with its reason. Most systems have all but the compiler.
 * @type {readonly SystemPackage[]}
 */
const systemPackages = [
  {
    // The cell in a box has its own mount, pid and cgroup namespaces.
    name: 'util-linux',
    needs: ['unshare', 'nsenter', 'setpriv'],
    ...forCell,
  },
  {
    // It mounts the host's cgroup hierarchies in another order.
    name: 'mount',
    needs: ['mount', 'umount'],
    ...forCell,
  },
  {
    // The benchmarks compile a C program and compare with it.
    name: 'gcc',
    needs: ['gcc'],
    ...forCompare,
  },
  {
    // The headers; gcc alone cannot compile anything.
    name: 'libc6-dev',
    needs: ['/usr/include/stdio.h'],
    ...forCompare,
  },
  {
    // Counts the system calls of the scan.
    name: 'strace',
    commands: ['bench'],
    needs: ['strace'],
    without: 'system calls are not counted',
  },
  {
    // The live tests end processes by their command lines, as monit and operators do.
    name: 'procps',
    commands: ['test', 'bench', 'mini-bosh'],
    needs: ['pkill', 'pgrep'],
    without: 'tests that kill the agent are skipped',
  },
  {
    // The live tests query the agent with it, as an operator would.
    name: 'curl',
    commands: ['test', 'mini-bosh'],
    needs: ['curl'],
    without: 'tests that query the agent with curl are skipped',
  },
  {
    // promtool checks the metrics. Its service is not started.
    name: 'prometheus',
    commands: ['test', 'operators:check'],
    needs: ['promtool', 'prometheus'],
    without: 'metrics, alerts and dashboard queries are not checked with Prometheus',
  },
  {
    // Alerts are followed to a webhook. Its service is not started.
    name: 'prometheus-alertmanager',
    commands: ['test', 'operators:check'],
    needs: ['prometheus-alertmanager'],
    without: 'alerts are not followed to a webhook',
  },
  {
    // Renders the templates of the jobs, as on the Director.
    name: 'ruby',
    commands: ['test', 'mini-bosh'],
    needs: ['ruby'],
    without: 'the templates of the jobs are not rendered',
  },
  {
    // Checks the rendered monit files, because it is the program that reads them. Its service is
    // not started.
    name: 'monit',
    commands: ['test'],
    needs: ['monit'],
    without: 'the monit file is not checked',
  },
  {
    name: 'shellcheck',
    commands: ['test'],
    needs: ['shellcheck'],
    without: 'the shell scripts of the jobs are not checked',
  },
  {
    name: 'groff-base',
    commands: ['test'],
    needs: ['groff'],
    without: 'the man page is not checked',
  },
  {
    // Starts the job as bpm does.
    name: 'runc',
    needs: ['runc'],
    ...forJob,
  },
  {
    // The first process of a job under bpm.
    name: 'tini',
    needs: ['tini'],
    ...forJob,
  },
  {
    // Boots the virtual machine.
    name: 'qemu-system-x86',
    needs: ['qemu-system-x86_64'],
    ...forVm,
  },
  {
    // Shares the checkout with the virtual machine.
    name: 'virtiofsd',
    needs: ['/usr/libexec/virtiofsd'],
    ...forVm,
  },
  {
    // Assembles the packages of the virtual machine.
    name: 'mmdebstrap',
    needs: ['mmdebstrap'],
    ...forVm,
  },
  {
    // Makes the filesystem of the virtual machine.
    name: 'e2fsprogs',
    needs: ['mke2fs'],
    ...forVm,
  },
  {
    // Plays the cf CLI for the plugin, because the protocol is Go's own.
    name: 'golang-go',
    commands: ['test'],
    needs: ['go'],
    without: 'the plugin is not tested with a host in Go',
  },
  {
    // The page is tested in a real browser, with the fonts that come with it. It has no service.
    name: 'chromium',
    commands: ['test', 'pictures'],
    needs: ['chromium'],
    without: 'the page is not tested in a browser',
  },
];
