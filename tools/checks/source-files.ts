import { globSync } from 'node:fs';
import { root } from '../bootstrap/place.mjs';

export function sourceFiles(...folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => !file.startsWith('src/dist/'))
    .toSorted();
}
