import type { CellIdentity } from '../model/cell-identity.ts';
import { controllerNames, type CandidateVerdict, type Hierarchy } from '../model/hierarchy.ts';
import { asByteString } from '../model/ids.ts';
import type { Ignored } from '../model/report.ts';
import type { ContainerView, ReportView } from '../model/report-view.ts';
import { textOfBytes, oneLine } from '../model/text.ts';

const MAX_NAME = 80;

/** Whether no shell takes a name for anything but a name, so that it may stand in a command. */
export const isPlainName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name);

/**
 * The longest handle in an output: none shortens it. Garden's handles are bounded where they are
 * read, and an escaped character takes up to nine.
 */
export const MAX_HANDLE = 10_000;

/** Long enough to be recognised, as in `docker ps`. */
const LEAST_OF_HANDLE = 8;
const MOST_OF_HANDLE = 40;

type Handled = Pick<ContainerView, 'handle'>;

/**
 * The beginning of a handle, which no other container of the cell has, so that commands take it. One
 * that is not plain is never cut.
 */
export function shortHandle(all: readonly Handled[]): (one: Handled) => string {
  const sorted = [...new Set(all.map(({ handle }) => handle))].toSorted();
  const lengths = new Map(
    sorted.map((handle, index) => {
      const near = [sorted[index - 1], sorted[index + 1]];
      const same = near.map((other) => commonLength(handle, other ?? ''));
      return [handle, Math.max(LEAST_OF_HANDLE, 1 + Math.max(...same))];
    }),
  );
  return ({ handle }) =>
    oneLine(isPlainName(handle) ? handle.slice(0, lengths.get(handle)) : handle, MAX_HANDLE);
}

/** How many characters two handles have in common at their beginning. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < MOST_OF_HANDLE && length < one.length && one[length] === other[length]) length++;
  return length === MOST_OF_HANDLE ? MAX_HANDLE : length;
}

/** A controller, `name=X` or `v2` for people; the names come from a mount table. */
export const controllerText = (name: string): string =>
  oneLine(textOfBytes(asByteString(name)), MAX_NAME);

/** `cpu,cpuacct`, `name=systemd`, `v2`: the names of a hierarchy for people. */
export const hierarchyText = (hierarchy: Hierarchy): string =>
  controllerText(controllerNames(hierarchy).join(',')) || 'v1 without a controller';

export const GENERATIONS = {
  v1: 'cgroup v1',
  v2: 'cgroup v2',
  hybrid: 'hybrid (cgroup v1 and v2)',
  none: 'no reachable cgroup mount',
} as const;

/** What to call a mount that was or was not chosen. */
export const VERDICT_WORDS: Readonly<Record<CandidateVerdict, string>> = {
  chosen: 'chosen',
  equivalent: 'equivalent',
  'sub-cgroup': 'sub-cgroup',
  shadowed: 'shadowed',
  deleted: 'deleted',
  'own-namespace': 'own namespace',
  undecided: 'undecided',
  'not-confirmed': 'not confirmed',
  'passed-over': 'passed over',
};

/** `12 bpm, 34 systemd`: the ignored cgroups by kind. */
export function ignoredText(ignored: Ignored): string {
  const kinds = ['bpm', 'docker', 'systemd', 'other-garden', 'unrecognised'] as const;
  const parts = kinds
    .filter((kind) => ignored[kind] > 0)
    .map((kind) => `${ignored[kind]} ${IGNORED_WORDS[kind]}`);
  return parts.join(', ') || 'none';
}

const IGNORED_WORDS: Readonly<Record<keyof Ignored, string>> = {
  bpm: 'bpm',
  docker: 'docker',
  systemd: 'systemd',
  'other-garden': 'of another Garden',
  unrecognised: 'not recognised',
};

/** `billing/2` for the third instance of an app, `billing (task)`; null without an app or its name. */
export function appText({ app, kind }: Pick<ContainerView, 'app' | 'kind'>): string | null {
  if (app === null || app.name === null) return null;
  const name = oneLine(app.name, MAX_NAME);
  if (kind === 'task') return `${name} (task)`;
  return app.index === null ? name : `${name}/${app.index}`;
}

/** `org / space`, with a question mark for an unknown name; null if neither is known. */
export const placeText = ({ app }: Pick<ContainerView, 'app'>): string | null =>
  app === null || (app.organizationName === null && app.spaceName === null)
    ? null
    : `${oneLine(app.organizationName ?? '?', MAX_NAME)} / ${oneLine(app.spaceName ?? '?', MAX_NAME)}`;

/** `diego_cell/0`: the instance, as the bosh CLI names it. */
const instanceText = ({ group, index }: CellIdentity): string =>
  `${oneLine(group, MAX_NAME)}/${index}`;

/** `diego_cell/0 (its id) in cf, z1, 10.0.4.17`: identifies a cell. */
export function cellText(cell: CellIdentity): string {
  const { deployment, id, az, ip } = cell;
  const name = `${instanceText(cell)} (${oneLine(id, MAX_NAME)}) in ${oneLine(deployment, MAX_NAME)}`;
  const places = [az, ip].flatMap((place) => (place === null ? [] : [oneLine(place, MAX_NAME)]));
  return [name, ...places].join(', ');
}

/** A short name of the cell: the instance, or else the host. */
export const cellName = ({
  bosh,
  hostname,
}: Pick<ReportView['cell'], 'bosh' | 'hostname'>): string =>
  bosh === null ? oneLine(hostname, 100) : instanceText(bosh);

export const listText = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
