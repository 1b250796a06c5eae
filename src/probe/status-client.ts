import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { unixExchange, type GetOutcome } from './unix-http.ts';

export interface StatusAnswer {
  readonly status: number;
  readonly body: string;
}

const DEADLINE_MILLISECONDS = 5000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Asks the running agent. `post`: the body of a POST; null: a GET.
 * @throws KnownFailure AGENT_UNREACHABLE
 */
export async function askAgent(
  socketPath: string,
  path: string,
  post: string | null,
): Promise<StatusAnswer> {
  const outcome = await unixExchange({
    socketPath,
    path,
    post,
    host: 'rollcall',
    agent: false,
    deadline: performance.now() + DEADLINE_MILLISECONDS,
    maxBodyBytes: MAX_BYTES,
  });
  if (outcome.kind === 'response' && outcome.body !== null) {
    return { status: outcome.status, body: outcome.body };
  }
  const shown = oneLine(socketPath, 200);
  throw new KnownFailure(
    'AGENT_UNREACHABLE',
    `${whyNot(outcome, shown)} (rollcall check needs no agent.)`,
  );
}

function whyNot(outcome: GetOutcome, socketPath: string): string {
  if (outcome.kind === 'timeout') {
    return `The agent does not answer on ${socketPath} within ${DEADLINE_MILLISECONDS / 1000} s: restart it with monit restart rollcall.`;
  }
  if (outcome.kind !== 'error') {
    return `What answers on ${socketPath} is no agent: give its socket with --status-socket.`;
  }
  switch (outcome.code) {
    case 'ENOENT':
      return `There is no socket ${socketPath}: is the agent running (monit summary)? If it has another one, give it with --status-socket.`;
    case 'ECONNREFUSED':
      return `No agent listens on ${socketPath}, it has ended: start it with monit start rollcall.`;
    case 'EACCES':
    case 'EPERM':
      return `The socket ${socketPath} may not be opened: run as root or as the agent's user (vcap).`;
    default:
      return `The agent does not answer on ${socketPath} (${outcome.code}): see monit summary.`;
  }
}
