import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../../src/model/failure.ts';
import { sha256OfFile } from '../file-sha256.ts';

type EntryKind =
  | 'file'
  | 'folder'
  | 'link to a file'
  | 'link to a folder'
  /** To nothing, or to itself. */
  | 'broken link'
  /** A pipe, a socket or a device: reading it may never end. */
  | 'special';

interface TreeEntry {
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
const MAX_TEXT = 1024 * 1024;

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
    else if (!file.startsWith('src/') && bytes <= MAX_TEXT)
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
    const stat = statOf(path.join(root, name));
    const described = {
      kind: kindOf(entry.isSymbolicLink(), stat),
      executable: ((stat?.mode ?? 0) & 0o100) !== 0,
      bytes: stat?.size ?? 0,
    };
    const below = entry.isDirectory() ? entriesBelow(root, name) : [];
    return [[name, described] as const, ...below];
  });
}

function statOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch (error) {
    // A circle of links.
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') return undefined;
    throw error;
  }
}

function kindOf(isLink: boolean, stat: Stats | undefined): EntryKind {
  if (stat === undefined) return 'broken link';
  if (!stat.isDirectory() && !stat.isFile()) return 'special';
  if (isLink) return stat.isDirectory() ? 'link to a folder' : 'link to a file';
  return stat.isDirectory() ? 'folder' : 'file';
}
