import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { errnoOf } from '../../src/model/failure.ts';
import { oneLine } from '../../src/model/text.ts';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import {
  completeConfig,
  configText,
  VERSION_VARIABLE,
  withDownload,
  type ConfigParts,
} from './complete-config.ts';

/** The choices on the command line for a runtime config. */
export interface ConfigChoice {
  /** Ops files, relative to the top of the checkout. */
  readonly ops: readonly string[];
  /** Each is NAME=VALUE with the value in YAML, as for `bosh -v`. */
  readonly variables: readonly string[];
  /** Where the Director downloads the tarball; null: `bosh upload-release` uploads it before. */
  readonly url: string | null;
}

/**
 * Writes the runtime config of the release in this checkout next to its tarball.
 * @returns the file, relative to the top of the checkout
 * @throws ToolFailure RUNTIME_CONFIG
 */
export async function writeConfig({ ops, variables, url }: ConfigChoice): Promise<string> {
  const parts = configParts(packageVersion(root), ops, variables);
  const version = String(parts.variables.get(VERSION_VARIABLE));
  const sha256 = url === null ? '' : await sha256OfTarball(version);
  const complete = completeConfig(parts);
  const config = url === null ? complete : withDownload(complete, url, sha256);
  const name = `rollcall-runtime-config-${version}.yml`;
  writeFileSync(path.join(root, name), configText(config, commentFor(name, ops, url)));
  return name;
}

/**
 * The parts of a runtime config, with the ops files and variables of the command line.
 * @param version used unless a variable sets another one
 * @throws ToolFailure RUNTIME_CONFIG
 */
export const configParts = (
  version: string,
  ops: readonly string[],
  variables: readonly string[],
): ConfigParts => ({
  base: readManifest('manifests/runtime-config.yml'),
  operations: ops.map((name) => ({ name, text: readManifest(name) })),
  variables: new Map<string, unknown>([[VERSION_VARIABLE, version], ...variables.map(variableOf)]),
});

const commentFor = (name: string, ops: readonly string[], url: string | null): string =>
  [
    `rollcall on Diego cells, complete: no variable is left to set with -v.`,
    ...ops.map((one) => `Changed by ${oneLine(one, 200)}.`),
    url === null
      ? `Upload the release first, then run: bosh update-runtime-config --name rollcall ${name}`
      : `This also uploads the release: bosh update-runtime-config --name rollcall ${name}`,
  ].join('\n');

function readManifest(name: string): string {
  try {
    return readFileSync(path.resolve(root, name), 'utf8');
  } catch (error) {
    throw new ToolFailure(
      'RUNTIME_CONFIG',
      `${oneLine(name, 200)} cannot be read (${errnoOf(error)}): use its path from the top of the checkout`,
      { cause: error },
    );
  }
}

function variableOf(text: string): readonly [string, unknown] {
  const [, name, value] = /^([\w/-]+)=(.*)$/s.exec(text) ?? [];
  const wrong = (why: string): ToolFailure =>
    new ToolFailure('RUNTIME_CONFIG', `-v ${oneLine(text, 100)} ${why}: use NAME=VALUE`);
  if (name === undefined || value === undefined) throw wrong('names no variable');
  try {
    // As Go reads it, where `yes` is a boolean.
    return [name, parse(value, { version: '1.1' })];
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw wrong('has a value that is not valid YAML');
  }
}

function sha256OfTarball(version: string): Promise<string> {
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  if (!existsSync(tarball))
    throw new ToolFailure(
      'RUNTIME_CONFIG',
      `${path.basename(tarball)} is missing, and --url needs its checksum: put it at the top of the checkout, or make it with npm run release`,
    );
  return sha256OfFile(tarball);
}
