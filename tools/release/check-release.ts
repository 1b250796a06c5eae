// `npm run release:check [FOLDER]`: what bosh create-release and the Director would reject, without either of them.
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { checkReleaseTree } from './check-release-tree.ts';
import { findingLine } from './finding.ts';
import { fingerprint } from './fingerprint.ts';
import type { ReleaseContents } from './release-contents.ts';
import { readReleaseTree, type ReleaseTree } from './release-tree.ts';

/** @returns 0, or 1 when something was found */
async function checkRelease(folder: string): Promise<number> {
  const tree = await readReleaseTree(folder);
  const { contents, findings } = checkReleaseTree(tree);
  if (findings.length > 0) {
    processIo.stdout(`${findings.map(findingLine).join('\n')}\n`);
    return 1;
  }
  processIo.stdout(await contentsText(folder, contents, tree));
  return 0;
}

/** Each job and package as bosh names it, and the files that make its fingerprint. */
async function contentsText(
  folder: string,
  { jobs, packages }: ReleaseContents,
  tree: ReleaseTree,
): Promise<string> {
  const listed = [
    ...jobs.map((job) => ({ ...job, kind: 'job', dependencies: [] })),
    ...packages.map((one) => ({ ...one, kind: 'package', dependencies: one.spec.dependencies })),
  ];
  const lines: string[] = [];
  for (const { kind, folder: name, files, dependencies } of listed) {
    lines.push(`${kind} ${name}/${await fingerprint(folder, files, dependencies, tree)}`);
    lines.push(...files.map(({ from }) => `  ${from}`));
  }
  const counts = `${jobs.length} jobs, ${packages.length} packages`;
  return `${lines.join('\n')}\n${counts}: nothing that bosh or the Director would reject\n`;
}

process.exitCode = await finish(() => checkRelease(process.argv[2] ?? root), processIo);
