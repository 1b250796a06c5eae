/** The page without its own style sheet and script, which are constants. */
export const withoutOwnTexts = (page: string): string =>
  page
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>');

interface Tag {
  readonly name: string;
  readonly attributes: readonly string[];
}

const TEXT = /[^<>]+/y;
const TAG = /<(\/?[a-z][a-z0-9]*)((?:\s+[a-z][a-zA-Z-]*(?:="[^"<>]*")?)*)\s*\/?>/y;

/** Reads a page more strictly than a browser: whatever is no tag of this form and no text is an error. */
export function tagsOf(page: string): readonly Tag[] {
  const tags: Tag[] = [];
  const text = withoutOwnTexts(page).replace('<!doctype html>', '');
  for (let at = 0; at < text.length;) {
    TEXT.lastIndex = at;
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag !== null) {
      const attributes = (tag[2] ?? '')
        .replaceAll(/="[^"]*"/g, '')
        .trim()
        .split(/\s+/);
      tags.push({ name: tag[1] ?? '', attributes: attributes.filter((name) => name !== '') });
      at = TAG.lastIndex;
    } else if (TEXT.test(text)) at = TEXT.lastIndex;
    else throw new Error(`no tag: ${text.slice(at, at + 200)}`);
  }
  return tags;
}

/** The names of all elements and attributes in a page. */
export const kindsOf = (page: string): ReadonlySet<string> =>
  new Set(tagsOf(page).flatMap(({ name, attributes }) => [name, ...attributes]));
