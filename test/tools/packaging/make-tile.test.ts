import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { isInPath } from '../../../src/demo-cell/cell/requirements.ts';
import { packageVersion } from '../../../tools/artifact.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { completeConfig } from '../../../tools/runtime-config/complete-config.ts';
import { makeTile, type Tile, type TileChoice } from '../../../tools/packaging/make-tile.ts';
import { failureOf } from '../../failure-of.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/**
 * The fields of a tile's metadata, by the public source of kiln (pkg/proofing: ProductTemplate,
 * Release, RuntimeConfigTemplate; its guide for authors names `description` too), with the type of
 * each. Only the ones that a tile without VMs has.
 */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'string',
  label: 'string',
  description: 'string',
  metadata_version: 'string',
  product_version: 'string',
  minimum_version_for_upgrade: 'string',
  rank: 'number',
  serial: 'boolean',
  icon_image: 'string',
  releases: 'array',
  job_types: 'array',
  form_types: 'array',
  property_blueprints: 'array',
  runtime_configs: 'array',
};
const RELEASE_FIELDS = ['name', 'version', 'file', 'sha1'];
const RUNTIME_CONFIG_FIELDS = ['name', 'runtime_config'];

interface Metadata extends Readonly<Record<string, unknown>> {
  readonly icon_image: string;
  readonly releases: readonly Readonly<Record<string, string>>[];
  readonly runtime_configs: readonly { readonly name: string; readonly runtime_config: string }[];
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** The bytes of a tarball that has no more of a release than its manifest, and the tile of it. */
async function tileOf<T>(
  choice: Partial<TileChoice> & { readonly manifest?: string },
  use: (tile: Promise<Tile>, tarball: string) => T | Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'release'));
  const manifest = choice.manifest ?? "name: rollcall\nversion: '1.2.3'\ncommit_hash: abc\n";
  writeFileSync(path.join(folder, 'release/release.MF'), manifest);
  const tarball = path.join(folder, 'any-name.tgz');
  await execa('tar', ['-czf', tarball, '-C', path.join(folder, 'release'), 'release.MF']);
  return use(makeTile({ tarball, ops: [], variables: [], ...choice }), tarball);
}

const filesOf = (tile: Tile): Readonly<Record<string, Uint8Array>> => unzipSync(tile.bytes);

const metadataOf = (tile: Tile): Metadata =>
  // 1.1, as Ops Manager's Ruby reads it.
  parse(new TextDecoder().decode(filesOf(tile)['metadata/metadata.yml']), {
    version: '1.1',
  }) as Metadata;

describe('the tile', () => {
  it('has the files that Ops Manager looks for', () =>
    tileOf({}, async (tile, tarball) => {
      const files = filesOf(await tile);
      expect(Object.keys(files)).to.deep.equal([
        'metadata/metadata.yml',
        'migrations/v1/',
        'releases/rollcall-1.2.3.tgz',
      ]);
      expect(files['releases/rollcall-1.2.3.tgz']).to.deep.equal(
        new Uint8Array(readFileSync(tarball)),
      );
    }));

  it('has these fields of the metadata, each of its type, and no other', () =>
    tileOf({}, async (tile) => {
      const metadata = metadataOf(await tile);
      const types = Object.entries(metadata).map(([name, value]) => [name, typeOf(value)] as const);
      expect(Object.fromEntries(types)).to.deep.equal(FIELDS);
      expect(metadata.releases.map(Object.keys)).to.deep.equal([RELEASE_FIELDS]);
      expect(metadata.runtime_configs.map(Object.keys)).to.deep.equal([RUNTIME_CONFIG_FIELDS]);
      expect(metadata['metadata_version']).to.equal('3.0');
    }));

  it('has the version and the checksum of the tarball', () =>
    tileOf({}, async (tile, tarball) => {
      const metadata = metadataOf(await tile);
      expect(metadata['product_version']).to.equal('1.2.3');
      expect(metadata.releases).to.deep.equal([
        {
          name: 'rollcall',
          version: '1.2.3',
          file: 'rollcall-1.2.3.tgz',
          sha1: createHash('sha1').update(readFileSync(tarball)).digest('hex'),
        },
      ]);
    }));

  it('has the runtime config of that version, with the ops files that were given', () =>
    tileOf(
      { ops: ['manifests/operations/interval.yml'], variables: ['interval_seconds=30'] },
      async (tile) => {
        const [config] = metadataOf(await tile).runtime_configs;
        const manifest = (name: string): string =>
          readFileSync(path.join(root, 'manifests', name), 'utf8');
        expect(parse(config?.runtime_config ?? '')).to.deep.equal(
          completeConfig({
            base: manifest('runtime-config.yml'),
            operations: [{ name: '', text: manifest('operations/interval.yml') }],
            variables: new Map<string, unknown>([
              ['rollcall_version', '1.2.3'],
              ['interval_seconds', 30],
            ]),
            download: null,
          }),
        );
      },
    ));

  it('has an icon, a PNG of 128 pixels', () =>
    tileOf({}, async (tile) => {
      const icon = Buffer.from(metadataOf(await tile).icon_image, 'base64');
      expect(icon.subarray(1, 4).toString()).to.equal('PNG');
      expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).to.deep.equal([128, 128]);
    }));

  it('has the same bytes each time', () =>
    tileOf({}, async (tile, tarball) => {
      const again = await makeTile({ tarball, ops: [], variables: [] });
      expect(again.bytes).to.deep.equal((await tile).bytes);
    }));

  it('is a zip file to unzip too', function () {
    if (!isInPath('unzip')) skip(this, 'no unzip on the PATH');
    return tileOf({}, async (tile, tarball) => {
      const file = `${tarball}.pivotal`;
      writeFileSync(file, (await tile).bytes);
      expect((await execa('unzip', ['-t', file])).stdout).to.include('No errors detected');
      const listing = await execa('unzip', ['-l', file]);
      const page = readFileSync(path.join(root, 'docs/rollout.md'), 'utf8');
      for (const [, name = ''] of listing.stdout.matchAll(
        /\s((?:metadata|migrations|releases)\/\S*)$/gm,
      ))
        expect(page).to.include(` ${name.replace('1.2.3', packageVersion(root))}\n`);
    });
  });

  const refusals: readonly (readonly [string, Parameters<typeof tileOf>[0], RegExp])[] = [
    [
      'another release',
      { manifest: 'name: other\nversion: 1.2.3\n' },
      /^TILE_BUILD .*name must be/,
    ],
    ['a file that is missing', { tarball: '/no/such.tgz' }, /^TILE_BUILD \/no\/such\.tgz is not/],
    ['no tarball', { tarball: import.meta.filename }, /^TILE_BUILD .*not a release of rollcall/],
    [
      'a forgotten variable',
      { ops: ['manifests/operations/interval.yml'] },
      /^RUNTIME_CONFIG no value for the variable interval_seconds/,
    ],
    [
      'variables that Ops Manager would take for its own',
      {
        ops: ['manifests/operations/metrics-tls.yml'],
        variables: ['director_name=p-bosh', 'deployment_name=cf-1'],
      },
      /^TILE_BUILD Ops Manager treats/,
    ],
    [
      'the version of another release',
      { variables: ['rollcall_version=2.0.0'] },
      /^TILE_BUILD any-name\.tgz is version 1\.2\.3, not 2\.0\.0/,
    ],
  ];
  for (const [what, choice, says] of refusals)
    it(`is not made of ${what}`, () =>
      tileOf(choice, async (tile) => {
        expect((await failureOf(tile)).join(' ')).to.match(says);
      }));
});
