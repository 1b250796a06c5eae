import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expected, type Vm } from './vm.ts';

/**
 * The paths of the VM for an unrestricted volume, expanded as by bpm (runc/adapter/adapter.go,
 * globExpandVolumes, with Go's filepath.Glob): a path without `*` is itself if it exists, and a
 * pattern without a match is dropped.
 */
export function volumePaths(vm: Vm, pattern: string): readonly string[] {
  const folder = dirname(pattern);
  expected(
    /^[^?[\\*]*\*?$/.test(pattern),
    `bpm.yml: the volume ${pattern} has a pattern other than one * at its end, which only bpm expands`,
  );
  if (!pattern.endsWith('*')) return existsSync(vm.path(pattern)) ? [pattern] : [];
  if (!existsSync(vm.path(folder))) return [];
  const beginning = basename(pattern).slice(0, -1);
  return readdirSync(vm.path(folder))
    .filter((name) => name.startsWith(beginning))
    .toSorted()
    .map((name) => join(folder, name));
}
