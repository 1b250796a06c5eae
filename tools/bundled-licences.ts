import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/**
 * The licence texts of the packages in a bundle, which their licences want to go along with it.
 * @param inputs the files that went into the bundle, relative to the top of the checkout
 */
export function bundledLicences(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((file) => packageFolder(file) ?? []));
  return [...folders].toSorted().map(licenceOf).join('\n');
}

function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function licenceOf(folder: string): string {
  const [file] = globSync('{LICENSE,LICENCE,License,Licence,license,licence}*', {
    cwd: path.join(root, folder),
  });
  // A bundle that may not be passed on is no bundle.
  if (file === undefined) throw new Error(`${folder} has no licence text`);
  const text = readFileSync(path.join(root, folder, file), 'utf8').trim();
  return `==== ${folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)}\n\n${text}\n`;
}
