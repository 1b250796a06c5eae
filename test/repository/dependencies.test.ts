import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { root } from '../../tools/bootstrap/place.mjs';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const Versions = v.record(v.string(), v.string());
const Manifest = v.object({
  dependencies: Versions,
  devDependencies: Versions,
  optionalDependencies: Versions,
});

describe('docs/decisions/dependencies.md', () => {
  it('names each package of package.json with its version, and no other', () => {
    const manifest = v.parse(Manifest, JSON.parse(read('package.json')));
    const wanted = Object.values(manifest).flatMap((versions) =>
      Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    );
    const listed = [
      ...read('docs/decisions/dependencies.md').matchAll(/^\| ([^|]* \d[^|]*) \|/gm),
    ].flatMap(([, names = '']) => names.split(', '));
    expect(listed).to.have.members(wanted);
  });
});
