import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerName, Names } from '../../model/names.ts';
import {
  answeredNames,
  askedForm,
  containerMessage,
  containerStatusAnswer,
  createdEvent,
  fitsFilter,
  fitsPodFilter,
  listedContainers,
  lookUpAsked,
  MAX_ASKED_BYTES,
  podSandboxMessage,
  podSandboxStatus,
  STATUS_ANSWER,
  versionAnswer,
  type Asked,
} from '../../names/cri.ts';
import type { CriMessage } from '../../names/cri-messages.ts';
import { AskedIds, type AskedId } from './asked-ids.ts';
import { MissedIds } from './missed-ids.ts';

/** Where the names come from. */
export interface NamesSource {
  /** Another object after each change. `wasRead` is false before the first pass. */
  readonly names: () => Names;
  /** Asks Garden, at most once a second for all who ask; resolves when the names have its answer. */
  readonly refresh: () => Promise<void>;
  /** Called with each misnamed id as it happens: `garden.servi`, or one that several containers have. */
  readonly misnamed: (id: string, containers: readonly ContainerName[]) => void;
}

/** An answer to a call; or why there is none. */
export type CriAnswer<Message> =
  | { readonly kind: 'answered'; readonly message: Message; readonly isFound: boolean }
  | { readonly kind: 'not-found'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

type Event = CriMessage<'ContainerEventResponse'>;

/** How long a question may wait for the first pass: Falco gives up after 5 seconds. */
const MAX_WAIT_MILLISECONDS = 1000;
const POLL_MILLISECONDS = 50;

/** The answers to the calls of the container runtime interface, whatever brings them. */
export class CriCalls {
  readonly #source: NamesSource;
  readonly #version: string;
  readonly #asked = new AskedIds();
  readonly #missed = new MissedIds();
  readonly #listeners = new Set<(event: Event) => void>();
  /** The answer to a list without a filter, for these names. */
  #list: { readonly of: Names; readonly message: CriMessage<'ListContainersResponse'> } | null =
    null;

  constructor(source: NamesSource, version: string) {
    this.#source = source;
    this.#version = version;
  }

  /** What was asked for by a list with an id, the least recent first. */
  asked(): readonly AskedId[] {
    return this.#asked.all();
  }

  /** How many clients listen for events. */
  listeners(): number {
    return this.#listeners.size;
  }

  version(): CriAnswer<CriMessage<'VersionResponse'>> {
    return answered(versionAnswer(this.#version));
  }

  status(): CriAnswer<CriMessage<'StatusResponse'>> {
    return answered(STATUS_ANSWER);
  }

  async listContainers({
    filter,
  }: CriMessage<'ListContainersRequest'>): Promise<
    CriAnswer<CriMessage<'ListContainersResponse'>>
  > {
    if (filter === null || isEmpty(filter)) return answered(this.#wholeList());
    const refusal = refusalOf(filter.id);
    if (refusal !== null) return refusal;
    if (filter.id !== '') this.#asked.asked(filter.id, Date.now());
    const found = filter.id === '' ? this.#running() : await this.#found(filter.id);
    const containers = found.map(containerMessage).filter((one) => fitsFilter(one, filter));
    return answered({ containers }, containers.length > 0);
  }

  async containerStatus({
    containerId,
    verbose,
  }: CriMessage<'ContainerStatusRequest'>): Promise<
    CriAnswer<CriMessage<'ContainerStatusResponse'>>
  > {
    const refusal = refusalOf(containerId);
    if (refusal !== null) return refusal;
    const [found] = await this.#found(containerId);
    return found === undefined ? NOT_FOUND : answered(containerStatusAnswer(found, verbose));
  }

  async listPodSandbox({
    filter,
  }: CriMessage<'ListPodSandboxRequest'>): Promise<
    CriAnswer<CriMessage<'ListPodSandboxResponse'>>
  > {
    const id = filter?.id ?? '';
    const refusal = refusalOf(id);
    if (refusal !== null) return refusal;
    const found = id === '' ? this.#running() : await this.#found(id);
    const items = found
      .map(({ container }) => podSandboxMessage(container))
      .filter((one) => filter === null || fitsPodFilter(one, filter));
    return answered({ items }, items.length > 0);
  }

  async podSandboxStatus({
    podSandboxId,
  }: CriMessage<'PodSandboxStatusRequest'>): Promise<
    CriAnswer<CriMessage<'PodSandboxStatusResponse'>>
  > {
    const refusal = refusalOf(podSandboxId);
    if (refusal !== null) return refusal;
    const [found] = await this.#found(podSandboxId);
    return found === undefined
      ? NOT_FOUND
      : answered({ status: podSandboxStatus(found.container) });
  }

  /**
   * Calls `onEvent` with each container that was asked for before it was known.
   * @returns ends that
   */
  containerEvents(onEvent: (event: Event) => void): () => void {
    this.#listeners.add(onEvent);
    return () => this.#listeners.delete(onEvent);
  }

  /** The names have changed: some that were missed may be known now. */
  namesChanged(): void {
    const names = this.#names();
    for (const id of this.#missed.all()) {
      const found = lookUpAsked(names, id);
      if (found.kind !== 'named') continue;
      this.#missed.found(id);
      const event = createdEvent(askedForm(id, found));
      for (const listener of this.#listeners) listener(event);
    }
  }

  #names(): Names {
    return answeredNames(this.#source.names(), Date.now());
  }

  #running(): readonly Asked[] {
    return listedContainers(this.#source.names());
  }

  #wholeList(): CriMessage<'ListContainersResponse'> {
    const names = this.#source.names();
    if (this.#list?.of !== names) {
      const message = { containers: listedContainers(names).map(containerMessage) };
      this.#list = { of: names, message };
    }
    return this.#list.message;
  }

  /** The container with an id, or none. Several are none: a wrong name is worse than no name. */
  async #found(id: string): Promise<readonly Asked[]> {
    await this.#afterFirstPass();
    const found = lookUpAsked(this.#names(), id);
    switch (found.kind) {
      case 'named':
        return [askedForm(id, found)];
      case 'ambiguous':
        this.#source.misnamed(id, found.containers);
        return [];
      case 'unnameable':
        this.#source.misnamed(id, []);
        return [];
      case 'not-found':
      case 'unread':
        void this.#askGarden(id);
        return [];
    }
  }

  async #askGarden(id: string): Promise<void> {
    if (!this.#missed.missed(id, performance.now())) return;
    await this.#source.refresh();
    this.namesChanged();
    this.#missed.wasUnknown(id, performance.now());
  }

  async #afterFirstPass(): Promise<void> {
    const end = performance.now() + MAX_WAIT_MILLISECONDS;
    while (!this.#source.names().wasRead && performance.now() < end) await sleep(POLL_MILLISECONDS);
  }
}

const answered = <Message>(message: Message, isFound = true): CriAnswer<Message> => ({
  kind: 'answered',
  message,
  isFound,
});

const NOT_FOUND = {
  kind: 'not-found',
  why: 'no container has this id, or several have it',
} as const;

const isEmpty = (filter: NonNullable<CriMessage<'ListContainersRequest'>['filter']>): boolean =>
  filter.id === '' &&
  filter.podSandboxId === '' &&
  filter.state === null &&
  Object.keys(filter.labelSelector).length === 0;

const refusalOf = (id: string) =>
  Buffer.byteLength(id) > MAX_ASKED_BYTES
    ? ({ kind: 'refused', why: `an id has at most ${MAX_ASKED_BYTES} bytes` } as const)
    : null;
