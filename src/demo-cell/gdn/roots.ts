import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import { IMAGE_STORE, type GdnConfiguration } from './config.ts';
import { containerPaths, type PathInputs, type RootedHierarchy } from '../cgroups/cgroup-paths.ts';
import { LAYER, ONLY_CELL_ENVIRONMENT } from './programs.ts';

const MOUNT_DEADLINE_MILLISECONDS = 10_000;

const run = (file: string, ...args: string[]): Promise<unknown> =>
  execa(file, args, {
    ...ONLY_CELL_ENVIRONMENT,
    stdin: 'ignore',
    timeout: MOUNT_DEADLINE_MILLISECONDS,
  });

const imageOf = ({ handle, privileged }: PathInputs): string =>
  `${IMAGE_STORE}/${privileged ? 'privileged' : 'unprivileged'}/images/${handle}`;

const rootOf = (container: PathInputs): string => `${imageOf(container)}/rootfs`;

/**
 * Makes the root filesystem as grootfs does: an overlay, in gdn's mount namespace, of the cell's
 * few programs over the machine's own root, which has sh and its libraries. Null if the kernel has
 * no overlay, or if the handle contains a separator of overlay options. Then the directory is
 * mounted on itself, and nothing can run in it.
 */
export async function makeRoot(container: PathInputs): Promise<string | null> {
  const root = rootOf(container);
  const image = imageOf(container);
  for (const name of ['diff', 'workdir', 'rootfs']) {
    mkdirSync(`${image}/${name}`, { recursive: true });
  }
  if (/^[\w.-]+$/.test(container.handle)) {
    const layers = `lowerdir=${LAYER}:/,upperdir=${image}/diff,workdir=${image}/workdir`;
    const isMounted = await run('mount', '-t', 'overlay', '-o', layers, 'overlay', root).then(
      () => true,
      () => false,
    );
    if (isMounted) return root;
  }
  await run('mount', '--bind', root, root);
  return null;
}

const BIND_ALL = `
while [ $# -gt 0 ]; do
  mkdir -p "$2" && mount --bind "$1" "$2" || exit 1
  shift 2
done
`;

/** Mounts the container's own cgroups (root `…/garden/H`) at the end of the cell's table. */
export async function mountCgroups(
  container: PathInputs,
  { shape, hierarchies }: GdnConfiguration,
): Promise<void> {
  const point = `${rootOf(container)}/sys/fs/cgroup`;
  const pairs = hierarchies.flatMap((tree) => [
    `${tree.root}${containerPaths(tree, shape, container).processes}`,
    tree.version === 2 && shape.mode === 'v2' ? point : `${point}/${directoryOf(tree)}`,
  ]);
  await run('sh', '-c', BIND_ALL, 'sh', ...pairs);
}

const directoryOf = ({ version, controllers, name }: RootedHierarchy): string =>
  version === 2 ? 'unified' : controllers.length > 0 ? controllers.join(',') : (name ?? '');

/** Unmounts first, because what is still mounted in it must not be removed. */
export async function removeRoot(container: PathInputs): Promise<void> {
  if (!existsSync(rootOf(container))) return;
  await run('umount', '--recursive', '--lazy', rootOf(container));
  rmSync(imageOf(container), { recursive: true, force: true });
}
