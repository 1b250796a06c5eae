import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { isInPath } from '../../../tools/demo-cell/cell/requirements.ts';
import { packageVersion } from '../../../tools/artifact.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { completeConfig } from '../../../tools/runtime-config/complete-config.ts';
import { makeTile, type TileChoice } from '../../../tools/packaging/make-tile.ts';
import { failureOf } from '../../failure-of.ts';
import { skip } from '../../skip.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/**
 * The fields of a tile's metadata, by the public source of kiln (pkg/proofing: ProductTemplate,
 * Release, RuntimeConfigTemplate; its guide for authors names `description` too), by the type of
 * each. Only the ones that a tile without VMs has.
 */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  string: [
    'name',
    'label',
    'description',
    'metadata_version',
    'product_version',
    'minimum_version_for_upgrade',
    'icon_image',
  ],
  number: ['rank'],
  boolean: ['serial'],
  array: ['releases', 'job_types', 'form_types', 'property_blueprints', 'runtime_configs'],
};

interface Metadata extends Readonly<Record<string, unknown>> {
  readonly icon_image: string;
  readonly runtime_configs: readonly Readonly<Record<string, string>>[];
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** A tarball that has no more of a release than its manifest, and the tile of it. */
async function tileOf({
  manifest = "name: rollcall\nversion: '1.2.3'\ncommit_hash: abc\n",
  ...choice
}: Partial<TileChoice> & { readonly manifest?: string } = {}) {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'release.MF'), manifest);
  const tarball = path.join(folder, 'any-name.tgz');
  await execa('tar', ['-czf', tarball, '-C', folder, 'release.MF']);
  const whole = { tarball, ops: [], variables: [], ...choice };
  const { bytes } = await makeTile(whole);
  const files = unzipSync(bytes);
  // 1.1, as Ops Manager's Ruby reads it.
  const text = new TextDecoder().decode(files['metadata/metadata.yml']);
  return { whole, bytes, files, metadata: parse(text, { version: '1.1' }) as Metadata };
}

describe('the tile', () => {
  it('has the files, and the fields of the metadata, that Ops Manager looks for', async () => {
    const { files, metadata, whole } = await tileOf();
    const release = 'releases/rollcall-1.2.3.tgz';
    expect(files).to.have.all.keys('metadata/metadata.yml', 'migrations/v1/', release);
    const tarball = readFileSync(whole.tarball);
    expect(files[release]).to.deep.equal(new Uint8Array(tarball));
    const names = Map.groupBy(Object.keys(metadata), (name) => typeOf(metadata[name]));
    for (const [type, fields] of Object.entries(FIELDS))
      expect(names.get(type), type).to.have.members(fields);
    const sha1 = createHash('sha1').update(tarball).digest('hex');
    expect(metadata).to.deep.include({
      metadata_version: '3.0',
      product_version: '1.2.3',
      releases: [{ name: 'rollcall', version: '1.2.3', file: 'rollcall-1.2.3.tgz', sha1 }],
    });
  });

  it('has the runtime config of that version, with the ops files that were given', async () => {
    const ops = ['manifests/operations/interval.yml'];
    const { metadata } = await tileOf({ ops, variables: ['interval_seconds=30'] });
    const [config = {}, ...others] = metadata.runtime_configs;
    expect([Object.keys(config), others]).to.deep.equal([['name', 'runtime_config'], []]);
    const read = (name: string): string => readFileSync(path.join(root, 'manifests', name), 'utf8');
    expect(parse(config['runtime_config'] ?? '')).to.deep.equal(
      completeConfig({
        base: read('runtime-config.yml'),
        operations: [{ name: '', text: read('operations/interval.yml') }],
        variables: new Map(Object.entries({ rollcall_version: '1.2.3', interval_seconds: 30 })),
      }),
    );
  });

  it('has an icon, a PNG of 128 pixels', async () => {
    const icon = Buffer.from((await tileOf()).metadata.icon_image, 'base64');
    expect(icon.subarray(1, 4).toString()).to.equal('PNG');
    expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).to.deep.equal([128, 128]);
  });

  it('has the same bytes each time, which are a zip file to unzip too', async function () {
    const { whole, bytes } = await tileOf();
    expect((await makeTile(whole)).bytes).to.deep.equal(bytes);
    if (!isInPath('unzip')) skip(this, 'no unzip on the PATH');
    const file = `${whole.tarball}.pivotal`;
    writeFileSync(file, bytes);
    expect((await execa('unzip', ['-t', file])).stdout).to.include('No errors detected');
    const { stdout } = await execa('unzip', ['-l', file]);
    const page = readFileSync(path.join(root, 'docs/rollout.md'), 'utf8');
    for (const [, name = ''] of stdout.matchAll(/\s((?:metadata|migrations|releases)\/\S*)$/gm))
      expect(page).to.include(` ${name.replace('1.2.3', packageVersion(root))}\n`);
  });

  const refusals = [
    {
      what: 'another release',
      choice: { manifest: 'name: other\nversion: 1.2.3\n' },
      says: /^TILE_BUILD .*name must be/,
    },
    {
      what: 'a file that is missing',
      choice: { tarball: '/no/such.tgz' },
      says: /^TILE_BUILD \/no\/such\.tgz does not exist: make it with npm run release/,
    },
    {
      what: 'no tarball',
      choice: { tarball: '/etc/passwd' },
      says: /^TILE_BUILD .*not a release of rollcall/,
    },
    {
      what: 'variables that Ops Manager would take for its own',
      choice: {
        ops: ['manifests/operations/metrics-tls.yml'],
        variables: ['director_name=p-bosh', 'deployment_name=cf-1'],
      },
      says: /^TILE_BUILD Ops Manager treats/,
    },
    {
      what: 'the version of another release',
      choice: { variables: ['rollcall_version=2.0.0'] },
      says: /^TILE_BUILD any-name\.tgz is version 1\.2\.3, not 2\.0\.0/,
    },
  ];
  for (const { what, choice, says } of refusals)
    it(`is not made of ${what}`, async () => {
      const failure = await failureOf(tileOf(choice));
      expect(failure.join(' ')).to.match(says);
    });
});
