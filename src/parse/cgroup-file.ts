import { asByteString, type ByteString } from '../model/ids.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { MalformedLine } from '../model/mount.ts';
import type { Membership } from '../model/process.ts';
import { Malformed, parseLines } from './table-lines.ts';

export interface ProcCgroup {
  readonly membership: Membership;
  readonly malformed: readonly MalformedLine[];
}

interface Place {
  readonly names: readonly ControllerName[];
  readonly path: ByteString;
}

/**
 * /proc/<pid>/cgroup (kernel/cgroup/cgroup.c proc_cgroup_show), a line a hierarchy: `id:controllers:path`. `0::path` is
 * v2, and is there on v1 hosts too. A co-mounted hierarchy gets one key for each controller, a named one `name=X`. The
 * path is what is left of the line: systemd's container scopes hold `:`, and a removed cgroup ends in ` (deleted)`, which
 * stays. It holds no newline: mkdir in a cgroup refuses one for the sake of this file.
 */
export function parseProcCgroup(bytes: ByteString): ProcCgroup {
  const seen = new Set<ControllerName>();
  const { parsed, malformed } = parseLines(bytes, (line) => {
    const place = placeOfLine(line);
    if (place instanceof Malformed) return place;
    if (place.names.some((name) => seen.has(name)))
      return new Malformed('a controller for the second time');
    for (const name of place.names) seen.add(name);
    return place;
  });
  const entries = parsed.flatMap(({ names, path }) => names.map((name) => [name, path] as const));
  return { membership: Object.fromEntries(entries), malformed };
}

function placeOfLine(line: string): Place | Malformed {
  const idEnd = line.indexOf(':');
  const namesEnd = idEnd === -1 ? -1 : line.indexOf(':', idEnd + 1);
  if (namesEnd === -1) return new Malformed('fewer than three fields');
  const id = line.slice(0, idEnd);
  const names = line.slice(idEnd + 1, namesEnd);
  const path = line.slice(namesEnd + 1);
  if (!/^\d{1,10}$/.test(id)) return new Malformed('the hierarchy id is no number');
  if (!path.startsWith('/')) return new Malformed('the path does not begin with /');
  const isUnified = Number(id) === 0;
  if (isUnified !== (names === '')) return new Malformed('only hierarchy 0 has no controllers');
  const split = isUnified ? ['v2'] : names.split(',');
  if (split.includes('')) return new Malformed('a controller without a name');
  return { names: split, path: asByteString(path) };
}
