import { execaSync } from 'execa';

/** The lines of one container: its root filesystem, and the mounts in it. */
const IN_A_CONTAINER = 20;

/**
 * Fills a directory with mounts like those of a cell, one set per container: an overlay of twelve
 * layers, proc, tmpfs, bind mounts, names with spaces, the container's own cgroup. Recursive bind
 * mounts make the copies, so that one mount(8) makes twenty lines.
 */
const SCRIPT = `
set -e
directory=$1 containers=$2 cgroup=$3
mkdir -p "$directory"
mount -t tmpfs -o mode=755 images "$directory"
cd "$directory"
layers=
for n in 0 1 2 3 4 5 6 7 8 9 a b; do
  layer=$directory/layers/0d4a5f1c62e84b97a3f0c9d2b1e7568$n
  mkdir -p "$layer"
  layers=$layers:$layer
done
for place in proc sys dev/pts dev/shm dev/mqueue etc/hosts etc/hostname etc/resolv.conf etc/cf-assets tmp cgroup \\
  'home/vcap/some app' volume/1 volume/2 volume/3 volume/4 volume/5 volume/6; do
  mkdir -p "$layer/$place"
done
mkdir -p first/rootfs
# The new mount API takes no option of more than 256 bytes; grootfs uses the old one.
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "ro,lowerdir=\${layers#:}" overlay first/rootfs
mount --make-shared first/rootfs
cd first/rootfs
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
for place in pts shm mqueue; do mount -t tmpfs -o nosuid,nodev,noexec,size=65536k shm "dev/$place"; done
for place in hosts hostname resolv.conf cf-assets; do mount --bind "$directory/layers" "etc/$place"; done
mount --bind "$directory/layers" 'home/vcap/some app'
mount -t tmpfs -o size=64m "an app's own" tmp
mount --bind "$cgroup" cgroup
for n in 1 2 3 4 5 6; do mount -t tmpfs -o "nosuid,nodev,size=\${n}m" "volume-$n" "volume/$n"; done
cd "$directory"
n=1
while [ "$n" -lt "$containers" ]; do
  name=$(printf '36f56597-0295-45d1-5e36-%04d' "$n")
  mkdir -p "$name/rootfs"
  mount --rbind first/rootfs "$name/rootfs"
  n=$((n + 1))
done
`;

/** Adds about this many mounts to the table of this process, in a mount namespace of its own. */
export function makeManyMounts(directory: string, lines: number, cgroup: string): void {
  const containers = Math.ceil(lines / IN_A_CONTAINER);
  execaSync('sh', ['-c', SCRIPT, 'sh', directory, `${containers}`, cgroup]);
}
