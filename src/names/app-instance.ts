import type { ContainerName } from '../model/names.ts';

/** `app/index`; without an index the app's name, without an app the handle. As tenants chose it. */
export function displayName({
  app,
  index,
  handle,
}: Pick<ContainerName, 'app' | 'index' | 'handle'>): string {
  if (app === null) return handle;
  return index === null ? app : `${app}/${index}`;
}

/** An app as a container names it. */
interface Instance {
  readonly name: string | null;
  readonly id: string | null;
  readonly index: number | null;
}

/** Whether a text is `app/index` of it. The index follows the last slash: a name may contain others. */
export function isInstance(text: string, { name, id, index }: Instance): boolean {
  const slash = text.lastIndexOf('/');
  if (slash < 1 || index === null || text.slice(slash + 1) !== String(index)) return false;
  const app = text.slice(0, slash);
  return app === name || app === id;
}
