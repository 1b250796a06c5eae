import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { objectIn, whole } from '../../src/parse/json.ts';
import { processIo } from '../../src/terminal/io.ts';
import { inTemporaryFolder } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { stageRelease } from '../release/stage-release.ts';
import { writeFiles } from '../generated-files.ts';
import { proofFiles, provedSoFar } from './page.ts';
import { say } from './search-io.ts';

/** They make everything that is published, but for the tarball, whose bytes bosh makes. */
const PROGRAMS = [
  'tools/build.ts',
  'tools/release/sbom.ts',
  'tools/release/blobs.ts',
  'tools/packaging/plugin.ts',
  'tools/packaging/rollcall.ts',
];

const PLACES = [
  { below: 'one', umask: '022', env: { TZ: 'UTC', LANG: 'C' } },
  { below: 'another/place', umask: '077', env: { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8' } },
] as const;

/** `supply`: asks npm for vulnerabilities, and builds HEAD in two clones, which must make the same bytes. */
export async function proveSupply(_: readonly string[], stop: AbortSignal): Promise<number> {
  const vulnerabilities = await knownVulnerabilities();
  say(
    vulnerabilities === null
      ? 'the registry does not answer npm audit'
      : `npm audit knows ${vulnerabilities} vulnerabilities`,
  );
  const made: ReadonlySet<string>[] = [];
  await inTemporaryFolder(async (folder) => {
    for (const place of PLACES)
      if (!stop.aborted) made.push(await fingerprints(place, path.join(folder, place.below)));
  });
  const [first, second] = made;
  if (first === undefined || second === undefined) return 130;
  const common = [...first].filter((line) => second.has(line));
  const differing = [...first, ...second].filter((line) => !common.includes(line)).map(fileOf);
  for (const file of new Set(differing)) processIo.stdout(`differs: ${file}\n`);
  const equal = new Set(common.map(fileOf)).size;
  processIo.stdout(`${equal} files are equal in two clones\n`);
  if (differing.length > 0 || (vulnerabilities ?? 0) > 0) return 1;
  writeFiles(proofFiles({ ...provedSoFar(), supply: { files: equal, vulnerabilities } }), root);
  return 0;
}

const Audit = v.object({ metadata: v.object({ vulnerabilities: v.object({ total: whole }) }) });

/** Null: the registry does not say. */
async function knownVulnerabilities(): Promise<number | null> {
  const { stdout } = await execa('npm', ['audit', '--json'], { cwd: root, reject: false });
  return objectIn(stdout, Audit)?.metadata.vulnerabilities.total ?? null;
}

const MADE = 'src/dist blobs release -type f';
const fileOf = (line: string): string => line.replace(/^\w{64} {2}/, '');

/** Lines about what a clone makes: the checksum of each file, and each that is executable. */
async function fingerprints(
  { umask, env }: (typeof PLACES)[number],
  folder: string,
): Promise<ReadonlySet<string>> {
  mkdirSync(path.dirname(folder), { recursive: true });
  await execa('git', ['clone', '--quiet', root, folder]);
  await execa('cp', ['-a', path.join(root, 'node_modules'), folder]);
  for (const program of PROGRAMS) {
    say(`${program} in ${folder}`);
    const command = ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, program];
    await execa('sh', command, { cwd: folder, env });
  }
  stageRelease(folder, path.join(folder, 'release'));
  const find = `find ${MADE} -exec sha256sum {} + && find ${MADE} -perm -u+x`;
  const { stdout } = await execa('sh', ['-c', find], { cwd: folder });
  return new Set(stdout.split('\n'));
}
