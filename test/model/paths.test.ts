import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { commonAncestor, parentOf, ROOT } from '../../src/model/paths.ts';

describe('the directory above a path', () => {
  // A changed capture had the path of a process without its `/`: its replay never ended.
  it('leads to / from any text, also from one that does not begin there', () => {
    for (const text of ['', 'x', 'x/y', 'x//', '/', '/x', '/x/y']) {
      let at = asByteString(text);
      for (let levels = 0; levels < 3; levels++) at = parentOf(at);
      expect(at, text).to.equal(ROOT);
    }
  });

  it('is common to two paths, at last /', () => {
    const common = (a: string, b: string) => commonAncestor(asByteString(a), asByteString(b));
    expect(common('/a/b/c', '/a/b/d')).to.equal('/a/b');
    expect(common('/a', '/a/b')).to.equal('/a');
    for (const [a, b] of [
      ['/a', 'b'],
      ['a', '/b'],
      ['a', ''],
      ['/', 'a'],
    ] as const)
      expect(common(a, b)).to.equal(ROOT);
  });
});
