import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import process from 'node:process';
import type { AgentState } from '../model/agent-state.ts';
import type { Drill } from '../model/drill.ts';
import { KnownFailure } from '../model/failure.ts';
import { checkTable } from '../present/check-table.ts';
import { paint } from '../present/color.ts';
import { jsonText } from '../present/json-text.ts';
import { pageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { errnoOf } from '../probe/kernel-reader.ts';
import {
  closeServer,
  jsonReply,
  serve,
  SERVER_OPTIONS,
  type Asked,
  type Reply,
  type Routes,
} from './http.ts';
import { pageHeaders } from './page-headers.ts';

export interface StatusOptions {
  readonly socketPath: string;
  readonly state: () => AgentState;
  readonly drill: (seconds: number) => Drill;
}

const SOCKET_MODE = 0o660;
const LONGEST_DRILL = 3600;
const DRILL_BY_DEFAULT = 300;

/**
 * The status socket: report, events, drill and page.
 * @throws KnownFailure STATUS_SOCKET
 */
export async function serveStatus(options: StatusOptions): Promise<{ close(): Promise<void> }> {
  const { socketPath } = options;
  await removeStaleSocket(socketPath);
  const server = serve(http.createServer(SERVER_OPTIONS), routesOf(options));
  // The mode is right from the first moment: there is no window in which others could connect.
  const umask = process.umask(0o777 & ~SOCKET_MODE);
  try {
    server.listen(socketPath);
    await once(server, 'listening');
  } catch (cause) {
    throw socketFailure(socketPath, errnoOf(cause), cause);
  } finally {
    process.umask(umask);
  }
  return { close: () => closeServer(server) };
}

const routesOf = ({ state, drill }: StatusOptions): Routes => ({
  '/': {
    GET: () => ({
      status: 200,
      type: 'text/html; charset=utf-8',
      body: pageHtml(state(), { refresh: true, now: new Date().toISOString() }),
      headers: pageHeaders(),
    }),
  },
  '/v1/report': { GET: ({ url }) => reportReply(state(), url.searchParams) },
  '/v1/events': { GET: () => json(200, state().events) },
  '/v1/drill': { POST: (asked) => drillReply(asked, drill) },
});

const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: `${jsonText(value)}\n`,
});

/** As JSON, or with `?format=table` as the table that `check` prints: the agent renders it, so that the two cannot differ. */
function reportReply({ report }: AgentState, query: URLSearchParams): Reply {
  if (report === null) return jsonReply(503, { error: 'the first look has not ended yet' });
  const headers = { 'rollcall-verdict': report.verdict };
  if (query.get('format') !== 'table') return { ...json(200, reportJson(report)), headers };
  const columns = Number(query.get('columns') ?? '80');
  const body = checkTable(report, {
    paint: paint(query.get('color') === 'true'),
    columns: Number.isInteger(columns) && columns >= 20 && columns <= 1000 ? columns : 80,
    all: query.get('all') === 'true',
    tellsNoCgroup: true,
  });
  return { status: 200, type: 'text/plain; charset=utf-8', body, headers };
}

function drillReply({ body }: Asked, drill: StatusOptions['drill']): Reply {
  const seconds = secondsOf(body);
  return seconds === null
    ? jsonReply(400, { error: `forSeconds must be a number from 1 to ${LONGEST_DRILL}` })
    : jsonReply(202, drill(seconds));
}

function secondsOf(body: string): number | null {
  if (body.trim() === '') return DRILL_BY_DEFAULT;
  try {
    const value: unknown = JSON.parse(body);
    const seconds: unknown =
      typeof value === 'object' && value !== null && 'forSeconds' in value
        ? value.forSeconds
        : null;
    return typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_DRILL ? seconds : null;
  } catch {
    return null;
  }
}

/** Of a killed agent; never that of one that answers, and never a file that is no socket. */
async function removeStaleSocket(socketPath: string): Promise<void> {
  const stat = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw socketFailure(socketPath, 'it is no socket', null);
  if (await isAnswered(socketPath))
    throw socketFailure(socketPath, 'another agent answers there', null);
  fs.rmSync(socketPath, { force: true });
}

const isAnswered = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

const socketFailure = (path: string, why: string, cause: unknown): KnownFailure =>
  new KnownFailure(
    'STATUS_SOCKET',
    `Cannot serve the status socket ${path} (${why}): its directory must exist and be writable for this user; set status.socketPath.`,
    { cause },
  );
