import http from 'node:http';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/one-line.ts';
import { errnoOf } from './kernel-reader.ts';

export interface StatusAnswer {
  readonly status: number;
  readonly body: string;
  /** What the agent found; null before its first look. */
  readonly verdict: string | null;
}

const DEADLINE_MILLISECONDS = 5000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Asks the running agent.
 * @throws KnownFailure AGENT_UNREACHABLE
 */
export async function askAgent(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
): Promise<StatusAnswer> {
  try {
    return await exchange(socketPath, method, path, body);
  } catch (cause) {
    throw new KnownFailure(
      'AGENT_UNREACHABLE',
      `The agent does not answer on ${oneLine(socketPath, 200)} (${errnoOf(cause)}): is it running (monit summary), and are you root or vcap? rollcall check needs no agent.`,
      { cause },
    );
  }
}

const exchange = (
  socketPath: string,
  method: string,
  path: string,
  body: string,
): Promise<StatusAnswer> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    const request = http.request({ socketPath, method, path, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MOST_BYTES) request.destroy(new Error('too large'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const verdict = response.headers['rollcall-verdict'];
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          verdict: typeof verdict === 'string' ? verdict : null,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
