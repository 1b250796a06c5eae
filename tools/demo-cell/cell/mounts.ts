import type { CellHierarchy } from '../cgroups/hierarchies.ts';

export interface MountPlan {
  /** The cgroup mounts that came with the copy of the machine's table, in its order. */
  readonly inherited: readonly string[];
  readonly hierarchies: readonly CellHierarchy[];
  readonly reversed: boolean;
  readonly tag: string | null;
  /** The program and the node binary, which must stay visible. */
  readonly keepVisible: readonly string[];
}

/** The lines of sh that set up the cell's mount table; `must` ends the script on a failure. */
export function mountLines(plan: MountPlan): readonly string[] {
  const covered = (at: string): readonly string[] =>
    cover(
      at,
      plan.keepVisible.filter((path) => path.startsWith(`${at}/`)),
    );
  return [
    // A mount that another one hides cannot be reached, and does no harm.
    ...plan.inherited.toReversed().map((at) => `umount -l ${quoted(at)} 2>/dev/null || :`),
    ...cgroupSet('/sys/fs/cgroup', 'tmpfs', inOrder(plan.hierarchies, plan.reversed)),
    // Not /var/vcap: if somebody removed it on the machine, the kernel would remove the mount on it.
    ...covered('/var'),
    'must ln -s /run /var/run',
    ...tagLines(plan, covered),
    ...mount('proc', '', 'proc', '/proc'),
  ];
}

/** The second set of `gdn --tag` (guardian command_linux.go:125, starter_linux.go). */
function tagLines(plan: MountPlan, covered: (at: string) => readonly string[]): readonly string[] {
  if (plan.tag === null) return [];
  const own = plan.hierarchies.filter(
    ({ directory, version }) => directory === '' || version === 1,
  );
  // The machine's /tmp is covered. Otherwise the mount point would stay behind in it.
  const set = cgroupSet(`/tmp/cgroups-${plan.tag}`, 'cgroup', inOrder(own, plan.reversed));
  return [...covered('/tmp'), ...set];
}

const inOrder = (
  hierarchies: readonly CellHierarchy[],
  reversed: boolean,
): readonly CellHierarchy[] => (reversed ? hierarchies.toReversed() : hierarchies);

function cgroupSet(
  point: string,
  tmpfsSource: string,
  hierarchies: readonly CellHierarchy[],
): readonly string[] {
  const isV2Alone = hierarchies.every(({ directory }) => directory === '');
  return [
    ...(isV2Alone ? [] : mount('tmpfs', 'mode=755', tmpfsSource, point)),
    ...hierarchies.flatMap((hierarchy) => {
      const type = hierarchy.version === 2 ? 'cgroup2' : 'cgroup';
      const at = hierarchy.directory === '' ? point : `${point}/${hierarchy.directory ?? ''}`;
      return mount(type, optionsOf(hierarchy), type, at);
    }),
  ];
}

function optionsOf({ version, controllers, name }: CellHierarchy): string {
  if (version === 2) return '';
  const named = name === null ? [] : [`name=${name}`];
  return [...(controllers.length === 0 ? ['none'] : controllers), ...named].join(',');
}

const mount = (type: string, options: string, source: string, at: string): readonly string[] => [
  `must mkdir -p ${quoted(at)}`,
  `must mount -t ${type}${options === '' ? '' : ` -o ${quoted(options)}`} ${source} ${quoted(at)}`,
];

/** `keep` stays visible: by descriptors opened before; -c keeps mount from resolving them. */
export function cover(at: string, keep: readonly string[]): readonly string[] {
  const opened = keep.map((path, index) => ({ path: quoted(path), fd: index + 4 }));
  return [
    ...opened.map(({ path, fd }) => `exec ${fd}<${path}`),
    `must mount -t tmpfs -o mode=1777 tmpfs ${quoted(at)}`,
    ...opened.flatMap(({ path, fd }) => [
      `must mkdir -p ${path}`,
      `must mount -c --bind /proc/self/fd/${fd} ${path}`,
      `exec ${fd}<&-`,
    ]),
  ];
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
