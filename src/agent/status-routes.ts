import type { AgentState, Drill } from '../model/agent-state.ts';
import type { HistoryAnswer } from '../model/history.ts';
import { jsonText } from '../present/json-text.ts';
import { pageHtml, reportPageHtml } from '../present/page/page.ts';
import { reportJson } from '../present/report-json.ts';
import { problem, type HttpRequest, type HttpResponse, type Routes } from './http.ts';
import { healthResponse, type ServerOptions } from './kept-server.ts';
import { pageHashes, pageHeaders } from './page-headers.ts';
import { parseDrillRequest } from '../parse/agent-answers.ts';

export interface StatusViews extends Pick<ServerOptions, 'state' | 'health'> {
  readonly drill: (seconds: number) => Drill;
  readonly history: () => HistoryAnswer;
}

/** The answers of the status socket. `/v1/page` is the page for a file: without a script. */
export const statusRoutes = ({ state, drill, history, health }: StatusViews): Routes => ({
  '/': {
    GET: () =>
      page(pageHtml(state(), { refresh: true, now: new Date().toISOString() }), pageHeaders()),
  },
  '/v1/report': { GET: () => ofReport(state(), (report) => json(200, reportJson(report))) },
  '/v1/page': {
    GET: () => {
      const shown = state();
      return ofReport(shown, (report) =>
        page(reportPageHtml(report, shown.version, pageHashes()), {}),
      );
    },
  },
  '/v1/events': { GET: () => json(200, state().events) },
  '/v1/history': { GET: () => json(200, history()) },
  '/v1/drill': { POST: (asked) => drillReply(asked, drill) },
  // Here too: with metrics.tls it takes a client certificate over TCP.
  '/healthz': { GET: () => healthResponse(health()) },
});

const page = (body: string, headers: Readonly<Record<string, string>>): HttpResponse => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body,
  headers,
});

const json = (status: number, value: unknown): HttpResponse => ({
  status,
  type: 'application/json',
  body: `${jsonText(value)}\n`,
});

const ofReport = (
  { report, passFailed }: AgentState,
  reply: (report: NonNullable<AgentState['report']>) => HttpResponse,
): HttpResponse =>
  report === null
    ? problem(503, passFailed ?? 'the first pass has not ended yet', { 'retry-after': '1' })
    : reply(report);

function drillReply({ headers, body }: HttpRequest, drill: StatusViews['drill']): HttpResponse {
  // Browsers send it with every POST: no web page that finds the forwarded socket may start a
  // drill.
  if (headers.origin !== undefined) return problem(403, 'a drill is not started from a web page');
  const seconds = parseDrillRequest(body);
  if (seconds === null) {
    return problem(400, 'a drill takes {"forSeconds": N}, N from 1 to 3600, or nothing');
  }
  const { handle, until } = drill(seconds);
  return json(202, { schemaVersion: 1, handle, until });
}
