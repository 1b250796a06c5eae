import type { AcknowledgementEntry } from '../model/acknowledgement.ts';
import { KnownFailure } from '../model/failure.ts';
import type { Handle } from '../model/ids.ts';
import type { Report } from '../model/report.ts';
import type { ContainerView, ReportView, SensorView } from '../model/report-view.ts';
import { sensorView, withObserved } from '../present/sensors-text.ts';
import { askAgent } from '../probe/status-client.ts';
import type { AgentKnowledge, ReportedFinding } from '../model/agent-state.ts';
import { oneLine } from '../model/text.ts';
import { parseAcknowledgements } from '../parse/acknowledgements.ts';
import { parseAgentError, parseAgentEvents, parseReportJson } from '../parse/agent-answers.ts';
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
 * What the agent has acknowledged.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function acknowledgementsOfAgent(
  socketPath: string,
  deadlineMilliseconds?: number,
): Promise<readonly AcknowledgementEntry[]> {
  const answer = await answerOfAgent(socketPath, '/v1/acks', deadlineMilliseconds);
  return readable(parseAcknowledgements(answer));
}

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
export function readable<T>(parsed: Parsed<T>, what = 'answer'): T {
  if (parsed.ok) return parsed.value;
  const why = oneLine(parsed.why, 200);
  throw new KnownFailure(
    'AGENT_ANSWER',
    `The agent's ${what} cannot be read (${why}): use the rollcall of the same release.`,
  );
}

export type AskedAgent =
  | { readonly kind: 'answered'; readonly knowledge: AgentKnowledge }
  | { readonly kind: 'silent'; readonly why: string }
  /** For a saved cell, or the files of another one: the agent here knows nothing about it. */
  | { readonly kind: 'not-asked' };

/** What the cell's agent remembers about a container; without an answer a pass explains it. */
export const knowledgeOfAgent = (handle: Handle, socketPath: string): Promise<AskedAgent> =>
  unlessSilent(answeredKnowledge(handle, socketPath), (why) => ({ kind: 'silent', why }) as const);

async function answeredKnowledge(handle: Handle, socketPath: string): Promise<AskedAgent> {
  const { containers, sensors } = await reportOfAgent(socketPath);
  const events = readable(parseAgentEvents(await answerOfAgent(socketPath, '/v1/events')));
  const container = containers.find((one) => one.handle === handle);
  return {
    kind: 'answered',
    knowledge: {
      app: container?.app ?? null,
      finding: container === undefined ? null : findingOf(container),
      events: events.filter((one) => one.handle === handle),
      sensors,
    },
  };
}

function findingOf({ status, reason, since, acknowledged }: ContainerView): ReportedFinding | null {
  return status === 'untracked' && reason !== null ? { reason, since, acknowledged } : null;
}
