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
