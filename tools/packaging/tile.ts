// `npm run tile`: builds a tile for Ops Manager from the release's tarball (docs/rollout.md).
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { print, runTool } from '../tool.ts';
import { makeTile } from './make-tile.ts';

await runTool(
  {
    ops: { type: 'string', short: 'o', multiple: true, default: [] },
    var: { type: 'string', short: 'v', multiple: true, default: [] },
    tarball: { type: 'string', default: `rollcall-${packageVersion(root)}.tgz` },
  },
  async ({ ops, var: variables, tarball }) => {
    const tile = await makeTile({ tarball: path.resolve(root, tarball), ops, variables });
    const name = `rollcall-${tile.version}.pivotal`;
    writeFileSync(path.join(root, name), tile.bytes);
    print(`${await sha256OfFile(path.join(root, name))}  ${name}`);
  },
);
