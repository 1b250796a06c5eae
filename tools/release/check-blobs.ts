import { BLOB_INDEX, parseBlobIndex, type BlobIndex } from './blob-index.ts';
import type { ReleaseFinding } from './finding.ts';
import { leavesItsFolder } from './packed-file.ts';
import type { ReleaseContents } from './release-contents.ts';
import type { ReleaseTree } from './release-tree.ts';

/** config/blobs.yml against what lies in blobs/. */
export function checkBlobs(
  tree: ReleaseTree,
  contents: ReleaseContents,
): readonly ReleaseFinding[] {
  const file = BLOB_INDEX;
  const text = tree.texts.get(file);
  if (text === undefined)
    return [{ file, what: 'is missing', todo: 'run npm run blobs, which writes it' }];
  const parsed = parseBlobIndex(text);
  if (parsed.kind === 'unusable') return parsed.findings;
  const entries = Object.entries(parsed.value).flatMap(([name, entry]) => {
    const unused = isPacked(name, contents)
      ? []
      : [{ what: `no package takes ${name}`, todo: 'list it in a spec, or remove the entry' }];
    return [...checkEntry(name, entry, tree), ...unused].map((found) => ({ file, ...found }));
  });
  return [...entries, ...strayBlobs(parsed.value, tree)];
}

function checkEntry(
  name: string,
  entry: BlobIndex[string],
  tree: ReleaseTree,
): readonly Omit<ReleaseFinding, 'file'>[] {
  if (leavesItsFolder(name))
    return [{ what: `${name} leaves blobs/`, todo: 'name it relative to blobs/' }];
  const blob = tree.entries.get(`blobs/${name}`);
  const get = entry.object_id === undefined ? 'run npm run blobs' : 'run bosh sync-blobs';
  if (blob === undefined) return [{ what: `blobs/${name} is not there`, todo: get }];
  const size = blob.bytes === entry.size;
  const sum = /^sha256:([0-9a-f]{64})$/.exec(entry.sha)?.[1];
  if (sum === undefined)
    return [{ what: `${name}: sha ${entry.sha} is no SHA-256`, todo: 'write sha256: and the sum' }];
  if (size && tree.blobSha256.get(`blobs/${name}`) === sum) return [];
  const what = size ? 'another checksum' : `${blob.bytes} bytes and not ${entry.size}`;
  return [{ what: `blobs/${name} has ${what}`, todo: get }];
}

const isPacked = (name: string, { packages }: ReleaseContents): boolean =>
  packages.some(({ spec, files }) =>
    // A blob that is not there is packed by nobody; what is to be said is said of the file.
    [...files.map(({ path }) => path), ...spec.files].includes(name),
  );

function strayBlobs(index: BlobIndex, tree: ReleaseTree): readonly ReleaseFinding[] {
  return [...tree.entries].flatMap(([file, { kind }]) => {
    if (!file.startsWith('blobs/') || kind === 'folder' || kind === 'special') return [];
    if (kind !== 'file')
      return [{ file, what: 'is a link, and bosh stops at links there', todo: 'make it a file' }];
    if (index[file.slice('blobs/'.length)] !== undefined) return [];
    const what = `is not in ${BLOB_INDEX}, and bosh create-release deletes such files`;
    return [{ file, what, todo: 'enter it with bosh add-blob, or remove it' }];
  });
}
