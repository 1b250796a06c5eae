import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { unixExchange, type ExchangeOutcome } from './unix-http.ts';

export type StatusAnswer = { readonly status: number; readonly body: string };

/** A request to the agent. The agent answers from memory. */
export interface AgentQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** 5 seconds by default, for a caller that waits for the answer. */
  readonly deadlineMilliseconds?: number | undefined;
}

const DEADLINE_MILLISECONDS = 5000;
/** The report of 5,000 containers that are all untracked has 13 MB. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Sends a request to the running agent.
 * @throws KnownFailure AGENT_UNREACHABLE
 */
export async function askAgent(
  socketPath: string,
  { method, path, body, deadlineMilliseconds = DEADLINE_MILLISECONDS }: AgentQuestion,
): Promise<StatusAnswer> {
  const outcome = await unixExchange({
    socketPath,
    path,
    method,
    body: body ?? null,
    host: 'rollcall',
    agent: false,
    deadline: performance.now() + deadlineMilliseconds,
    maxBodyBytes: MAX_BYTES,
  });
  if (outcome.kind === 'response' && outcome.body !== null) {
    return { status: outcome.status, body: outcome.body };
  }
  const why = whyNot(outcome, oneLine(socketPath, 200), deadlineMilliseconds);
  throw new KnownFailure('AGENT_UNREACHABLE', why);
}

function whyNot(outcome: ExchangeOutcome, socketPath: string, deadline: number): string {
  if (outcome.kind === 'timeout') {
    return `The agent does not answer on ${socketPath} within ${deadline / 1000} s: restart it with monit restart rollcall.`;
  }
  if (outcome.kind !== 'error') {
    return `The process that answers on ${socketPath} is not an agent: give the agent's socket with --status-socket.`;
  }
  switch (outcome.code) {
    case 'ENOENT':
      return `There is no socket ${socketPath}: check that the agent runs (monit summary), or give its socket with --status-socket. ${TYPED_ON_CELL} check needs no agent.`;
    case 'ECONNREFUSED':
      return `Nothing listens on ${socketPath} because the agent has ended: start it with monit start rollcall.`;
    case 'EACCES':
    case 'EPERM':
      return `Permission denied for the socket ${socketPath}: run as root or as the agent's user (vcap).`;
    default:
      return `The agent does not answer on ${socketPath} (${outcome.code}): see monit summary.`;
  }
}
