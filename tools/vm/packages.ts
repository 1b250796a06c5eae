import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What mmdebstrap installs in addition to apt: the programs that the live tests start. */
export const PACKAGES: readonly string[] = [
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
];

/**
 * The kernel for virtual machines: it has the drivers of the disk and of shared folders built in,
 * so it needs no initramfs. It is unpacked and not installed, because its installation would build
 * one.
 */
const KERNEL = 'linux-image-cloud-amd64';

/** Runs with the image's folder as its argument, after the packages are installed. */
export const HOOK = `chroot "$1" sh -ec '
cd /tmp
apt-get download "$(apt-cache depends ${KERNEL} | sed -n "s/.*Depends: \\(linux-image-.*\\)/\\1/p")"
dpkg-deb -x ./linux-image-*.deb /
rm ./linux-image-*.deb
depmod "$(ls /usr/lib/modules)"
'`;

/** apt's source files, without those that only this machine can read. */
export function aptSources(folder: string): readonly string[] {
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
export function debianSuite(osRelease: string): string | null {
  if (!/^ID="?debian"?$/m.test(osRelease)) return null;
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(osRelease)?.[1] ?? null;
}
