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
const Lockfile = v.object({
  packages: v.record(
    v.string(),
    v.object({
      license: v.optional(v.string()),
      integrity: v.optional(v.string()),
      dev: v.optional(v.boolean(), false),
      resolved: v.optional(v.string()),
      hasInstallScript: v.optional(v.boolean(), false),
    }),
  ),
});

/** As NOTICE says of what ships. */
const SHIPPED_LICENCES = new Set(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0']);
/** Of what only builds and tests, unchanged. */
const OTHER_LICENCES = new Set([
  '0BSD',
  'BSD-2-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-3.0',
  'PSF-2.0',
  'Python-2.0',
  'MPL-2.0',
  '(MIT OR WTFPL)',
  '(BSD-2-Clause OR MIT OR Apache-2.0)',
]);

describe('package-lock.json', () => {
  const { packages } = v.parse(Lockfile, JSON.parse(read('package-lock.json')));
  const { '': _, ...installed } = packages;
  const which = (is: (one: (typeof packages)[string]) => boolean): readonly string[] =>
    Object.entries(installed).flatMap(([folder, one]) => (is(one) ? [folder] : []));

  it('has a SHA-512 of each package, and no address of a download', () => {
    expect(Object.keys(installed)).to.have.length.above(100);
    const isBound = (integrity = ''): boolean => /^sha512-[\w+/]{86}==$/.test(integrity);
    expect(which((one) => !isBound(one.integrity) || one.resolved !== undefined)).to.deep.equal([]);
  });

  it('has only packages whose licences allow their use', () => {
    const isAllowed = ({ license = '', dev }: (typeof packages)[string]): boolean =>
      SHIPPED_LICENCES.has(license) || (dev && OTHER_LICENCES.has(license));
    expect(which((one) => !isAllowed(one))).to.deep.equal([]);
  });

  it('has no other packages with an install script than these, which work without it', () => {
    expect(which(({ hasInstallScript }) => hasInstallScript)).to.deep.equal([
      'node_modules/esbuild',
      'node_modules/protobufjs',
    ]);
    expect(read('.npmrc')).to.match(/^ignore-scripts=true$/m);
  });
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
