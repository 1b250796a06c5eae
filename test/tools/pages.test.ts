import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { programs } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'], { cwd: root });
/** Without a program of their own: npm's word for it, and a part of `npm test`. */
const OTHERS = ['test', 'check'];

const MAX_LINE = 160;
/** Its tables have a column for each measurement. */
const WITH_WIDE_TABLES = 'docs/benchmarks.md';

const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

describe('a page', () => {
  for (const page of PAGES)
    it(`names only npm scripts that exist: ${page}`, () => {
      for (const [, name = ''] of textOf(page).matchAll(
        /npm run (?:-s |--silent )?([a-z][\w:-]*)/g,
      ))
        expect([...programs.keys(), ...OTHERS]).to.include(name);
    });

  it('links only to pages that exist', () => {
    const broken = PAGES.flatMap((page) => {
      const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
        ([, link = '']) => link,
      );
      const from = path.join(root, path.dirname(page));
      return links.filter((link) => globSync(link, { cwd: from }).length === 0);
    });
    expect(broken).to.deep.equal([]);
  });

  it(`has lines of at most ${MAX_LINE} characters, also in tables`, () => {
    const long = PAGES.filter((page) => page !== WITH_WIDE_TABLES).flatMap((page) =>
      textOf(page)
        .split('\n')
        .flatMap((line, index) => (line.length > MAX_LINE ? [`${page}:${index + 1}`] : [])),
    );
    expect(long).to.deep.equal([]);
  });

  it("has ' as its apostrophe, as the output of the program has", () => {
    const curly = PAGES.filter((page) => page !== WITH_WIDE_TABLES && textOf(page).includes('’'));
    expect(curly).to.deep.equal([]);
  });

  it('lists every decision: docs/decisions/README.md', () => {
    const listed = [
      ...textOf('docs/decisions/README.md').matchAll(/^\| \[[^\]]*\]\(([^)]+)\)/gm),
    ].map(([, link = '']) => link);
    const decisions = globSync('*.md', { cwd: path.join(root, 'docs/decisions') });
    expect(listed).to.have.members(decisions.filter((page) => page !== 'README.md'));
  });
});
