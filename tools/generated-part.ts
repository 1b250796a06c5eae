import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/place.mjs';

/** The lines around the generated part of a file that is otherwise written by hand. */
interface Marks {
  readonly begin: string;
  readonly end: string;
}

const madeFrom = (source: string): string => `Made by \`npm run generate\` from ${source}:`;
const END = 'End of what is made.';

/** @param source the file that the part is made from */
export const inMarkdown = (source: string): Marks => ({
  begin: `<!-- ${madeFrom(source)} -->`,
  end: `<!-- ${END} -->`,
});
export const IN_RUBY: Marks = {
  begin: `# ${madeFrom('src/model/agent-config.ts')}`,
  end: `# ${END}`,
};

/** The text of a file of this checkout with its generated part, whole lines, replaced. */
export function withPart(file: string, { begin, end }: Marks, part: string): string {
  const page = readFileSync(path.join(root, file), 'utf8');
  const [before = '', made = '', ...more] = page.split(begin);
  const after = made.split(end)[1];
  if (after === undefined || more.length > 0) {
    throw new Error(`${file} needs ${begin} once, and then ${end}`);
  }
  const [indent] = / *$/.exec(before) ?? [''];
  return `${before}${begin}\n${part}${indent}${end}${after}`;
}
