import { globSync } from 'node:fs';
import { root } from '../bootstrap/place.mjs';

/** The TypeScript files below these folders, as paths from the top of the checkout. */
export function sourceFiles(...folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => !file.startsWith('src/dist/'))
    .toSorted();
}
