import { setTimeout as sleep } from 'node:timers/promises';
import type { Names } from '../../model/names.ts';
import type { AskedId } from '../../model/names-socket.ts';
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
  type FoundAsked,
} from '../../names/cri.ts';
import type { CriMessage } from '../../names/cri-messages.ts';
import { AskedIds } from './asked-ids.ts';
import { MisnamedIds } from './misnamed-ids.ts';
import { MissedIds } from './missed-ids.ts';

/** Where the names come from. */
export interface NamesSource {
  /** After each change `containers` is a new array: the cache of the list compares the arrays. */
  readonly names: () => Names;
  /** Asks Garden, at most once a second for all who ask; resolves when the names have its answer. */
  readonly refresh: () => Promise<void>;
  /** Called with an id that several containers have, or that is of none: `garden.servi`. */
  readonly misnamed: (id: string, containers: number) => void;
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
  readonly #misnamed = new MisnamedIds();
  readonly #listeners = new Set<(event: Event) => void>();
  /** The answer to a list without a filter, for these containers. */
  #list: {
    readonly of: Names['containers'];
    readonly message: CriMessage<'ListContainersResponse'>;
  } | null = null;
  /** The containers among which the missed ones were searched. */
  #searched: Names['containers'] = [];

  constructor(source: NamesSource, version: string) {
    this.#source = source;
    this.#version = version;
  }

  /** What was asked for by a list with an id, the least recent first. */
  asked(): readonly AskedId[] {
    return this.#asked.all();
  }

  /** How many streams of events are open. */
  eventStreams(): number {
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
    const found = filter.id === '' ? this.#running() : await this.#listed(filter.id);
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
    const { containers } = this.#source.names();
    if (containers === this.#searched) return;
    const searched = new Set(this.#searched);
    this.#searched = containers;
    const names = this.#names();
    const added = { ...names, containers: containers.filter((one) => !searched.has(one)) };
    for (const id of this.#missed.all()) {
      // Most changes add few containers, and a client may have asked for a thousand ids.
      if (lookUpAsked(added, id).kind !== 'named') continue;
      const found = lookUpAsked(names, id);
      if (found.kind !== 'named') continue;
      this.#missed.found(id);
      const event = createdEvent(askedForm(id, found));
      for (const listener of this.#listeners) listener(event);
    }
  }

  /** @returns how many misnamed ids of the hour were not reported */
  hourEnded(): number {
    return this.#misnamed.hourEnded();
  }

  #wasMisnamed(id: string, containers: number): void {
    if (this.#misnamed.misnamed(id)) this.#source.misnamed(id, containers);
  }

  #names(): Names {
    return answeredNames(this.#source.names(), Date.now());
  }

  #running(): readonly Asked[] {
    return listedContainers(this.#source.names());
  }

  #wholeList(): CriMessage<'ListContainersResponse'> {
    const names = this.#source.names();
    if (this.#list?.of !== names.containers) {
      const message = { containers: listedContainers(names).map(containerMessage) };
      this.#list = { of: names.containers, message };
    }
    return this.#list.message;
  }

  async #listed(id: string): Promise<readonly Asked[]> {
    const found = await this.#lookedUp(id);
    this.#asked.asked(id, found.kind, Date.now());
    return namedAs(id, found);
  }

  async #found(id: string): Promise<readonly Asked[]> {
    return namedAs(id, await this.#lookedUp(id));
  }

  async #lookedUp(id: string): Promise<FoundAsked> {
    await this.#afterFirstPass();
    const found = lookUpAsked(this.#names(), id);
    switch (found.kind) {
      case 'named':
        break;
      case 'ambiguous':
        this.#wasMisnamed(id, found.containers.length);
        break;
      case 'unnameable':
        this.#wasMisnamed(id, 0);
        break;
      case 'not-found':
      case 'unread':
        void this.#askGarden(id);
        break;
    }
    return found;
  }

  async #askGarden(id: string): Promise<void> {
    if (!this.#missed.missed(id, performance.now())) return;
    await this.#source.refresh();
    this.#missed.wasUnknown(id, performance.now());
  }

  async #afterFirstPass(): Promise<void> {
    const end = performance.now() + MAX_WAIT_MILLISECONDS;
    const isKnown = ({ wasRead, containers }: Names): boolean => wasRead || containers.length > 0;
    while (!isKnown(this.#source.names()) && performance.now() < end)
      await sleep(POLL_MILLISECONDS);
  }
}

/** The container with an id, or none. Several are none: a wrong name is worse than no name. */
const namedAs = (id: string, found: FoundAsked): readonly Asked[] =>
  found.kind === 'named' ? [askedForm(id, found)] : [];

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
