import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { programs } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'manifests/**/*.md'], { cwd: root });
/** Without a program of their own: npm's word for it, and a part of `npm test`. */
const OTHERS = ['test', 'check'];

describe('a page', () => {
  for (const page of PAGES)
    it(`names only npm scripts that exist: ${page}`, () => {
      const text = readFileSync(path.join(root, page), 'utf8');
      for (const [, name = ''] of text.matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g))
        expect([...programs.keys(), ...OTHERS]).to.include(name);
    });

  it('links only to pages that exist', () => {
    const broken = PAGES.flatMap((page) => {
      const text = readFileSync(path.join(root, page), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
      const from = path.join(root, path.dirname(page));
      return links.filter((link) => globSync(link, { cwd: from }).length === 0);
    });
    expect(broken).to.deep.equal([]);
  });

  it('lists every decision: docs/decisions/README.md', () => {
    const folder = path.join(root, 'docs/decisions');
    const text = readFileSync(path.join(folder, 'README.md'), 'utf8');
    const listed = [...text.matchAll(/^\| \[[^\]]*\]\(([^)]+)\)/gm)].map(([, link = '']) => link);
    expect(listed).to.have.members(
      globSync('*.md', { cwd: folder }).filter((page) => page !== 'README.md'),
    );
  });
});
