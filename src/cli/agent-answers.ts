import { KnownFailure } from '../model/failure.ts';
import type { Handle } from '../model/ids.ts';
import type { Names } from '../model/names.ts';
import type { NamesSocket } from '../model/names-socket.ts';
import type { Report } from '../model/report.ts';
import type { ReportView, SensorView } from '../model/report-view.ts';
import { sensorView, withObserved } from '../present/sensors-text.ts';
import { askAgent } from '../probe/status-client.ts';
import type { EventView } from '../model/agent-state.ts';
import type { CapturedAgent } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import {
  parseAgentError,
  parseAgentEvents,
  parseNames,
  parseNamesSocket,
  parseReportJson,
} from '../parse/agent-answers.ts';
import type { Parsed } from '../parse/json.ts';

/**
 * The body of the running agent's answer to a GET.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function answerOfAgent(
  socketPath: string,
  path: string,
  deadlineMilliseconds?: number,
): Promise<string> {
  const question = { method: 'GET', path, deadlineMilliseconds } as const;
  const { status, body } = await askAgent(socketPath, question);
  if (status === 200) return body;
  const why = parseAgentError(body);
  throw new KnownFailure(
    'AGENT_ANSWER',
    status === 503
      ? `The agent has no report yet (${why}): try again in a moment.`
      : `The agent answered ${status} (${why}): use the rollcall of the same release.`,
  );
}

/** @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER */
export const reportOfAgent = async (
  socketPath: string,
  deadlineMilliseconds?: number,
): Promise<ReportView> =>
  readable(parseReportJson(await answerOfAgent(socketPath, '/v1/report', deadlineMilliseconds)));

/**
 * The sensors that run or are configured here.
 * @param known by the agent of the cell, which reads their files
 */
export const sensorsHere = (
  { sensors }: Pick<Report, 'sensors'>,
  known: readonly SensorView[],
): readonly SensorView[] =>
  withObserved(
    sensors.map(sensorView),
    known.filter(({ observation }) => observation !== null),
  );

/** What the agent of this cell answers; otherwise something else, with the reason for its silence. */
export async function unlessSilent<Answer, Otherwise>(
  answer: Promise<Answer>,
  otherwise: (why: string) => Otherwise,
): Promise<Answer | Otherwise> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    return otherwise(error.message);
  }
}

/** @throws KnownFailure AGENT_ANSWER */
function readable<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  const why = oneLine(parsed.why, 200);
  throw new KnownFailure(
    'AGENT_ANSWER',
    `The agent's answer cannot be read (${why}): use the rollcall of the same release.`,
  );
}

export type AskedAgent =
  | { readonly kind: 'answered'; readonly report: ReportView }
  | { readonly kind: 'silent'; readonly why: string }
  /** For a saved cell, or the files of another one: the agent here knows nothing about it. */
  | { readonly kind: 'not-asked' };

/** A check must not wait long for an agent that hangs. */
const DEADLINE_MILLISECONDS = 2000;

export const askedAgent = (statusSocket: string): Promise<AskedAgent> =>
  unlessSilent(
    reportOfAgent(statusSocket, DEADLINE_MILLISECONDS).then((report): AskedAgent => ({
      kind: 'answered',
      report,
    })),
    (why) => ({ kind: 'silent', why }),
  );

/**
 * What the agent logged, newest first.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export const eventsOfAgent = async (
  statusSocket: string,
  deadlineMilliseconds?: number,
): Promise<readonly EventView[]> =>
  readable(parseAgentEvents(await answerOfAgent(statusSocket, '/v1/events', deadlineMilliseconds)));

/**
 * Whose containers there are, as the agent knows.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export const namesOfAgent = async (statusSocket: string): Promise<Names> =>
  readable(parseNames(await answerOfAgent(statusSocket, '/v1/names', DEADLINE_MILLISECONDS)));

/**
 * What the names' socket was asked for; null: the agent has none.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export const namesSocketOfAgent = async (statusSocket: string): Promise<NamesSocket | null> =>
  readable(
    parseNamesSocket(await answerOfAgent(statusSocket, '/v1/names-socket', DEADLINE_MILLISECONDS)),
  );

export const ofContainer = (events: readonly EventView[], handle: Handle): readonly EventView[] =>
  events.filter((one) => one.handle === handle);

export type AgentToCapture =
  | { readonly agent: CapturedAgent; readonly why: null }
  | { readonly agent: null; readonly why: string };

/** What a capture keeps of the agent's answers; without them, why. */
export const agentToCapture = (statusSocket: string): Promise<AgentToCapture> =>
  unlessSilent(
    Promise.all([
      reportOfAgent(statusSocket, DEADLINE_MILLISECONDS),
      eventsOfAgent(statusSocket, DEADLINE_MILLISECONDS),
    ]).then(([report, events]): AgentToCapture => ({ agent: { report, events }, why: null })),
    (why): AgentToCapture => ({ agent: null, why }),
  );
