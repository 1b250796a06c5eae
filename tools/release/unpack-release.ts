import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { KnownFailure } from '../../src/model/failure.ts';
import { findingLine, parseJobSpec, parseYamlFile, type YamlFile } from './spec-files.ts';
import { compileOrder, type StagedRelease } from './stage-release.ts';

/** A name becomes a part of paths. */
const name = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/));
/** release.MF as bosh writes it (bosh-cli release/manifest/manifest.go), as far as it is needed here. */
const ReleaseManifest = v.object({
  version: v.string(),
  jobs: v.array(v.object({ name })),
  packages: v.array(v.object({ name, dependencies: v.nullish(v.array(name), []) })),
});

/**
 * Unpacks the tarball of a release as the Director does, into the same folders as a staged release.
 * @throws KnownFailure RELEASE_INVALID with what is wrong in it
 */
export async function unpackRelease(tarball: string, folder: string): Promise<StagedRelease> {
  await unpack(tarball, folder);
  const manifest = read(folder, 'release.MF', (file, text) =>
    parseYamlFile(file, text, ReleaseManifest),
  );
  const jobs = [];
  for (const job of manifest.jobs) {
    const place = await unpackMember(folder, `jobs/${job.name}`);
    const { packages, templates } = read(folder, `jobs/${job.name}/job.MF`, parseJobSpec);
    jobs.push({
      name: job.name,
      folder: place,
      packages: packages ?? [],
      templates: templates ?? {},
    });
  }
  const dependencies = new Map(manifest.packages.map((one) => [one.name, one.dependencies]));
  const packages = [];
  for (const one of compileOrder(dependencies))
    packages.push({
      name: one,
      folder: await unpackMember(folder, `packages/${one}`),
      dependencies: dependencies.get(one) ?? [],
    });
  return { folder, jobs, packages };
}

async function unpackMember(folder: string, member: string): Promise<string> {
  const place = path.join(folder, member);
  await unpack(path.join(folder, `${member}.tgz`), place);
  return place;
}

async function unpack(archive: string, place: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  const { failed, stderr } = await execa('tar', ['-xzf', archive, '-C', place], { reject: false });
  if (failed) throw new KnownFailure('RELEASE_INVALID', `${archive}: ${stderr.slice(0, 300)}`);
}

function read<T>(
  folder: string,
  file: string,
  parse: (file: string, text: string) => YamlFile<T>,
): T {
  const parsed = parse(file, readFileSync(path.join(folder, file), 'utf8'));
  if (parsed.kind === 'read') return parsed.value;
  const [finding] = parsed.findings;
  throw new KnownFailure(
    'RELEASE_INVALID',
    finding === undefined ? `${file} cannot be read` : findingLine(finding),
  );
}
