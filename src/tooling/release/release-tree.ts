import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../../model/failure.ts';
import { sha256OfFile } from '../file-sha256.ts';

export type EntryKind = 'file' | 'folder' | 'link to a file' | 'link to a folder' | 'broken link';

export interface TreeEntry {
  readonly kind: EntryKind;
  /** Whether its owner may execute it, which is all of a mode that bosh keeps. */
  readonly executable: boolean;
  readonly bytes: number;
}

/** What of a checkout can go into a release. Paths are relative to its top. */
export interface ReleaseTree {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** The texts of the files below config/, jobs/ and packages/. */
  readonly texts: ReadonlyMap<string, string>;
  /** In hexadecimal, of the files below blobs/. */
  readonly blobSha256: ReadonlyMap<string, string>;
}

/** bosh reads no other folder. */
const FOLDERS = ['config', 'jobs', 'packages', 'src', 'blobs'] as const;

/** A spec or a template is some kilobytes. */
const LONGEST_TEXT = 1024 * 1024;

/**
 * Reads what `bosh create-release` would read.
 * @throws KnownFailure RELEASE_INVALID if `root` is no folder
 */
export async function readReleaseTree(root: string): Promise<ReleaseTree> {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new KnownFailure('RELEASE_INVALID', `${root} is no folder: give the top of a release`);
  const entries = new Map(FOLDERS.flatMap((folder) => entriesBelow(root, folder)));
  const files = [...entries].filter(([, entry]) => entry.kind === 'file');
  const texts = new Map<string, string>();
  const blobSha256 = new Map<string, string>();
  for (const [file, { bytes }] of files) {
    const place = path.join(root, file);
    if (file.startsWith('blobs/')) blobSha256.set(file, await sha256OfFile(place));
    else if (!file.startsWith('src/') && bytes <= LONGEST_TEXT)
      texts.set(file, readFileSync(place, 'utf8'));
  }
  return { entries, texts, blobSha256 };
}

function entriesBelow(root: string, folder: string): readonly (readonly [string, TreeEntry])[] {
  const place = path.join(root, folder);
  // The folders at the top may be links: bosh resolves src before it compares.
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
    const described = {
      kind: kindOf(entry.isSymbolicLink(), stat?.isDirectory()),
      executable: ((stat?.mode ?? 0) & 0o100) !== 0,
      bytes: stat?.size ?? 0,
    };
    const below = entry.isDirectory() ? entriesBelow(root, name) : [];
    return [[name, described] as const, ...below];
  });
}

function kindOf(isLink: boolean, leadsToFolder: boolean | undefined): EntryKind {
  if (leadsToFolder === undefined) return 'broken link';
  if (isLink) return leadsToFolder ? 'link to a folder' : 'link to a file';
  return leadsToFolder ? 'folder' : 'file';
}
