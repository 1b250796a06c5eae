import { KnownFailure } from '../model/failure.ts';
import { MIN_HANDLE_PREFIX } from '../model/ids.ts';
import type { ContainerReport } from '../model/report.ts';
import { isInstance } from '../names/app-instance.ts';
import { oneLine } from '../model/text.ts';

const MAX_LISTED = 20;

type Named = { readonly handle: string } & Pick<ContainerReport, 'app'>;

/**
 * The container that a person means: by its whole handle, by `app/index` with the app's name or
 * guid, by a beginning that only one handle has, or by an app that has one instance here. Null if none
 * fits.
 * @throws KnownFailure HANDLE_AMBIGUOUS if several fit, HANDLE_TOO_SHORT for a few characters of one
 */
export function containerNamed<T extends Named>(text: string, containers: readonly T[]): T | null {
  const exact = containers.find(({ handle }) => handle === text);
  if (exact !== undefined) return exact;
  const instances = containers.filter(({ app }) => app !== null && isInstance(text, app));
  const isLong = text.length >= MIN_HANDLE_PREFIX;
  const beginning = containers.filter(({ handle }) => text !== '' && handle.startsWith(text));
  const fitting = instances.length > 0 || !isLong ? instances : beginning;
  if (fitting.length > 1) throw ambiguous(text, fitting);
  if (fitting[0] !== undefined) return fitting[0];
  const ofApp = containers.filter(({ app }) => app !== null && isNameOf(text, app));
  if (ofApp.length > 1) throw severalInstances(text, ofApp);
  if (ofApp[0] !== undefined) return ofApp[0];
  if (beginning.length > 0) throw tooShort(text);
  return null;
}

/** Ends a message about an `app/index` that matches nothing; empty for a handle. */
export const lostNameHint = (text: string): string =>
  text.lastIndexOf('/') < 1
    ? ''
    : ' A container that Garden lost may have no app: give its handle.';

const isNameOf = (text: string, { name, id }: NonNullable<Named['app']>): boolean =>
  text !== '' && (text === name || text === id);

const tooShort = (text: string): KnownFailure =>
  new KnownFailure(
    'HANDLE_TOO_SHORT',
    `"${oneLine(text, 80)}" is too short: give at least ${MIN_HANDLE_PREFIX} characters of a handle.`,
  );

function severalInstances(text: string, instances: readonly Named[]): KnownFailure {
  const name = oneLine(text, 80);
  const names = instances
    .slice(0, MAX_LISTED)
    .map(({ handle, app }) => `${name}/${app?.index ?? '?'} (${oneLine(handle, 200)})`);
  const more = instances.length > MAX_LISTED ? ` and ${instances.length - MAX_LISTED} more` : '';
  return new KnownFailure(
    'HANDLE_AMBIGUOUS',
    `"${name}" has ${instances.length} instances here: ${names.join(', ')}${more}. Give one of them.`,
  );
}

function ambiguous(text: string, fitting: readonly Named[]): KnownFailure {
  const names = fitting.slice(0, MAX_LISTED).map(({ handle }) => oneLine(handle, 200));
  const more = fitting.length > MAX_LISTED ? ` and ${fitting.length - MAX_LISTED} more` : '';
  return new KnownFailure(
    'HANDLE_AMBIGUOUS',
    `"${oneLine(text, 80)}" matches ${fitting.length} containers: ${names.join(', ')}${more}. Give one handle.`,
  );
}
