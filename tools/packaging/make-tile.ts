import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { zipSync } from 'fflate';
import * as v from 'valibot';
import { stringify } from 'yaml';
import { oneLine } from '../../src/model/text.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { parseYamlFile } from '../release/spec-files.ts';
import { completeConfig, configText } from '../runtime-config/complete-config.ts';
import { configParts } from '../runtime-config/write-config.ts';

export interface TileChoice {
  readonly tarball: string;
  /** As for `npm run tool -- runtime-config`. */
  readonly ops: readonly string[];
  readonly variables: readonly string[];
}

export type Tile = { readonly version: string; readonly bytes: Uint8Array };

/** A fixed date in local time, as zip requires, so that the same release gives the same tile. */
const PACKED_AT = new Date(2000, 0, 1);

/**
 * Builds a tile for Ops Manager from a release: the release, a runtime config with its version, and
 * the metadata that Ops Manager requires.
 * @throws ToolFailure TILE_BUILD, RUNTIME_CONFIG
 */
export async function makeTile({ tarball, ops, variables }: TileChoice): Promise<Tile> {
  const version = await versionInTarball(tarball);
  const config = completeConfig(configParts(version, ops, variables));
  const runtimeConfig = configText(config, 'rollcall on Diego cells.');
  if (runtimeConfig.includes('(('))
    throw new ToolFailure(
      'TILE_BUILD',
      'Ops Manager treats ((…)) in a tile as its own variables: omit the ops file that adds some (metrics-tls.yml), and set that runtime config with bosh',
    );
  const named = config.releases[0].version;
  if (named !== version)
    throw new ToolFailure(
      'TILE_BUILD',
      `${path.basename(tarball)} is version ${version}, not ${named}: omit -v rollcall_version`,
    );
  const release = readFileSync(tarball);
  const file = `rollcall-${version}.tgz`;
  const sha1 = createHash('sha1').update(release).digest('hex');
  const metadata = tileMetadata({ name: 'rollcall', version, file, sha1 }, runtimeConfig);
  const bytes = zipSync(
    {
      'metadata/metadata.yml': new TextEncoder().encode(metadata),
      // Ops Manager requires the folder even if there is nothing to migrate.
      'migrations/v1/': new Uint8Array(),
      // It is already compressed.
      [`releases/${file}`]: [release, { level: 0 }],
    },
    { mtime: PACKED_AT },
  );
  return { version, bytes };
}

/**
 * The text of metadata/metadata.yml for a tile that adds only a runtime config. It has no VM, so no
 * stemcell, network or job types. It has no form, because ops files express the differences between
 * foundations. The release's digest is SHA-1 in hexadecimal, because Ops Manager accepts no other.
 */
function tileMetadata(
  release: Readonly<Record<'name' | 'version' | 'file' | 'sha1', string>>,
  runtimeConfig: string,
): string {
  const metadata = {
    name: 'rollcall',
    label: 'rollcall',
    description:
      'Compares the containers that run on Diego cells with those that Garden lists, and reports every one that nobody tracks.',
    metadata_version: '3.0',
    product_version: release.version,
    minimum_version_for_upgrade: '0.2.0',
    rank: 1,
    serial: false,
    icon_image: readFileSync(path.join(root, 'manifests/tile/icon.png'), 'base64'),
    releases: [release],
    job_types: [],
    form_types: [],
    property_blueprints: [],
    runtime_configs: [{ name: 'rollcall', runtime_config: runtimeConfig }],
  };
  // Ops Manager reads YAML with Ruby; folded lines would make the runtime config hard to read.
  return `---\n${stringify(metadata, { version: '1.1', lineWidth: 0 })}`;
}

const manifest = v.object({ name: v.literal('rollcall'), version: v.string() });

async function versionInTarball(tarball: string): Promise<string> {
  if (!existsSync(tarball)) {
    throw new ToolFailure(
      'TILE_BUILD',
      `${oneLine(tarball, 200)} does not exist: make it with npm run release, or name another with --tarball`,
    );
  }
  const unusable = (why: string): ToolFailure =>
    new ToolFailure(
      'TILE_BUILD',
      `${oneLine(tarball, 200)} is not a release of rollcall (${oneLine(why, 200)}): make one with npm run release, or name another with --tarball`,
    );
  const { failed, stdout, stderr } = await execa('tar', ['-xzOf', tarball, 'release.MF'], {
    reject: false,
  });
  if (failed) throw unusable(stderr.trim().split('\n')[0] ?? '');
  try {
    return parseYamlFile('release.MF', stdout, manifest).version;
  } catch (error) {
    throw error instanceof ToolFailure ? unusable(error.message) : error;
  }
}
