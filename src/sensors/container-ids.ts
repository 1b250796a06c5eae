/** By path, as in each sensor's source. Null: the tool takes the process for one of the host. */

const HEX_64 = /^[A-Fa-f0-9]{64}$/;

/** Tracee recognises a Garden id by the 28 characters of an app instance (containers.go:250). */
const GARDEN_ID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){4}$/;

/** Tracee up to 0.18: the innermost component that looks like a docker id. */
export const traceeIdBefore19 = (path: string): string | null =>
  innermost(path, (id) => HEX_64.test(id));

/** Tracee since 0.19 accepts Garden's form, too (containers.go:256 @v0.19.0, same in 7c9ec978). */
export const traceeId = (path: string): string | null =>
  innermost(path, (id) => HEX_64.test(id) || GARDEN_ID.test(id));

/**
 * What container runtimes put before an id. The last of them is part of a name that begins with the
 * pod's; since v0.22, Tracee takes whatever follows one for an id.
 */
const RUNTIME_PREFIX = /^(?:(?:docker|crio|cri-containerd|libpod)-|.*:cri-containerd:)/;

function innermost(path: string, isId: (id: string) => boolean): string | null {
  const ids = path
    .split('/')
    .map((component) => component.replace(/\.scope$/, '').replace(RUNTIME_PREFIX, ''));
  return ids.findLast(isId) ?? null;
}

/** Falco's library accepts no longer id (runc.cpp:8-9). */
const MAX_FALCO_ID = 64;
/** The number of characters of an id that it reports (runc.cpp:8-9). */
export const FALCO_ID_LENGTH = 12;
const FIRST_COMPONENT = /\/[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\//;
const UNIT = /\.(?:service|slice|scope)$/;

/**
 * Falco's container plugin 0.1 to 0.7.1 (Falco 0.41 and newer), in the order of its matchers
 * (matcher.cpp). Those of podman, docker and CRI take ids of 64 digits, so on a cell inside such a
 * container they give its id to everything. The containerd matcher takes the first component as the
 * namespace and the next as the id (containerd.cpp:7-26, runc.cpp:32-91); the bpm matcher takes the
 * job (bpm.cpp:4-25).
 */
export const falcoId = (path: string): string | null =>
  runtimeId(path) ?? containerdId(path) ?? bpmId(path);

/** The text before and after an id; `""` after it stands for the end of the path. */
const LAYOUTS = [
  ['/libpod-', '.scope'],
  ['/libpod-', '.scope/container'],
  ['/libpod-', ''],
  ['/libpod-payload-', '.scope'],
  ['/libpod-payload-', '.scope/container'],
  ['/libpod-payload-', ''],
  ['/', ''],
  ['/docker-', '.scope'],
  ['/crio-', ''],
  ['/cri-containerd-', '.scope'],
  ['/crio-', '.scope'],
  [':cri-containerd:', ''],
  ['/nerdctl-', '.scope'],
] as const;

/** Each text counts where it occurs last, the one after the id also in the middle of a path. */
function runtimeId(path: string): string | null {
  for (const [before, after] of LAYOUTS) {
    const start = path.lastIndexOf(before);
    const end = after === '' ? path.length : path.lastIndexOf(after);
    const id = start < 0 ? '' : path.slice(start + before.length, Math.max(end, 0));
    if (HEX_64.test(id)) return id.slice(0, FALCO_ID_LENGTH);
  }
  return null;
}

function containerdId(path: string): string | null {
  const namespace = FIRST_COMPONENT.exec(path)?.[0];
  if (namespace === undefined) return null;
  const id = path.slice(path.lastIndexOf(namespace) + namespace.length);
  if (id === '' || id.length > MAX_FALCO_ID) return null;
  return UNIT.test(path) ? null : id.slice(0, FALCO_ID_LENGTH);
}

function bpmId(path: string): string | null {
  const start = path.indexOf('bpm-');
  if (start < 0) return null;
  const rest = path.slice(start + 'bpm-'.length);
  const end = rest.indexOf('.scope');
  const job = end < 0 ? rest : rest.slice(0, end);
  return /^[A-Za-z0-9._-]+$/.test(job) ? job : null;
}

/** Tetragon takes what follows the last `-`, if it is as long as a docker id (proc.go:25-137). */
export function tetragonId(path: string): string | null {
  const last = path.slice(path.lastIndexOf('/') + 1).replace(/\.scope$/, '');
  const part = last.slice(last.lastIndexOf('-') + 1);
  return part.length >= 64 ? part.slice(0, 31) : null;
}
