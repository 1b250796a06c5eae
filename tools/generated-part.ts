import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/** Generated parts of a file, by what they are made from, which the comment above each names. */
type Parts = Readonly<Record<string, string>>;

/**
 * The text of a page of this checkout with these parts; the rest is written by hand.
 * @param by the npm script that makes them
 */
export const pageWith = (file: string, parts: Parts, by = 'generate'): string =>
  Object.entries(parts).reduce(
    (text, [source, part]) =>
      replaced(text, `\`npm run ${by}\` from ${source}`, {
        part: `\n${part}\n\n`,
        comment: (words) => `<!-- ${words} -->`,
      }),
    textOf(file),
  );

/** The same of a file in Ruby or YAML. @param part whole lines */
export const fileWith = (file: string, source: string, part: string): string =>
  replaced(textOf(file), `\`npm run generate\` from ${source}`, {
    part,
    comment: (words) => `# ${words}`,
  });

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

function replaced(
  text: string,
  origin: string,
  { part, comment }: { readonly part: string; readonly comment: (words: string) => string },
): string {
  const begin = comment(`Made by ${origin}:`);
  const end = comment('End of what is made.');
  const [before = '', made = '', ...more] = text.split(begin);
  const [old, ...after] = made.split(end);
  if (old === undefined || after.length === 0 || more.length > 0) {
    throw new Error(`a file needs ${begin} once, and then ${end}`);
  }
  const [indent] = / *$/.exec(before) ?? [''];
  return `${before}${begin}\n${part}${indent}${end}${after.join(end)}`;
}
