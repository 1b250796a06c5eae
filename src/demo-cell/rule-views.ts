import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a sensor that follows a rule sees through the mount that the rule takes. */
export interface RuleView {
  readonly rule: string;
  /** Null: the rule takes none. */
  readonly mountPoint: string | null;
  /** Containers of which a directory with processes is found below it. */
  readonly seen: number;
  readonly of: number;
}

/** @param root where the cell's own paths begin, as this process sees them */
export function ruleView(
  rule: string,
  mountPoint: string | null,
  handles: readonly string[],
  root: string,
): RuleView {
  const names = new Set(handles);
  const seen = mountPoint === null ? new Set<string>() : liveNames(root + mountPoint, names);
  return { rule, mountPoint, seen: seen.size, of: names.size };
}

function liveNames(top: string, names: ReadonlySet<string>): Set<string> {
  const live = new Set<string>();
  const walk = (directory: string, inside: string | null): void => {
    const procs = path.join(directory, 'cgroup.procs');
    if (inside !== null && existsSync(procs) && readFileSync(procs, 'utf8') !== '')
      live.add(inside);
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const name = names.has(entry.name) ? entry.name : inside;
      walk(path.join(directory, entry.name), name);
    }
  };
  walk(top, null);
  return live;
}
