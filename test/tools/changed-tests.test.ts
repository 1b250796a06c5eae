import { expect } from 'chai';
import { testsFor } from '../../tools/checks/changed-tests.ts';

const FILES: Readonly<Record<string, string>> = {
  'package-lock.json': '',
  LICENSE: '',
  'docs/a.md': '',
  'jobs/agent/spec': '',
  'src/a.ts': '',
  'src/b.ts': `import { a } from './a.ts';`,
  'src/main.ts': `const program = new URL('./b.ts', import.meta.url);`,
  'tools/jobs.ts': `const jobs = path.join(root, 'jobs');`,
  'test/skip.ts': '',
  'test/worker.ts': `import { skip } from './skip.ts';`,
  'test/fixtures/one/table': '',
  'test/src/a.test.ts': `import { a } from '../../src/a.ts';`,
  'test/src/main.test.ts': `import type { Main } from '../../src/main.ts';`,
  'test/pages.test.ts': `const pages = globSync('docs/**/*.md');`,
  'test/tables.test.ts': 'const file = new URL(`fixtures/${name}/table`, import.meta.url);',
  'test/jobs.test.ts': `import { jobs } from '../tools/jobs.ts';`,
  'test/other.test.ts': `const files = ['test/src/a.test.ts', 'test/worker.ts', 'package-lock.json'];`,
};

const reached = (...changed: readonly string[]): readonly string[] | null => {
  const { files } = testsFor(changed, {
    files: Object.keys(FILES),
    textOf: (file) => FILES[file] ?? '',
  });
  return files === null ? null : [...files].toSorted();
};

describe('the tests that a change can reach', () => {
  it('are those that import it, also through other files', () => {
    expect(reached('src/a.ts')).to.deep.equal(['test/src/a.test.ts', 'test/src/main.test.ts']);
    expect(reached('src/main.ts')).to.deep.equal(['test/src/main.test.ts']);
  });

  it('are those that name its path, its folder or a pattern for it', () => {
    expect(reached('docs/a.md')).to.deep.equal(['test/pages.test.ts']);
    expect(reached('jobs/agent/spec')).to.deep.equal(['test/jobs.test.ts']);
    expect(reached('test/fixtures/one/table')).to.deep.equal(['test/tables.test.ts']);
  });

  it('are a changed test itself, and not the ones that name it', () => {
    expect(reached('test/src/a.test.ts', 'docs/a.md')).to.deep.equal([
      'test/pages.test.ts',
      'test/src/a.test.ts',
    ]);
  });

  it('are all where no test names a changed file, or every test depends on it', () => {
    for (const file of [
      'LICENSE',
      'package-lock.json',
      'test/skip.ts',
      'test/worker.ts',
      'new.txt',
    ])
      expect(reached('src/main.ts', file), file).to.equal(null);
  });

  it('are none where nothing changed', () => {
    expect(reached()).to.deep.equal([]);
  });
});
