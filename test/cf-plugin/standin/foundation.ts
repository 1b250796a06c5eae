import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { closeClient, openClient } from '../../../src/cf-plugin/http/client.ts';
import { NOW } from './fleet.ts';
import { LogCacheStore, type HttpAnswer, type Series } from './log-cache.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';
import { recording } from '../../recordings.ts';

/** What goes wrong with one request; null: nothing. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'cut' | 'hang' | 'reset' }
  | null;

export interface StandInApp {
  readonly guid: string;
  readonly name: string;
  readonly space: string;
  readonly organization: string;
  readonly isStopped?: boolean;
  /** Instance GUIDs of `web`; null: of a version that does not say them. */
  readonly instances?: readonly (string | null)[];
  /** Their cells, one for each of `instances`; left out: that of the first cell of the fleet. */
  readonly hosts?: readonly string[];
  readonly uptime?: number;
  readonly state?: string;
  /** Instances of another process; null: its instances are not told. */
  readonly workers?: readonly (string | null)[] | null;
}

export interface StandInOptions {
  readonly series: readonly Series[];
  /** Unix time by all its clocks; left out: NOW. */
  readonly now?: number;
  /** Seconds before `now` from which on Log Cache holds envelopes; left out: an hour. */
  readonly oldestAge?: number;
  /** Seconds by which a clock is ahead. */
  readonly clocks?: { readonly api?: number; readonly logCache?: number };
  /** Before each answer of Log Cache. */
  readonly delayMilliseconds?: number;
  readonly apps?: readonly StandInApp[];
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly fault?: (url: URL) => Fault;
  /** Log Cache answers no request before so many have begun; left out: each at once. */
  readonly begun?: () => number;
  readonly links?: Readonly<Record<string, unknown>>;
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

/** API root, Cloud Controller and Log Cache of a foundation, on one port. */
export async function startStandIn(first: StandInOptions) {
  const requests: URL[] = [];
  const tokens: (string | undefined)[] = [];
  const waiting: (() => void)[] = [];
  let most = 0;
  let sent = 0;
  const storeOf = ({ series, now = NOW, oldestAge }: StandInOptions): LogCacheStore =>
    new LogCacheStore(series, now, oldestAge);
  let options = first;
  let store = storeOf(first);

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', origin());
    const { clocks = {}, delayMilliseconds = 0, now = NOW } = options;
    requests.push(url);
    if (url.pathname !== '/') tokens.push(request.headers.authorization);
    const answer = (): void => {
      const fault = options.fault?.(url) ?? null;
      const isLogCache = url.pathname.startsWith('/api/');
      const ahead = (isLogCache ? clocks.logCache : clocks.api) ?? 0;
      response.setHeader('Date', new Date((now + ahead) * 1000).toUTCString());
      sent += reply(response, fault, () => answerTo(url, options, store, origin()));
    };
    if (delayMilliseconds > 0 && url.pathname.startsWith('/api/')) {
      setTimeout(answer, delayMilliseconds);
    } else if (url.pathname.startsWith('/api/')) waiting.push(answer);
    else answer();
    most = Math.max(most, waiting.length);
    if (requests.length < (options.begun?.() ?? 0)) return;
    for (const one of waiting.splice(0)) one();
  };
  const server = first.tls === undefined ? createHttp(listener) : createHttps(first.tls, listener);
  // A router keeps idle connections for longer than the plugin runs. Here both are one thread:
  // after five seconds in which it does not get to run, the server would close a connection on
  // which the plugin has just asked.
  server.keepAliveTimeout = 0;
  const origin = (): string => {
    const { port } = server.address() as AddressInfo;
    return `${first.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: origin(),
    /** Path and query of every request, in order. */
    requests,
    tokens,
    /**
     * The most requests to Log Cache that waited at the same time; it takes `begun` to make them
     * wait.
     */
    mostAtOnce: () => most,
    sentBytes: () => sent,
    /** The same API from now on, with what it answers at another time. */
    become: (later: StandInOptions): void => {
      options = later;
      store = storeOf(later);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A foundation until the end of the test. */
export async function foundationWith(options: StandInOptions): Promise<StandIn> {
  const foundation = await startStandIn(options);
  atEndOfTest(() => foundation.close());
  return foundation;
}

/** The same, and what the plugin asks it with. */
export async function clientOf(options: StandInOptions) {
  const foundation = await foundationWith(options);
  const client = openClient({ skipsVerification: false, env: {}, trace: null });
  atEndOfTest(() => closeClient(client));
  return { client, foundation };
}

/** @returns how many bytes the answer has */
function reply(response: ServerResponse, fault: Fault, usual: () => HttpAnswer): number {
  if (fault?.kind === 'hang') return 0;
  if (fault?.kind === 'reset') {
    response.socket?.destroy();
    return 0;
  }
  const { status, body } = fault?.kind === 'answer' ? fault : usual();
  const bytes = Buffer.byteLength(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes });
  if (fault?.kind !== 'cut') response.end(body);
  else response.write(body.slice(0, 20), () => response.socket?.destroy());
  return bytes;
}

function answerTo(
  url: URL,
  { apps = [], links }: StandInOptions,
  store: LogCacheStore,
  origin: string,
): HttpAnswer {
  if (url.pathname === '/') return json({ links: { ...linksOf(origin), ...links } });
  if (url.pathname === '/v3/apps') return json(appsPage(url, apps));
  if (url.pathname === '/v3/processes') return json(processesPage(url, apps));
  const [, type, app] = /^\/v3\/processes\/([a-z]+)-([^/]+)\/stats$/.exec(url.pathname) ?? [];
  const known = apps.find(({ guid }) => guid === app);
  if (known !== undefined) return json(statsPage(known, type));
  const source = /^\/api\/v1\/read\/([\w-]+)$/.exec(url.pathname)?.[1];
  if (source !== undefined) return store.read(source, url.searchParams);
  return { status: 404, body: '404 page not found\n' };
}

const json = (value: unknown): HttpAnswer => ({ status: 200, body: JSON.stringify(value) });

const RECORDED_ROOT = readFileSync(recording('cf-plugin/api-root.json'), 'utf8');

/** The links of a real API root, those that are null too. */
function linksOf(origin: string): Record<string, unknown> {
  const here = RECORDED_ROOT.replaceAll(/(wss|https):\/\/[^/"]+/g, origin);
  return (JSON.parse(here) as { links: Record<string, unknown> }).links;
}

/** As CAPI v3 answers `?guids=…&include=space.organization`; what it does not know is left out. */
function appsPage(url: URL, apps: readonly StandInApp[]): unknown {
  const [guids, names] = ['guids', 'names'].map((key) => url.searchParams.get(key)?.split(','));
  const found = apps.filter(
    ({ guid, name }) => guids?.includes(guid) ?? names?.includes(name) ?? false,
  );
  const organizations = [...new Set(found.map(({ organization }) => organization))];
  const spaces = new Map(found.map((app) => [`${app.organization}/${app.space}`, app]));
  return {
    pagination: { total_results: found.length, total_pages: 1, next: null },
    resources: found.map(({ guid, name, organization, space, isStopped }) => ({
      guid,
      name,
      state: isStopped === true ? 'STOPPED' : 'STARTED',
      relationships: { space: { data: { guid: `space-${organization}/${space}` } } },
    })),
    included: {
      spaces: [...spaces].map(([key, { space, organization }]) => ({
        guid: `space-${key}`,
        name: space,
        relationships: { organization: { data: { guid: `org-${organization}` } } },
      })),
      organizations: organizations.map((name) => ({ guid: `org-${name}`, name })),
    },
  };
}

function processesPage(url: URL, apps: readonly StandInApp[]): unknown {
  const guids = new Set((url.searchParams.get('app_guids') ?? '').split(','));
  const process = (app: StandInApp, type: string, instances: number) => ({
    guid: `${type}-${app.guid}`,
    type,
    instances,
    relationships: { app: { data: { guid: app.guid } } },
  });
  const found = apps.filter(({ guid }) => guids.has(guid));
  return {
    resources: found.flatMap((app) => [
      process(app, 'web', app.instances?.length ?? 0),
      process(app, 'worker', app.workers === null ? 1 : (app.workers?.length ?? 0)),
    ]),
  };
}

const statsPage = (
  { instances = [], workers, hosts, uptime = 600, state = 'RUNNING' }: StandInApp,
  type: string | undefined,
): unknown =>
  type === 'worker' && workers === null
    ? null
    : {
        resources: ((type === 'web' ? instances : workers) ?? []).map((instance_guid, index) => ({
          type,
          index,
          state,
          uptime,
          host: hosts?.[index] ?? '10.0.4.10',
          ...(instance_guid === null ? {} : { instance_guid }),
        })),
      };
