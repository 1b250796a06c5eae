import { asByteString, type ByteString } from '../model/ids.ts';
import type { Mount } from '../model/mount.ts';

/**
 * The words in which the `/` mount of a process can name the container whose root filesystem it is: the path components
 * of its root, source and super options, as bytes. Null if the table has no `/`. The last one listed covers the others.
 */
export function rootMountComponents(mounts: readonly Mount[]): ReadonlySet<ByteString> | null {
  const root = mounts.findLast((mount) => mount.mountPoint === '/');
  if (root === undefined) return null;
  const words = [
    ...componentsOf(root.root ?? ''),
    ...componentsOf(root.source),
    ...root.superOptions.flatMap(wordsOfOption),
  ];
  return new Set(words.filter((word) => word !== '').map(asByteString));
}

/** Only paths name a container: the words `overlay` or `rw` stand in every table and could be handles, too. */
const componentsOf = (path: string): string[] => (path.includes('/') ? path.split('/') : []);

/** Options of overlay that hold one path (ovl_show_options in fs/overlayfs/params.c): no byte of it separates anything. */
const ONE_PATH = new Set(['upperdir', 'workdir']);

/**
 * Any other option may be a list, as lowerdir is: `/a/H:/b`, or relative, `a/H:b/c`. It stands there as it was mounted, with
 * a backslash before a colon that separates nothing; around Linux 6.6 the kernel shows that colon as `\072`, which is
 * decoded by now. So a component counts as it is, without the separator behind it, and in its parts.
 */
function wordsOfOption(option: string): string[] {
  const equals = option.indexOf('=');
  const isOnePath = ONE_PATH.has(option.slice(0, Math.max(0, equals)));
  const components = componentsOf(option.slice(equals + 1));
  if (isOnePath) return components.map(unescaped);
  return components.flatMap((component) =>
    SEPARATING.test(component)
      ? [
          unescaped(component),
          unescaped(component.replace(/:{1,2}$/, '')),
          ...component.split(/(?<!\\)[:=,]/).map(unescaped),
        ]
      : component,
  );
}

const SEPARATING = /[\\:=,]/;
const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');
