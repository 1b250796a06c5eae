import type { AgentState, DrillProgress } from '../model/agent-state.ts';
import type { Names } from '../model/names.ts';
import type { NamesSocket } from '../model/names-socket.ts';
import { pageHtml, reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { jsonResponse, problem, type HttpRequest, type HttpResponse, type Routes } from './http.ts';
import { healthResponse, type ServerOptions } from './retried-server.ts';
import { pageHashes, pageHeaders } from './page-headers.ts';
import type { RunningDrill } from './running-drill.ts';
import { parseDrillRequest } from '../parse/agent-answers.ts';

export interface StatusViews extends Pick<ServerOptions, 'state' | 'health'> {
  readonly drill: Pick<RunningDrill, 'start' | 'running' | 'end'>;
  readonly names: () => Names;
  /** Null: names.cri is off. */
  readonly namesSocket: () => NamesSocket | null;
}

/** The answers of the status socket. `/v1/page` is the page to save as a file, without a script. */
export const statusRoutes = ({
  state,
  drill,
  health,
  names,
  namesSocket,
}: StatusViews): Routes => ({
  '/': {
    GET: () =>
      page(pageHtml(state(), { refresh: true, now: new Date().toISOString() }), pageHeaders()),
  },
  '/v1/report': { GET: () => ofReport(state(), (report) => jsonResponse(200, reportJson(report))) },
  '/v1/page': {
    GET: () => {
      const shown = state();
      return ofReport(shown, (report) =>
        page(reportPageHtml(report, { ...shown, hashes: pageHashes() }), {}),
      );
    },
  },
  '/v1/events': { GET: () => jsonResponse(200, state().events) },
  '/v1/names': { GET: () => jsonResponse(200, names()) },
  '/v1/names-socket': {
    GET: () => jsonResponse(200, { schemaVersion: 1, socket: namesSocket() }),
  },
  '/v1/drill': {
    GET: () => progressReply(drill.running(), state()),
    POST: (asked) => drillReply(asked, drill, state),
    DELETE: (asked) =>
      isOfPage(asked)
        ? problem(403, 'a web page cannot end a drill')
        : progressReply(drill.end(), state()),
  },
  // Here too, because with metrics.tls it needs a client certificate over TCP.
  '/healthz': { GET: () => healthResponse(health()) },
});

const page = (body: string, headers: Readonly<Record<string, string>>): HttpResponse => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body,
  headers,
});

const ofReport = (
  { report, passFailed }: AgentState,
  reply: (report: NonNullable<AgentState['report']>) => HttpResponse,
): HttpResponse =>
  report === null
    ? problem(503, passFailed ?? 'the first pass has not completed yet', { 'retry-after': '1' })
    : reply(report);

/** Browsers send an Origin with them: no web page may start or end a drill. */
const isOfPage = ({ headers }: HttpRequest): boolean => headers.origin !== undefined;

const progressReply = (
  drill: DrillProgress | null,
  { report }: AgentState,
  status = 200,
): HttpResponse => {
  if (drill === null) return problem(404, 'no drill is running');
  const { handle, until, scrapes, lastScraped } = drill;
  const exported = report?.containers.some((one) => one.handle === handle) ?? false;
  return jsonResponse(status, { schemaVersion: 1, handle, until, exported, scrapes, lastScraped });
};

function drillReply(
  asked: HttpRequest,
  drill: StatusViews['drill'],
  state: StatusViews['state'],
): HttpResponse {
  if (isOfPage(asked)) return problem(403, 'a web page cannot start a drill');
  const seconds = parseDrillRequest(asked.body);
  if (seconds === null) {
    return problem(400, 'a drill takes {"forSeconds": N}, N from 1 to 3600, or nothing');
  }
  return progressReply(drill.start(seconds), state(), 202);
}
