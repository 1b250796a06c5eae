import { statSync } from 'node:fs';
import { Agent } from 'node:http';
import { MAX_SOCKET_PATH } from '../model/agent-config.ts';
import {
  type GardenAnswer,
  type Properties,
  type GardenFailure,
  gardenFailure,
} from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import { parseHandles, parseProperties, parseGardenError } from '../parse/garden-answers.ts';
import { unixExchange, type ExchangeOutcome } from './unix-http.ts';
import { oneLine } from '../model/text.ts';

/** Room for 20,000 handles of 100 characters, more than a cell holds; 250 apps have 7.8 kB. */
const MAX_LIST_BYTES = 2 * 1024 * 1024;
/** A Diego app has 1.2 kB of properties; another client may set more. */
const MAX_PROPERTIES_BYTES = 2 * 1024 * 1024;
/** A longer answer counts as large: reading it takes time that the other requests need. */
const LARGE_PROPERTIES_BYTES = 256 * 1024;
/** The total for all large answers of one call. Beyond it, further large ones are refused. */
const MAX_ALL_LARGE_BYTES = 8 * 1024 * 1024;

/** Concurrent requests for properties: Garden answers each in about 0.25 ms. */
const PROPERTIES_AT_ONCE = 8;

export interface GardenClientOptions {
  readonly socketPath: string;
  /** Applies to one list, and to all properties requested in one call together. */
  readonly timeoutMilliseconds: number;
  /** The limit of each body, by default 2 MiB. */
  readonly maxBodyBytes?: number;
}

/** The read-only part of Garden's HTTP API. Nothing here changes anything on the cell. */
export interface GardenClient {
  /** All handles, including containers in creation and those that lost their properties. */
  list(): Promise<GardenAnswer<readonly Handle[]>>;
  /** Those that Garden calls created, the last step of a creation, after the network. */
  listCreated(): Promise<GardenAnswer<readonly Handle[]>>;
  /**
   * Returns one answer per handle, in the same order. All requests share one time limit, so a
   * Garden that stops answering costs one timeout, not one per container. Call it only when
   * necessary: unlike the lists, each request restarts the container's grace time (server
   * request_handling.go), which keeps an idle container alive if its client set one. Diego sets
   * none.
   */
  properties(handles: readonly Handle[]): Promise<ReadonlyMap<Handle, GardenAnswer<Properties>>>;
  /** Closes idle connections; a request in flight ends as `reset`. */
  close(): void;
}

/**
 * Encodes the handle as one path segment; null if Garden would read it as another handle. gdn's
 * router splits the raw path and decodes each part, so an encoded slash stays inside its segment
 * (bmizerany/pat mux.go, EscapedPath). Three kinds are not safe: dots, which a router that cleans
 * paths removes even when they are encoded; an empty segment, which is the handle ""; and U+FFFD,
 * which Garden's JSON contains in place of bytes that are not UTF-8. No container would match such
 * a request, and the answer `null` would look like lost properties.
 */
export function handleSegment(handle: Handle): string | null {
  if (handle === '' || handle === '.' || handle === '..') return null;
  if (handle.includes('\ufffd') || !handle.isWellFormed()) return null;
  return encodeURIComponent(handle);
}

const notAskable = (handle: Handle): GardenAnswer<never> =>
  gardenFailure(
    'not-askable',
    `Garden cannot be asked about the handle "${oneLine(handle, 60)}", which cannot be put safely into a request path: find out which Garden client created it`,
  );

/*
 * Never requested; the reasons come from gdn's source or from measurements: `/info` (15 times
 * slower than `/properties`, and adds only addresses and a bundle path), `bulk_info` (panics
 * without `handles=`), `bulk_metrics` (starts one runc per container: 6.5 s for 250), `/ping`
 * (answers 200 while the list fails), anything but GET.
 */
export function gardenClient(options: GardenClientOptions): GardenClient {
  const { socketPath, timeoutMilliseconds, maxBodyBytes = MAX_LIST_BYTES } = options;
  const agent = new Agent({ keepAlive: true });
  let isClosed = false;

  async function get(path: string, maximum: number, deadline: number): Promise<ExchangeOutcome> {
    const request = { socketPath, path, host: 'garden', method: 'GET', body: null } as const;
    const bounded = { ...request, deadline, maxBodyBytes: maximum };
    const outcome = await unixExchange({ ...bounded, agent });
    // Garden may close an idle connection (a restart does) just as the client reuses it. A GET is
    // safe to repeat. The second attempt uses a new connection, because the other idle ones are
    // just as old.
    const raced = outcome.kind === 'error' && outcome.wasReused;
    return raced ? unixExchange({ ...bounded, agent: false }) : outcome;
  }

  async function ask<T>(
    path: string,
    maximum: number,
    deadline: number,
    parse: (body: string) => GardenAnswer<T>,
  ): Promise<GardenAnswer<T>> {
    // Otherwise a pass that comes to its requests after the close would wait for their deadline.
    if (isClosed) return gardenFailure('reset', 'rollcall is stopping: nothing needs to be done');
    const outcome = await get(path, maximum, deadline);
    const body = bodyOf(outcome, { socketPath, timeoutMilliseconds, maxBodyBytes: maximum });
    return typeof body === 'string' ? parse(body) : body;
  }

  const deadlineFromNow = (): number => performance.now() + timeoutMilliseconds;

  async function properties(
    handles: readonly Handle[],
  ): Promise<ReadonlyMap<Handle, GardenAnswer<Properties>>> {
    const deadline = deadlineFromNow();
    const answers = new Map<Handle, GardenAnswer<Properties>>(
      handles.map((handle) => [handle, notAskable(handle)]),
    );
    const waiting = [...answers.keys()].values();
    let left = MAX_ALL_LARGE_BYTES;
    const parse = (body: string): GardenAnswer<Properties> => {
      if (body.length > LARGE_PROPERTIES_BYTES) left -= body.length;
      return parseProperties(body);
    };
    const work = async (): Promise<void> => {
      for (const handle of waiting) {
        const segment = handleSegment(handle);
        if (segment === null) continue;
        const path = `/containers/${segment}/properties`;
        const bound = left > 0 ? MAX_PROPERTIES_BYTES : LARGE_PROPERTIES_BYTES;
        answers.set(handle, await ask(path, Math.min(maxBodyBytes, bound), deadline, parse));
      }
    };
    await Promise.all(Array.from({ length: PROPERTIES_AT_ONCE }, work));
    return answers;
  }

  const listOf = (state: 'all' | 'created'): (() => Promise<GardenAnswer<readonly Handle[]>>) => {
    const parse = parsedOnce(parseHandles);
    return () => ask(`/containers?garden.state=${state}`, maxBodyBytes, deadlineFromNow(), parse);
  };

  return {
    list: listOf('all'),
    listCreated: listOf('created'),
    properties,
    close: () => {
      isClosed = true;
      agent.destroy();
    },
  };
}

/** Returns the same value while the text stays the same. */
function parsedOnce<T>(parse: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, value: parse(text) };
    return last.value;
  };
}

const SETTING = '--garden-socket (garden.socketPath in the configuration)';
const CHECK_SETTING = `check that ${SETTING} names Garden's socket`;
const CHECK_LOG = "see garden's log for a crash or a restart";

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return true;
  }
}

function connectionFailure(code: string, path: string): GardenFailure {
  const socket = `Garden's socket "${oneLine(path, 120)}"`;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return gardenFailure(
        'socket-missing',
        `${socket} does not exist: start the garden job, or correct ${SETTING}`,
      );
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return gardenFailure(
        'socket-missing',
        `${socket} cannot exist, because a socket's path has at most ${MAX_SOCKET_PATH} bytes: correct ${SETTING}`,
      );
    case 'EACCES':
    case 'EPERM':
      return gardenFailure(
        'permission',
        `Not allowed to connect to ${socket}: run as root, or as a user who can enter its directory and write to it`,
      );
    case 'EPROTOTYPE':
      return gardenFailure('not-a-socket', `${socket} is not a stream socket: ${CHECK_SETTING}`);
    case 'ECONNREFUSED':
      // Linux also refuses connections to a regular file or a directory.
      return isSocket(path)
        ? gardenFailure(
            'refused',
            `Nothing listens on ${socket}: start the garden job, or wait until it is up`,
          )
        : gardenFailure('not-a-socket', `${socket} is not a socket: ${CHECK_SETTING}`);
    case 'EAGAIN':
      return gardenFailure(
        'refused',
        `${socket} has a full queue of connections, and nothing accepts them: check whether gdn is stopped or overloaded`,
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return gardenFailure('reset', `${socket} was closed without an answer: ${CHECK_LOG}`);
    default:
      return code.startsWith('HPE_')
        ? gardenFailure(
            'not-http',
            `The process that listens on ${socket} does not speak HTTP: ${CHECK_SETTING}`,
          )
        : gardenFailure(
            'refused',
            `Connecting to ${socket} failed with ${oneLine(code, 40)}: check whether this machine is short of file descriptors or memory`,
          );
  }
}

function statusFailure(status: number, body: string | null): GardenFailure {
  const message = body === null ? null : parseGardenError(body);
  return gardenFailure(
    'http-status',
    message === null
      ? `Garden's socket answered with status ${status}: ${CHECK_SETTING}`
      : `Garden answered with status ${status} and "${message}": look in the logs of garden and containerd for the cause`,
  );
}

/** The body of a response with status 200, otherwise the failure. */
function bodyOf(outcome: ExchangeOutcome, asked: Required<GardenClientOptions>) {
  switch (outcome.kind) {
    case 'response':
      if (outcome.status !== 200) return statusFailure(outcome.status, outcome.body);
      return (
        outcome.body ?? gardenFailure('not-json', `Garden's answer is not UTF-8: ${CHECK_SETTING}`)
      );
    case 'timeout':
      return gardenFailure(
        'timeout',
        `Garden did not answer within ${asked.timeoutMilliseconds / 1000} s: it may be starting (cleaning up 250 containers takes longer) or stuck: see its log; --garden-timeout (garden.timeoutSeconds) sets a longer wait`,
      );
    case 'too-large':
      return gardenFailure(
        'too-large',
        `Garden's answer is larger than ${asked.maxBodyBytes} bytes: ${CHECK_SETTING}`,
      );
    case 'cut-short':
      return gardenFailure('cut-short', `Garden's answer ended in the middle: ${CHECK_LOG}`);
    case 'error':
      return connectionFailure(outcome.code, asked.socketPath);
  }
}
