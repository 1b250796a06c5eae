import type { ReleaseFinding } from './finding.ts';
import type { ReleaseTree } from './release-tree.ts';

/** Whether something is there, and is not read: then nothing else can be said of it. */
export const isUnread = (file: string, { entries, texts }: ReleaseTree): boolean => {
  const kind = entries.get(file)?.kind;
  return kind !== undefined && kind !== 'folder' && !texts.has(file);
};

/** What was not read, so that everything else that is said of it would be a guess. */
export function checkEntries({ entries, texts }: ReleaseTree): readonly ReleaseFinding[] {
  return [...entries].flatMap(([file, { kind, bytes }]) => {
    if (kind === 'special')
      return [{ file, what: 'is neither a file nor a folder', todo: 'remove it' }];
    // Of blobs/ and src/ no text is read; links there are judged with the blobs and with what a package takes.
    if (kind === 'folder' || !/^(config|jobs|packages)\//.test(file)) return [];
    if (kind !== 'file')
      return [
        { file, what: 'is a link, and what it leads to is not read', todo: 'make it a file' },
      ];
    return texts.has(file)
      ? []
      : [{ file, what: `has ${bytes} bytes, too many to be read`, todo: 'make it smaller' }];
  });
}
