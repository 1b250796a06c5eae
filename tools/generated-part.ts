import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/** Generated parts of a file, by what they are made from, which the comment above each names; whole lines. */
type Parts = Readonly<Record<string, string>>;

/**
 * The text of a file of this checkout with these parts; the rest is written by hand.
 * @param by the npm script that makes them
 */
export const fileWith = (file: string, parts: Parts, by = 'generate'): string =>
  Object.entries(parts).reduce(
    (text, [source, part]) =>
      replaced(text, { file, part, origin: `\`npm run ${by}\` from ${source}` }),
    readFileSync(path.join(root, file), 'utf8'),
  );

function replaced(
  text: string,
  { file, part, origin }: Readonly<Record<'file' | 'part' | 'origin', string>>,
): string {
  const begin = commentIn(file, `Made by ${origin}:`);
  const end = commentIn(file, 'End of what is made.');
  const [before = '', made = '', ...more] = text.split(begin);
  const [old, ...after] = made.split(end);
  if (old === undefined || after.length === 0 || more.length > 0) {
    throw new Error(`${file} needs ${begin} once, and then ${end}`);
  }
  const [indent] = / *$/.exec(before) ?? [''];
  const lines = file.endsWith('.md') ? `\n${part}\n\n` : part;
  return `${before}${begin}\n${lines}${indent}${end}${after.join(end)}`;
}

/** In Markdown, and in Ruby or YAML. */
const commentIn = (file: string, words: string): string =>
  file.endsWith('.md') ? `<!-- ${words} -->` : `# ${words}`;
