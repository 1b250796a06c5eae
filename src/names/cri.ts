import type { ContainerName, Names } from '../model/names.ts';
import { cleanText, cleanTextWithin } from './clean-text.ts';
import type { CriMessage } from './cri-messages.ts';
import { directoryOf, falcoIdOf } from './keys.ts';
import { lookUp, type Found } from './lookup.ts';

/** Longer ids are refused: 40 bytes have a handle of Diego and what Falco puts before it. */
export const MAX_ASKED_BYTES = 128;

/** Ended containers are answered for this time, because events come late. */
const ANSWERED_MILLISECONDS = 600_000;

/** Falco drops a longer label as a whole (container plugin, label_max_len). */
const MAX_LABEL_BYTES = 100;
/** Of a name of an app, an org or a space. */
const MAX_NAME_BYTES = 256;

const RUNNING = 1;
const EXITED = 2;
const READY = 0;
const NOT_READY = 1;
const CREATED = 0;

/** The client takes an empty one for a broken answer (cri-client utils.go:30-83). */
const UNKNOWN_IMAGE = 'unknown';

/** A container, and the id of it in the form in which it was asked for. */
export interface Asked {
  readonly container: ContainerName;
  readonly id: string;
}

/** Without what ended too long ago to be answered. */
export const answeredNames = (names: Names, now: number): Names => ({
  ...names,
  containers: names.containers.filter(
    ({ ended }) => ended === null || now - ended < ANSWERED_MILLISECONDS,
  ),
});

/** A sensor asks for ids only: no path of a cgroup, no number of one. */
export function lookUpAsked(names: Names, id: string): FoundAsked {
  if (/^(?:\/|cgroup:)/.test(id)) return { kind: 'not-found' };
  const found = lookUp(names, id);
  return found.kind === 'too-short' ? { kind: 'not-found' } : found;
}

export type FoundAsked = Exclude<Found, { kind: 'too-short' }>;

/** The id in the form in which it was asked for, such as `good/H`: the client compares it with its own. */
export function askedForm(
  asked: string,
  { container, pea }: Extract<Found, { kind: 'named' }>,
): Asked {
  const name = pea ?? container.handle;
  const directory = name.startsWith(asked) ? '' : directoryOf(asked);
  return { container, id: cleanText(`${directory}${name}`) };
}

/** What runs, with the ids that Falco makes of the cgroups. */
export const listedContainers = ({ containers }: Names): readonly Asked[] =>
  containers
    .filter(({ ended }) => ended === null)
    .map((container) => ({ container, id: cleanText(falcoIdOf(container)) }));

type ContainerFilter = NonNullable<CriMessage<'ListContainersRequest'>['filter']>;
type PodFilter = NonNullable<CriMessage<'ListPodSandboxRequest'>['filter']>;

export const fitsFilter = (message: CriMessage<'Container'>, filter: ContainerFilter): boolean =>
  (filter.state === null || filter.state.state === message.state) &&
  (filter.podSandboxId === '' || message.podSandboxId.startsWith(filter.podSandboxId)) &&
  hasLabels(message.labels, filter.labelSelector);

export const fitsPodFilter = (message: CriMessage<'PodSandbox'>, filter: PodFilter): boolean =>
  (filter.state === null || filter.state.state === message.state) &&
  hasLabels(message.labels, filter.labelSelector);

const hasLabels = (
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([key, value]) => labels[key] === value);

export const versionAnswer = (version: string): CriMessage<'VersionResponse'> => ({
  version: '0.1.0',
  runtimeName: 'garden',
  runtimeVersion: version,
  runtimeApiVersion: 'v1',
});

export const STATUS_ANSWER: CriMessage<'StatusResponse'> = {
  status: {
    conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true })),
  },
};

export const containerMessage = ({ container, id }: Asked): CriMessage<'Container'> => ({
  id,
  podSandboxId: podIdOf(container),
  metadata: { name: nameOf(container) },
  image: { image: UNKNOWN_IMAGE },
  imageRef: UNKNOWN_IMAGE,
  state: stateOf(container),
  createdAt: nanoseconds(container.since),
  labels: labelsOf(container),
});

/** @param verbose with what is known besides; the client takes no other key of it for granted */
export const containerStatusAnswer = (
  { container, id }: Asked,
  verbose: boolean,
): CriMessage<'ContainerStatusResponse'> => ({
  status: {
    id,
    metadata: { name: nameOf(container) },
    state: stateOf(container),
    createdAt: nanoseconds(container.since),
    startedAt: nanoseconds(container.since),
    finishedAt: nanoseconds(container.ended ?? 0),
    image: { image: UNKNOWN_IMAGE },
    imageRef: UNKNOWN_IMAGE,
    labels: labelsOf(container),
  },
  info:
    verbose && container.isPrivileged !== null
      ? { info: JSON.stringify({ privileged: container.isPrivileged }) }
      : {},
});

export const podSandboxMessage = (container: ContainerName): CriMessage<'PodSandbox'> => ({
  id: podIdOf(container),
  metadata: podMetadata(container),
  state: podStateOf(container),
  createdAt: nanoseconds(container.since),
  labels: labelsOf(container),
});

/** With `linux.namespaces.options` and `network`: the client reads them unchecked (cri.go:365). */
export const podSandboxStatus = (
  container: ContainerName,
): NonNullable<CriMessage<'PodSandboxStatusResponse'>['status']> => ({
  id: podIdOf(container),
  metadata: podMetadata(container),
  state: podStateOf(container),
  createdAt: nanoseconds(container.since),
  network: { ip: '' },
  linux: { namespaces: { options: {} } },
  labels: labelsOf(container),
});

export const createdEvent = ({ container, id }: Asked): CriMessage<'ContainerEventResponse'> => ({
  containerId: id,
  containerEventType: CREATED,
  createdAt: nanoseconds(container.since),
  podSandboxStatus: podSandboxStatus(container),
});

const podIdOf = ({ handle }: ContainerName): string => cleanText(handle);

/** The client refuses an empty one. */
function nameOf({ app, index, handle }: ContainerName): string {
  if (app === null || app === '') return cleanText(handle);
  const name = cleanTextWithin(app, MAX_NAME_BYTES);
  return index === null ? name : `${name}/${index}`;
}

const podMetadata = (container: ContainerName) => ({
  name: nameOf(container),
  uid: cleanText(container.handle),
  namespace: namespaceOf(container),
});

const namespaceOf = ({ org, space }: ContainerName): string =>
  org === null || space === null
    ? '-'
    : `${cleanTextWithin(org, MAX_NAME_BYTES)}/${cleanTextWithin(space, MAX_NAME_BYTES)}`;

const stateOf = ({ ended }: ContainerName): number => (ended === null ? RUNNING : EXITED);
const podStateOf = ({ ended }: ContainerName): number => (ended === null ? READY : NOT_READY);

const nanoseconds = (milliseconds: number): number => milliseconds * 1e6;

function labelsOf(container: ContainerName): Readonly<Record<string, string>> {
  const texts: Readonly<Record<string, string | null>> = {
    app_id: container.appId,
    app_name: container.app,
    space_id: container.spaceId,
    space_name: container.space,
    organization_id: container.orgId,
    organization_name: container.org,
    process_type: container.processType,
    instance_index: container.index === null ? null : `${container.index}`,
    kind: container.kind,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) =>
      text === null ? [] : [[key, cleanTextWithin(text, MAX_LABEL_BYTES)]],
    ),
  );
}
