import { stringify } from 'yaml';

/** A release in a tile; its file is in releases/. */
interface TileRelease {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** In hexadecimal; Ops Manager accepts no other digest here. */
  readonly sha1: string;
}

export interface TileParts {
  readonly release: TileRelease;
  /** A complete runtime config in YAML. */
  readonly runtimeConfig: string;
  /** A PNG. */
  readonly icon: Uint8Array;
}

/**
 * The text of metadata/metadata.yml for a tile that adds only a runtime config. It has no VM, so no
 * stemcell, network or job types. It has no form, because ops files express the differences between
 * foundations.
 */
export function tileMetadata({ release, runtimeConfig, icon }: TileParts): string {
  const metadata = {
    name: 'rollcall',
    label: 'rollcall',
    description:
      'Compares the containers that run on Diego cells with those that Garden lists, and reports every one that nobody tracks.',
    metadata_version: '3.0',
    product_version: release.version,
    minimum_version_for_upgrade: '0.1.0',
    rank: 1,
    serial: false,
    icon_image: Buffer.from(icon).toString('base64'),
    releases: [release],
    job_types: [],
    form_types: [],
    property_blueprints: [],
    runtime_configs: [{ name: 'rollcall', runtime_config: runtimeConfig }],
  };
  // Ops Manager reads YAML with Ruby; folded lines would make the runtime config hard to read.
  return `---\n${stringify(metadata, { version: '1.1', lineWidth: 0 })}`;
}
