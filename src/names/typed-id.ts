import type { NamedProcess, WhoseAnswer } from '../model/answers.ts';
import type { ContainerName, Names } from '../model/names.ts';
import { isSameStart, type Membership } from '../model/process.ts';
import type { ContainerView } from '../model/report-view.ts';
import { bytesOfText } from '../model/text.ts';
import { isInstance } from './app-instance.ts';
import { withoutDirectory } from './keys.ts';
import { lookUp, lookUpProcess, type Found } from './lookup.ts';

/** Whose an id is that a person typed, and what names it. */
export type Whose =
  | (Extract<Found, { kind: 'named' }> & { readonly by: NonNullable<WhoseAnswer['by']> })
  | Exclude<Found, { kind: 'named' }>
  /** No container can have it. */
  | { readonly kind: 'no-id' };

/** The kernel gives no larger pid (PID_MAX_LIMIT); a longer number is the beginning of a handle. */
const PID = /^[1-9]\d{0,6}$/;

/** The pid that an id is; null: it is something else. */
export const pidOf = (id: string): number | null => (PID.test(id) ? Number(id) : null);

/** A handle and the name of a pea are names of directories (NAME_MAX). */
const MAX_NAME_BYTES = 255;
/** A path of the kernel has at most 4,095 bytes. */
const MAX_PATH = 4096;

/** Whose an id is that is not a pid; also one that only people use: `app/index`. */
export function whoseId(names: Names, id: string): Whose {
  const found = lookUp(names, id);
  if (found.kind === 'named') return { ...found, by: /^(?:\/|cgroup:)/.test(id) ? 'cgroup' : 'id' };
  if (!['too-short', 'not-found', 'unread'].includes(found.kind)) return found;
  const instances = instancesOf(names, id);
  if (instances.length > 0) return oneOf(instances, 'app');
  return isPossible(id) ? found : { kind: 'no-id' };
}

/** A person means the instance that runs, if one does. */
function instancesOf({ containers }: Names, id: string): readonly ContainerName[] {
  const all = containers.filter((one) =>
    isInstance(id, { name: one.app, id: one.appId, index: one.index }),
  );
  const running = all.filter(({ ended }) => ended === null);
  return running.length > 0 ? running : all;
}

function oneOf(containers: readonly ContainerName[], by: 'app' | 'finding'): Whose {
  const [container, ...others] = containers;
  return container === undefined || others.length > 0
    ? { kind: 'ambiguous', containers }
    : { kind: 'named', container, pea: null, by };
}

/** Whether a container could have an id: a handle is any text that can be the name of a directory. */
function isPossible(id: string): boolean {
  if (id.length > MAX_PATH) return false;
  if (id.startsWith('/') || /.\/\d+$/.test(id)) return true;
  const name = withoutDirectory(id);
  return !name.includes('/') && bytesOfText(name).length <= MAX_NAME_BYTES;
}

/** The handles of the containers whose finding says that this process left their cgroups. */
export const escapedFrom = (
  containers: readonly Pick<ContainerView, 'handle' | 'explanation' | 'processes'>[],
  { pid, startedAt }: NamedProcess,
): ReadonlySet<string> =>
  new Set(
    containers
      .filter(
        ({ explanation, processes }) =>
          explanation === 'escaped' &&
          processes.some((one) => one.pid === pid && isSameStart(one.startedAt, startedAt)),
      )
      .map(({ handle }) => handle),
  );

/**
 * Whose a process is: by its cgroups, and by the findings of processes that left theirs.
 * @param left the handles of the containers whose finding names it
 */
export function whoseProcess(
  names: Names,
  membership: Membership,
  left: ReadonlySet<string>,
): Whose {
  const found = lookUpProcess(names, membership);
  const owners = names.containers.filter(({ handle, ended }) => ended === null && left.has(handle));
  switch (found.kind) {
    case 'named': {
      const others = owners.filter((one) => one !== found.container);
      // Its cgroup is that of one container and its root that of another: it may be of either.
      return others.length === 0
        ? { ...found, by: 'cgroup' }
        : { kind: 'ambiguous', containers: [found.container, ...others] };
    }
    case 'ambiguous':
      return { kind: 'ambiguous', containers: [...new Set([...found.containers, ...owners])] };
    case 'unnameable':
    case 'too-short':
    case 'not-found':
    case 'unread':
      return owners.length === 0 ? found : oneOf(owners, 'finding');
  }
}
