import type { CellHierarchy } from '../cgroups/hierarchies.ts';

/** One step in setting up the cell's mount table, in its private mount namespace. */
export type MountStep =
  | { readonly do: 'unmount'; readonly at: string }
  | {
      readonly do: 'mount';
      readonly type: string;
      readonly options: string;
      readonly source: string;
      readonly at: string;
    }
  /** A tmpfs over a directory of the machine; the paths in `keep` stay visible. */
  | { readonly do: 'cover'; readonly at: string; readonly keep: readonly string[] }
  | { readonly do: 'link'; readonly target: string; readonly at: string };

export interface MountPlan {
  /** The cgroup mounts that came with the copy of the machine's table, in its order. */
  readonly inherited: readonly string[];
  readonly hierarchies: readonly CellHierarchy[];
  readonly reversed: boolean;
  readonly tag: string | null;
  /** The controllers of /proc/cgroups in its order, which is the order in which gdn mounts them. */
  readonly controllerOrder: readonly string[];
  /** Whether the machine has /var/vcap, which can be covered only if it exists. */
  readonly hasVcap: boolean;
  /** The program and the node binary, which must stay visible. */
  readonly keepVisible: readonly string[];
}

const LAST = Number.MAX_SAFE_INTEGER;

/** A pure function: returns all steps, in order. */
export function mountSteps(plan: MountPlan): readonly MountStep[] {
  const covered = (at: string): MountStep => ({
    do: 'cover',
    at,
    keep: plan.keepVisible.filter((path) => path.startsWith(`${at}/`)),
  });
  return [
    ...plan.inherited.toReversed().map((at): MountStep => ({ do: 'unmount', at })),
    ...cgroupSet('/sys/fs/cgroup', 'tmpfs', inOrder(plan.hierarchies, plan.reversed)),
    ...(plan.hasVcap
      ? [covered('/var/vcap')]
      : [covered('/var'), { do: 'link', target: '/run', at: '/var/run' } satisfies MountStep]),
    ...tagSteps(plan, covered),
    { do: 'mount', type: 'proc', options: '', source: 'proc', at: '/proc' },
  ];
}

/** The second set of `gdn --tag` (guardian command_linux.go:125, starter_linux.go). */
function tagSteps(plan: MountPlan, covered: (at: string) => MountStep): readonly MountStep[] {
  if (plan.tag === null) return [];
  const rank = ({ controllers, name }: CellHierarchy): number => {
    const ranks = controllers.map((one) => plan.controllerOrder.indexOf(one));
    return Math.min(...ranks, name === null ? LAST - 1 : LAST);
  };
  const own = plan.hierarchies
    .filter(({ directory, version }) => directory === '' || version === 1)
    .toSorted((a, b) => rank(a) - rank(b));
  // The machine's /tmp is covered. Otherwise the mount point would stay behind in it.
  const set = cgroupSet(`/tmp/cgroups-${plan.tag}`, 'cgroup', inOrder(own, plan.reversed));
  return [covered('/tmp'), ...set];
}

const inOrder = (
  hierarchies: readonly CellHierarchy[],
  reversed: boolean,
): readonly CellHierarchy[] => (reversed ? hierarchies.toReversed() : hierarchies);

function cgroupSet(
  point: string,
  tmpfsSource: string,
  hierarchies: readonly CellHierarchy[],
): readonly MountStep[] {
  const isV2Alone = hierarchies.every(({ directory }) => directory === '');
  const tmpfs: MountStep = {
    do: 'mount',
    type: 'tmpfs',
    options: 'mode=755',
    source: tmpfsSource,
    at: point,
  };
  return [
    ...(isV2Alone ? [] : [tmpfs]),
    ...hierarchies.map((hierarchy): MountStep => ({
      do: 'mount',
      type: hierarchy.version === 2 ? 'cgroup2' : 'cgroup',
      options: optionsOf(hierarchy),
      source: hierarchy.version === 2 ? 'cgroup2' : 'cgroup',
      at: hierarchy.directory === '' ? point : `${point}/${hierarchy.directory ?? ''}`,
    })),
  ];
}

function optionsOf({ version, controllers, name }: CellHierarchy): string {
  if (version === 2) return '';
  const named = name === null ? [] : [`name=${name}`];
  return [...(controllers.length === 0 ? ['none'] : controllers), ...named].join(',');
}

/** The steps as lines of sh; each line ends the script if it fails. */
export const mountScript = (steps: readonly MountStep[]): string =>
  steps.flatMap(linesOf).join('\n');

function linesOf(step: MountStep): readonly string[] {
  const at = quoted(step.at);
  switch (step.do) {
    case 'unmount':
      // A mount that another one hides cannot be reached, and does no harm.
      return [`umount -l ${at} 2>/dev/null || :`];
    case 'link':
      return [`must ln -s ${quoted(step.target)} ${at}`];
    case 'mount': {
      const options = step.options === '' ? '' : ` -o ${quoted(step.options)}`;
      return [
        `must mkdir -p ${at}`,
        `must mount -t ${step.type}${options} ${quoted(step.source)} ${at}`,
      ];
    }
    case 'cover': {
      // Only a descriptor that was opened before still reaches the covered path; -c keeps mount
      // from resolving it.
      const opened = step.keep.map((path, index) => ({ path: quoted(path), fd: index + 4 }));
      return [
        ...opened.map(({ path, fd }) => `exec ${fd}<${path}`),
        `must mount -t tmpfs -o mode=1777 tmpfs ${at}`,
        ...opened.flatMap(({ path, fd }) => [
          `must mkdir -p ${path}`,
          `must mount -c --bind /proc/self/fd/${fd} ${path}`,
          `exec ${fd}<&-`,
        ]),
      ];
    }
  }
}

/** Quotes any text as one word of sh. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
