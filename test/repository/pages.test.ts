import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { tools } from '../../tools/bootstrap/commands.mjs';
import { packageVersion } from '../../tools/artifact.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { scripts } from '../tools/npm-scripts.ts';
import { anchorsOf, linksOf, type PageLink } from './page-links.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'], { cwd: root });
const MAX_LINE = 160;
/** Its tables have a column for each measurement. */
const WITH_WIDE_TABLES = 'docs/appendix/benchmarks.md';

const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

function isBroken({ file, anchor }: PageLink, page: string): boolean {
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, target))) return true;
  return anchor !== null && !(target.endsWith('.md') && anchorsOf(textOf(target)).has(anchor));
}

describe('a page', () => {
  for (const page of PAGES)
    it(`names only npm scripts and tools that exist: ${page}`, () => {
      for (const [, script = '', tool = null] of textOf(page).matchAll(
        /npm run (?:-s |--silent )?([a-z]\w*)(?: -- ([a-z][\w:-]*))?/g,
      )) {
        expect(Object.keys(scripts)).to.include(script);
        if (script === 'tool' && tool !== null) expect([...tools.keys()]).to.include(tool);
      }
    });

  it('links only to pages and sections that exist', () => {
    const broken = PAGES.flatMap((page) =>
      linksOf(textOf(page))
        .filter((link) => isBroken(link, page))
        .map(({ file, anchor }) => `${page}: ${file}#${anchor ?? ''}`),
    );
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
    const curly = PAGES.filter((page) => textOf(page).includes('’'));
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

describe('the version of this release', () => {
  const newest = /^## \[(\d+\.\d+\.\d+)\]/m.exec(textOf('CHANGELOG.md'))?.[1];

  it('is the first of the changelog, and that of the lockfile', () => {
    expect(newest).to.equal(packageVersion(root));
    expect(textOf('package-lock.json')).to.match(
      new RegExp(`^\\{\\s+"name": "rollcall",\\s+"version": "${newest}"`),
    );
  });

  /** Of files of the release: `rollcall-runtime-config-0.2.0.yml`. */
  const versionsOfFilesIn = (page: string): readonly string[] =>
    [...textOf(page).matchAll(/rollcall[/\w-]*?[-/](\d+\.\d+\.\d+)/g)].map(
      ([, version = '']) => version,
    );

  for (const page of PAGES.filter((one) => versionsOfFilesIn(one).length > 0))
    it(`is that of the files that operators are told to use: ${page}`, () => {
      // There, the next final release is an example.
      const known = page === 'docs/contributing/release.md' ? [newest, '1.0.0'] : [newest];
      expect(known).to.include.members([...versionsOfFilesIn(page)]);
      expect(versionsOfFilesIn(page)).to.include(newest);
    });
});
