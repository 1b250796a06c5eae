// `npm run tool -- release:check`: finds what bosh create-release packs silently and fails later.
import { root } from '../bootstrap/place.mjs';
import { print, runTool } from '../tool.ts';
import { makeParts } from './create-release.ts';
import { readRelease } from './read-release.ts';

await runTool({}, async () => {
  await makeParts();
  const { jobs, packages } = readRelease(root);
  print(`${jobs.length} jobs, ${packages.length} packages: nothing found`);
});
