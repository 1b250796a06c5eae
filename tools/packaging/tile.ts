// `npm run tile`: builds a tile for Ops Manager from the release's tarball (docs/rollout.md).
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { makeTile } from './make-tile.ts';

async function writeTile(): Promise<number> {
  const {
    ops,
    var: variables,
    tarball = `rollcall-${packageVersion(root)}.tgz`,
  } = typedOptions({
    ops: { type: 'string', short: 'o', multiple: true, default: [] },
    var: { type: 'string', short: 'v', multiple: true, default: [] },
    tarball: { type: 'string' },
  });
  const tile = await makeTile({ tarball: path.resolve(root, tarball), ops, variables });
  const name = `rollcall-${tile.version}.pivotal`;
  writeFileSync(path.join(root, name), tile.bytes);
  processIo.stdout(`${await sha256OfFile(path.join(root, name))}  ${name}\n`);
  return 0;
}

process.exitCode = await finish(writeTile, processIo);
