import { expect } from 'chai';
import { stringify } from 'yaml';
import { applyOps } from '../../../tools/runtime-config/apply-ops.ts';

const DOCUMENT = {
  key: 1,
  map: { inner: { deep: 2 }, other: 3 },
  list: [4, 5, 6],
  items: [{ name: 'a' }, { name: 'b', v: 1 }, { name: 'twice' }, { name: 'twice' }],
};

const replace = (path: string, value: unknown): unknown =>
  applyOps(DOCUMENT, stringify([{ type: 'replace', path, value }]), 'x.yml');
const remove = (path: string): unknown =>
  applyOps(DOCUMENT, stringify([{ type: 'remove', path }]), 'x.yml');

describe('the applier of ops files', () => {
  it('replaces keys, and makes the ones that may be missing', () => {
    expect(replace('/key', 9)).to.deep.equal({ ...DOCUMENT, key: 9 });
    expect(replace('/new?', 9)).to.deep.equal({ ...DOCUMENT, new: 9 });
    expect(replace('/map/inner?/x/y', 9)).to.deep.equal({
      ...DOCUMENT,
      map: { inner: { deep: 2, x: { y: 9 } }, other: 3 },
    });
  });

  it('finds items, appends, and makes lists', () => {
    expect(replace('/items/name=b/v', 9)).to.have.nested.property('items[1].v', 9);
    expect(replace('/items/name=c?/v', 9)).to.have.deep.nested.property('items[4]', {
      name: 'c',
      v: 9,
    });
    expect(replace('/list/-', 9)).to.have.deep.property('list', [4, 5, 6, 9]);
    expect(replace('/list/-1', 9)).to.have.deep.property('list', [4, 5, 9]);
    expect(replace('/new?/-', 9)).to.have.deep.property('new', [9]);
    expect(replace('/new?/name=~1a~0b', { x: 1 })).to.have.deep.property('new', [{ x: 1 }]);
    expect(replace('/new?/name=~1a~0b/x', 1)).to.have.deep.property('new', [
      { name: '/a~b', x: 1 },
    ]);
  });

  it('removes keys and items', () => {
    expect(remove('/map/inner')).to.have.deep.property('map', { other: 3 });
    expect(remove('/list/0')).to.have.deep.property('list', [5, 6]);
    expect(remove('/items/name=b')).to.have.nested.property('items.length', 3);
    for (const missing of ['/nothing?/at/all', '/items/name=c?', '/items/name=c?/v'])
      expect(remove(missing), missing).to.deep.equal(DOCUMENT);
  });

  it('leaves the base alone', () => {
    replace('/map/inner', { a: [1] });
    expect(DOCUMENT.map.inner).to.deep.equal({ deep: 2 });
  });

  const refusals = [
    {
      type: 'replace',
      path: '/kye',
      says: String.raw`operation 0 \(/kye\): no key kye among key, map`,
    },
    { type: 'remove', path: '/map/x', says: String.raw`\(/map/x\): no key x` },
    { type: 'replace', path: '/items/name=z/v', says: '0 items at name=z' },
    { type: 'replace', path: '/items/name=twice/v', says: '2 items at name=twice' },
    { type: 'replace', path: '/list/3', says: '0 items at 3' },
    { type: 'replace', path: '/list/x', says: 'no map at x' },
    { type: 'replace', path: '/map/-', says: 'no list' },
    { type: 'remove', path: '/list/-', says: 'which has no value' },
    { type: 'replace', path: '/list/-/x', says: 'which has no value' },
    { type: 'replace', path: '/list/0:before', says: 'operation 0: path must' },
    { type: 'replace', path: 'key', says: 'operation 0: path must' },
    { type: 'add', path: '/a', says: 'operation 0:' },
  ];
  for (const { type, path, says } of refusals)
    it(`refuses to ${type} ${path}`, () => {
      const asked = type === 'remove' ? { type, path } : { type, path, value: 1 };
      expect(() => applyOps(DOCUMENT, stringify([asked]), 'broken.yml')).to.throw(
        new RegExp(`^broken\\.yml: .*${says}`),
      );
    });

  it('refuses what is not a list of operations, and says which operation is wrong', () => {
    const apply = (ops: unknown) => () => applyOps(DOCUMENT, stringify(ops), 'broken.yml');
    for (const ops of [{ type: 'remove' }, null])
      expect(apply(ops)).to.throw(/^broken\.yml is not a list of operations$/);
    const right = { type: 'remove', path: '/key' };
    expect(apply([right, { ...right, value: 1 }])).to.throw(/^broken\.yml: operation 1: /);
  });

  it('names the file that is not valid YAML', () => {
    expect(() => applyOps({}, '- {', 'broken.yml')).to.throw(/^broken\.yml: not valid YAML/);
  });
});
