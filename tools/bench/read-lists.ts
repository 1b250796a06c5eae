interface Directory {
  readonly path: string;
  readonly pids: readonly number[];
}

/** What an agent knows of a cell after its first pass. */
export interface KnownCell {
  /** All cgroups of the primary hierarchy, parents first, with the paths at which they are opened. */
  readonly directories: readonly Directory[];
  /** The mounts of all hierarchies. */
  readonly mounts: readonly string[];
  /** All processes, and the one of Garden's server. */
  readonly pids: readonly number[];
  readonly gdn: number;
}

/** Characters in the handle of an app instance; the cgroups of its side processes have longer names. */
const HANDLE_LENGTH = 28;
/** What need not be read in each pass is read once in so many. */
const REREADS = 4;
/** Each process is checked once in so many passes. */
const SWEEP = 10;
/** How many passes a list has: a multiple of both, so that its end continues at its beginning. */
const PASSES = 60;

const cgroup = (path: string): readonly string[] => [`s ${path}`, `r ${path}/cgroup.procs`];
const filesOf = (pid: number, ...files: readonly string[]): readonly string[] =>
  files.map((file) => `r /proc/${pid}/${file}`);

const listOf = (passes: readonly (readonly string[])[]): string =>
  passes.map((reads) => [...reads, '-\n'].join('\n')).join('');

/** Two reads of a mount table, which confirm each other. */
export const TABLE_READS = listOf([['r /proc/1/mountinfo', 'r /proc/self/mountinfo']]);

/** The list of a walk of all cgroups, for kernel-reads.c. */
export function walkReads(directories: readonly Directory[]): string {
  const { garden, outside, inside } = partsOf(directories);
  const parents = new Set(directories.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  const listed = (path: string, name = path) => (parents.has(path) ? [`l ${name}`] : []);
  return listOf([
    [
      ...outside.flatMap((path) => [...cgroup(path), ...listed(path)]),
      `c ${garden}`,
      ...inside.flatMap((name) => [...cgroup(name), ...listed(`${garden}/${name}`, name)]),
      'c /',
    ],
  ]);
}

/**
 * The list of passes in which nothing changes, for kernel-reads.c: what `strace -f` shows of an agent
 * beside 250 containers of six processes, 2,330 calls a pass. It leaves out 70 of them: those of Node's
 * event loop and garbage collector, the requests to Garden, `statfs` of the mounts, the look at the
 * agent's own socket, and the few directories that the ledgers list.
 * @param ledgersEach the ledgers are read in one of so many passes: as many as an agent makes in a minute
 */
export function quietPasses(cell: KnownCell, ledgersEach: number): string {
  const { garden, outside, inside } = partsOf(cell.directories);
  const above = outside.filter((path) => `${garden}/`.startsWith(`${path}/`));
  const ofContainers = cell.directories.filter(({ path }) => path.startsWith(`${garden}/`));
  const inContainers = new Set(ofContainers.flatMap(({ pids }) => pids));
  const inits = ofContainers
    .filter(({ path }) => path.length === garden.length + 1 + HANDLE_LENGTH)
    .flatMap(({ pids }) => pids.slice(0, 1));
  const gdn = (...files: readonly string[]) => filesOf(cell.gdn, ...files);
  const pass = (n: number): readonly string[] => {
    const turn = <T>(all: readonly T[], count: number): readonly T[] =>
      all.filter((_one, index) => index % count === n % count);
    const inOne = (count: number, reads: readonly string[]) => (n % count === 0 ? reads : []);
    return [
      'r /proc/1/cgroup',
      ...cell.mounts.map((mount) => `s ${mount}`),
      ...inOne(REREADS, ['r /proc/1/mountinfo', 'r /proc/self/mountinfo', 'r /proc/stat']),
      ...inOne(REREADS, gdn('cgroup', 'status', 'comm', 'stat', 'cmdline')),
      ...gdn('stat'),
      'r /proc/sys/kernel/hostname',
      `c ${garden}`,
      ...turn(inside, REREADS).flatMap(cgroup),
      'c /',
      ...above.flatMap((path) => [...cgroup(path), `l ${path}`]),
      'r /proc/self/status',
      ...inOne(SWEEP, ['l /proc']),
      ...turn(cell.pids, SWEEP).flatMap((pid) => [
        `s /proc/${pid}`,
        ...(inContainers.has(pid) ? [] : filesOf(pid, 'comm')),
      ]),
      ...turn(inits, REREADS).flatMap((pid) => filesOf(pid, 'cgroup')),
      ...gdn('stat'),
      ...inOne(ledgersEach, gdn('mountinfo')),
      ...inOne(
        ledgersEach,
        inits.flatMap((pid) => filesOf(pid, 'net/fib_trie', 'stat', 'status', 'stat')),
      ),
    ];
  };
  return listOf(Array.from({ length: PASSES }, (_, n) => pass(n)));
}

/** Garden's directory, the cgroups outside of it, and those in it, relative to it. */
function partsOf(directories: readonly Directory[]) {
  const paths = directories.map(({ path }) => path);
  const garden = paths.find((path) => path.endsWith('/garden'));
  if (garden === undefined) throw new Error('this cell has no Garden directory');
  const outside = paths.filter((path) => !path.startsWith(`${garden}/`));
  const inside = paths.filter((path) => path.startsWith(`${garden}/`));
  return { garden, outside, inside: inside.map((path) => path.slice(garden.length + 1)) };
}
