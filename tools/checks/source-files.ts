import { globSync } from 'node:fs';
import { root } from '../bootstrap/place.mjs';

/** The project's TypeScript files below some folders, as paths from the top of the checkout; what a gate must have looked at. */
export function sourceFiles(...folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => !file.startsWith('src/dist/'))
    .toSorted();
}
