import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { buildFolder, stateFolder } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';

const FOLDER = path.join(stateFolder, 'vm');
const BUILDING = 'building-';
const APT_FOLDER = '/etc/apt';
/** The file is sparse and takes only the space that is used. */
const IMAGE_SIZE = '2G';

export interface VmImage {
  /** An ext4 filesystem; nothing changes it. */
  readonly disk: string;
  readonly kernel: string;
}

type Caller = { readonly stop: AbortSignal; readonly say: (line: string) => void };

/**
 * The image for these packages and sources, built once and kept in a folder that git ignores.
 * @returns null if it was interrupted
 * @throws ToolFailure VM_FAILED with apt's message if the packages are unavailable
 */
export async function vmImage(stop: AbortSignal, say: Caller['say']): Promise<VmImage | null> {
  const suite = debianSuite(readFileSync('/etc/os-release', 'utf8'));
  if (suite === null) {
    throw new ToolFailure('VM_FAILED', 'the virtual machine is built of packages of Debian only');
  }
  const sources = aptSources(APT_FOLDER);
  if (sources.length === 0) {
    throw new ToolFailure('VM_FAILED', `${APT_FOLDER} names no source of packages on the network`);
  }
  const inputs = [suite, ...PACKAGES, HOOK, ...sources.map((file) => readFileSync(file, 'utf8'))];
  const key = createHash('sha256').update(inputs.join('\0')).digest('hex').slice(0, 16);
  const folder = path.join(FOLDER, key);
  if (!existsSync(folder)) await build(folder, suite, sources, { stop, say });
  if (!existsSync(folder)) return null;
  return { disk: path.join(folder, 'disk'), kernel: path.join(folder, 'kernel') };
}

/** Leaves nothing behind unless the image is complete. Removes images of other inputs. */
async function build(
  folder: string,
  suite: string,
  sources: readonly string[],
  { stop, say }: Caller,
): Promise<void> {
  const startedAt = performance.now();
  const building = buildFolder(FOLDER, BUILDING);
  const tree = path.join(building, 'root');
  for (const old of readdirSync(FOLDER)) {
    if (!old.startsWith(BUILDING)) rmSync(path.join(FOLDER, old), { recursive: true });
  }
  say('building the image, about two minutes, once');
  try {
    const bootstrap = execa(
      'mmdebstrap',
      [
        '--mode=root',
        '--variant=apt',
        `--include=${PACKAGES.join(',')}`,
        '--dpkgopt=path-exclude=/usr/share/doc/*',
        '--dpkgopt=path-exclude=/usr/share/man/*',
        '--dpkgopt=path-exclude=/usr/share/locale/*',
        `--customize-hook=${HOOK}`,
        suite,
        tree,
        ...sources,
      ],
      { stdin: 'ignore', cancelSignal: stop, forceKillAfterDelay: 20_000, all: true },
    );
    // Shows only mmdebstrap's own messages; the rest is from apt and dpkg.
    for await (const line of bootstrap.iterable({ from: 'all' })) {
      if (line.startsWith('I: ')) say(line.slice('I: '.length));
    }
    await bootstrap;
    const boot = path.join(tree, 'boot');
    const kernel = readdirSync(boot).find((entry) => entry.startsWith('vmlinuz-'));
    if (kernel === undefined) throw new ToolFailure('VM_FAILED', 'the image has no kernel');
    renameSync(path.join(boot, kernel), path.join(building, 'kernel'));
    const disk = path.join(building, 'disk');
    await execa('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-d', tree, disk, IMAGE_SIZE], {
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      cancelSignal: stop,
    });
    rmSync(tree, { recursive: true });
    // Another run may have made the same image meanwhile.
    if (!existsSync(folder)) renameSync(building, folder);
    const megabytes = Math.round((statSync(path.join(folder, 'disk')).blocks * 512) / 1e6);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`built the image in ${seconds} s: ${megabytes} MB in ${folder}`);
  } catch (error) {
    if (stop.aborted) return;
    throw error instanceof ToolFailure ? error : new ToolFailure('VM_FAILED', wordsOf(error));
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** apt's own error, if there is one. */
function wordsOf(error: unknown): string {
  const output = error instanceof Error && 'all' in error ? String(error.all) : '';
  const said = output.split('\n').findLast((line) => line.startsWith('E: '));
  const why = said ?? (error instanceof Error ? error.message.split('\n')[0] : String(error));
  return `the image could not be built (${why}): it needs the network, to get packages with apt`;
}

/** What mmdebstrap installs in addition to apt: the programs that the live tests start. */
const PACKAGES: readonly string[] = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'udev',
  'kmod',
  'mount',
  'util-linux',
  'findutils',
  'procps',
  'iproute2',
  'libstdc++6',
  'curl',
  'ruby',
  'runc',
  'tini',
  'nfs-kernel-server',
];

/**
 * The kernel for virtual machines: it has the drivers of the disk and of shared folders built in,
 * so it needs no initramfs. It is unpacked and not installed, because its installation would build
 * one.
 */
const KERNEL = 'linux-image-cloud-amd64';

/** Runs with the image's folder as its argument, after the packages are installed. */
const HOOK = `chroot "$1" sh -ec '
cd /tmp
apt-get download "$(apt-cache depends ${KERNEL} | sed -n "s/.*Depends: \\(linux-image-.*\\)/\\1/p")"
dpkg-deb -x ./linux-image-*.deb /
rm ./linux-image-*.deb
depmod "$(ls /usr/lib/modules)"
'`;

/** apt's source files, without those that only this machine can read. */
function aptSources(folder: string): readonly string[] {
  const more = path.join(folder, 'sources.list.d');
  const files = [
    path.join(folder, 'sources.list'),
    ...(existsSync(more) ? readdirSync(more).toSorted() : [])
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => path.join(more, name)),
  ];
  return files.filter((file) => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return /^(deb\s|URIs:)/m.test(text) && !/\b(file|copy|cdrom):/.test(text);
  });
}

/** Debian's code name; null for another system. */
function debianSuite(osRelease: string): string | null {
  if (!/^ID="?debian"?$/m.test(osRelease)) return null;
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(osRelease)?.[1] ?? null;
}
