import type { ProcessFacts, ProcessSignals } from '../../src/model/process.ts';
import type { CellText, CgroupFiles, SuspectText } from './cell-builder.ts';

/*
 * A cell for tests: containers in cgroups, what Garden says of them, and what happens to them. A
 * cell is a value; what happens to it gives another one.
 */

/** The cgroup of gdn (process 100), and the Garden directory in it. */
export const GDN = '/system.slice/garden.service';
export const GARDEN = `${GDN}/garden`;
export const CRON = '/system.slice/cron.service';
/** The cgroup in which bpm runs rep. */
export const BPM_REP = '/system.slice/runc-bpm-rep.scope';

/** The pids in each cgroup, or the error of reading it. */
export type Cgroups = Readonly<Record<string, readonly number[] | 'EACCES'>>;

export interface Container {
  readonly handle: string;
  readonly pids: readonly number[];
  readonly cgroup: string;
}

export interface Cell extends CellText {
  /** Of each hierarchy; the first is the primary one. */
  readonly cgroups: Readonly<Record<string, Cgroups>>;
}

/** The instance guid of an app whose name has at most 14 letters: they are in it as hex digits. */
const handleOf = (name: string): string =>
  Buffer.from(name)
    .toString('hex')
    .padEnd(24, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** A text with the names of apps in place of their handles. */
export const withNames = (text: string): string =>
  text.replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){4}/g, (handle) =>
    Buffer.from(handle.replaceAll('-', ''), 'hex').toString().replaceAll('\0', ''),
  );

interface Running {
  readonly pids?: readonly number[];
  /** The directory of its cgroup. */
  readonly below?: string;
  /** Its cgroup, if that is not called like it. */
  readonly cgroup?: string;
}

/** A container with a handle that some client of Garden chose. */
export const container = (handle: string, { pids = [200], ...where }: Running = {}): Container => ({
  handle,
  pids,
  cgroup: where.cgroup ?? `${where.below ?? GARDEN}/${handle}`,
});

/** An instance of an app, whose handle Diego chose. */
export const app = (name: string, running?: Running): Container =>
  container(handleOf(name), running);

/** A privileged one is beside the Garden directory. */
export const privileged = (name: string, running?: Running): Container =>
  app(name, { below: GDN, ...running });

export const envoyOf = ({ cgroup, handle }: Container): string => `${cgroup}/${handle}-envoy`;
export const healthCheckOf = ({ cgroup }: Container): string => `${cgroup}-liveness-healthcheck-0`;

const handlesOf = (ones: readonly (Container | string)[]): readonly string[] =>
  ones.map((one) => (typeof one === 'string' ? one : one.handle));

const treesOf = (cgroups: Cell['cgroups']): CellText['trees'] =>
  Object.fromEntries(
    Object.entries(cgroups).map(([controller, tree]) => [
      controller,
      Object.entries(tree)
        .map(([path, pids]) => `${path}: ${typeof pids === 'string' ? pids : pids.join(' ')}`)
        .join('\n'),
    ]),
  );

const cgroupsOf = (containers: readonly Container[]): Cgroups =>
  Object.fromEntries(containers.map(({ cgroup, pids }) => [cgroup, pids]));

interface MadeOf extends Partial<Omit<CellText, 'trees' | 'listed' | 'created' | 'properties'>> {
  /** They run, and Garden lists them. */
  readonly containers?: readonly Container[];
  /** They run, and Garden does not list them. */
  readonly lost?: readonly Container[];
  /** What Garden lists, if that is something else; null: the list cannot be read. */
  readonly listed?: readonly (Container | string)[] | null;
  /** More cgroups of the primary hierarchy. */
  readonly cgroups?: Cgroups;
  /** The primary hierarchy. */
  readonly primary?: string;
  /** Further hierarchies, in which gdn has the same cgroup. */
  readonly hierarchies?: Readonly<Record<string, Cgroups>>;
  /** The cgroup of gdn, if it is elsewhere. */
  readonly gdnIn?: string;
}

/** gdn runs in its cgroup, and so do these containers in theirs. */
export function cell({
  containers = [],
  lost = [],
  listed = containers,
  cgroups = {},
  primary = 'memory',
  hierarchies = {},
  gdnIn = GDN,
  ...more
}: MadeOf): Cell {
  const own = { [gdnIn]: [100], ...cgroupsOf([...containers, ...lost]), ...cgroups };
  const all = { [primary]: own, ...hierarchies };
  const gdn = { cgroups: Object.fromEntries(Object.keys(all).map((name) => [name, gdnIn])) };
  return {
    gdn: [gdn],
    ...more,
    cgroups: all,
    trees: treesOf(all),
    listed: listed && handlesOf(listed),
  };
}

/** The same cell with other processes in these cgroups of the primary hierarchy. */
export function withCgroups(before: Cell, changed: Cgroups): Cell {
  const [primary = 'memory'] = Object.keys(before.cgroups);
  const cgroups = { ...before.cgroups, [primary]: { ...before.cgroups[primary], ...changed } };
  return { ...before, cgroups, trees: treesOf(cgroups) };
}

/** Garden lists only these. */
export const list = (before: Cell, ...listed: readonly (Container | string)[]): Cell => ({
  ...before,
  listed: handlesOf(listed),
});

/** Garden no longer lists these. */
export const lose = (before: Cell, ...lost: readonly Container[]): Cell => ({
  ...before,
  listed: (before.listed ?? []).filter((handle) => !handlesOf(lost).includes(handle)),
});

/** Garden lists these, and says of only some that they are created. */
export const created = (before: Cell, ...ones: readonly Container[]): Cell => ({
  ...before,
  created: handlesOf(ones),
});

/** Garden answers its list, and not which containers are created. */
export const withoutCreatedList = (before: Cell): Cell => ({ ...before, created: null });

/** Garden does not answer its list. */
export const gardenAway = (before: Cell): Cell => ({ ...before, listed: null });

/** Garden has lost the properties of these. */
export const loseProperties = (before: Cell, ...ones: readonly Container[]): Cell => ({
  ...before,
  properties: {
    ...before.properties,
    ...Object.fromEntries(ones.map(({ handle }) => [handle, null])),
  },
});

export const withProperties = (
  before: Cell,
  { handle }: Container,
  properties: Record<string, string>,
): Cell => ({ ...before, properties: { ...before.properties, [handle]: properties } });

/** Garden does not answer for the properties of these. */
export const refuseProperties = (before: Cell, ...ones: readonly Container[]): Cell => ({
  ...before,
  unanswered: handlesOf(ones),
});

/** All processes of the container have ended; its cgroup is left. */
export const end = (before: Cell, { cgroup }: Container): Cell =>
  withCgroups(before, { [cgroup]: [] });

/** These files of a cgroup hold this, and its other ones what they held. */
export const withFiles = (before: Cell, path: string, files: CgroupFiles): Cell => ({
  ...before,
  numbers: { ...before.numbers, [path]: { ...before.numbers?.[path], ...files } },
});

/** What the kernel says of a process in this state, such as `D`, to which nobody sent SIGKILL. */
export const inState = (state: string, more: Partial<ProcessSignals> = {}): ProcessSignals => ({
  state,
  isKilled: false,
  isExiting: false,
  tracer: 0,
  ...more,
});

/** What the kernel says of a process in this state that SIGKILL has not ended. */
export const killedIn = (state: string, more: Partial<ProcessSignals> = {}): ProcessSignals =>
  inState(state, { isKilled: true, ...more });

/** The init process of a container. */
export const gardenInit = (pid: number, more: Partial<ProcessFacts> = {}) => ({
  pid,
  comm: 'garden-init',
  namespacePids: [pid, 1],
  realUid: 5,
  ...more,
});

/** Another process of a container. */
export const appProcess = (pid: number, more: Partial<ProcessFacts> = {}) => ({
  pid,
  comm: 'app',
  namespacePids: [pid, 7],
  ...more,
});

type Handled = Pick<Container, 'handle'>;

/** gdn's helper that starts a container in runc mode. */
export const dadooOf = (
  { handle }: Handled,
  depot: string | null = null,
): Partial<ProcessFacts> => ({
  pid: 280,
  comm: 'dadoo',
  launched: { by: 'dadoo', id: handle, depot },
});

/** The helper that starts a container in containerd mode, in a namespace of containerd. */
export const shimOf = ({ handle }: Handled, namespace = 'garden'): Partial<ProcessFacts> => ({
  pid: 290,
  comm: 'containerd-shim',
  launched: { by: 'containerd-shim', namespace, id: handle, address: null },
});

/** Any other ancestor of a process. */
export const parent = (comm: string, pid: number, more: Partial<ProcessFacts> = {}) => ({
  comm,
  pid,
  ...more,
});

/** The image of the root filesystem of a container. */
export const imageOf = ({ handle }: Handled, store = '/store'): string =>
  `${store}/images/${handle}`;

/** A process that has the root filesystem of a container, and is in another cgroup. */
export const outside = (
  pid: number,
  of: Handled,
  cgroup = '/',
  more: Partial<SuspectText> = {},
): SuspectText => ({ pid, image: imageOf(of), cgroups: { memory: cgroup }, ...more });
