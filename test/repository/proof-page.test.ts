import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { PROPERTIES } from '../invariants/properties.ts';

describe('docs/contributing/proof.md', () => {
  it('lists every property of the invariants', () => {
    const page = readFileSync(path.join(root, 'docs/contributing/proof.md'), 'utf8');
    const [, list = ''] = /These are the properties:\n\n((?:- .*\n)+)/.exec(page) ?? [];
    const listed = list.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(2)]));
    expect(listed).to.deep.equal(Object.keys(PROPERTIES));
  });
});
