import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import { parseAgentError } from '../parse/agent-error.ts';
import type { ReportView } from '../model/report-view.ts';
import { parseReportJson } from '../parse/report-json.ts';
import { askAgent } from '../probe/status-client.ts';

/**
 * What the running agent answers to a GET.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER
 */
export async function askedOfAgent(socketPath: string, path: string): Promise<string> {
  const { status, body } = await askAgent(socketPath, path, null);
  if (status === 200) return body;
  throw status === 503
    ? new KnownFailure(
        'AGENT_ANSWER',
        `The agent has no report yet (${parseAgentError(body)}): ask again in a moment.`,
      )
    : new KnownFailure(
        'AGENT_ANSWER',
        `The agent answered ${status} (${parseAgentError(body)}): use the rollcall of the same release.`,
      );
}

/** @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER */
export async function reportOfAgent(socketPath: string): Promise<ReportView> {
  const parsed = parseReportJson(await askedOfAgent(socketPath, '/v1/report'));
  if (parsed.ok) return parsed.view;
  throw unreadable(parsed.why);
}

export const unreadable = (why: string): KnownFailure =>
  new KnownFailure(
    'AGENT_ANSWER',
    `The agent's answer cannot be read (${oneLine(why, 200)}): use the rollcall of the same release.`,
  );
