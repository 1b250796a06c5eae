/** A link to a page or a section of one, not to the web. */
export interface PageLink {
  /** Relative to the page; empty for a section of the page itself. */
  readonly file: string;
  readonly anchor: string | null;
}

export const linksOf = (page: string): readonly PageLink[] =>
  Array.from(
    withoutBlocks(page)
      .replaceAll(/`[^`]*`/g, '')
      .matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?/g),
    ([, file = '', anchor = null]) => ({ file, anchor }),
  );

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const headings = withoutBlocks(page).matchAll(/^#{1,6} +(.*?)(?: +#+)? *$/gm);
  const anchors = Array.from(headings, ([, heading = '']) => {
    const anchor = anchorOf(heading);
    const before = counts.get(anchor) ?? 0;
    counts.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return new Set(anchors);
}

const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    // Also the marks of code and emphasis; an underscore stays, as in the name of a metric.
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/** Neither a comment of a shell in a block of code nor a comment of the page is a heading. */
const withoutBlocks = (page: string): string =>
  page.replaceAll(/^(```|~~~).*?^\1.*?$/gms, '').replaceAll(/<!--.*?-->/gs, '');
