import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { KnownFailure } from '../model/failure.ts';
import type { Recipe } from './container-spec.ts';
import type { Fault, GardenState } from './garden-state.ts';

/** What the driver asks of the cell's gdn beside Garden's API, one JSON object a request on a socket of its own. */
export type ControlRequest =
  | { readonly do: 'ping' }
  /** Through the API: listed, then cgroups and processes, then created. */
  | { readonly do: 'create'; readonly recipe: Recipe }
  | { readonly do: 'fill-pool'; readonly count: number }
  | { readonly do: 'forget'; readonly handle: string }
  | { readonly do: 'lose-properties'; readonly handle: string }
  | { readonly do: 'set-fault'; readonly fault: Fault; readonly on: GardenState['faultOn'] }
  | { readonly do: 'save-properties' };

export const isControlRequest = (value: unknown): value is ControlRequest =>
  typeof value === 'object' && value !== null && 'do' in value;

/** Sends one HTTP request over a unix socket and gives back the body of a 200. Anything else is a DEMO_FAILED. */
export async function exchange(
  socketPath: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: unknown,
  deadlineMilliseconds: number,
): Promise<string> {
  const what = `${method} ${path}`;
  const signal = AbortSignal.timeout(deadlineMilliseconds);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath, method, path, signal, agent: false }, resolve)
        .on('error', reject)
        .end(body === null ? undefined : JSON.stringify(body));
    });
    const answer = await text(response);
    if (response.statusCode === 200) return answer;
    throw new Error(`${response.statusCode ?? 0} ${answer.trim().slice(0, 500)}`);
  } catch (error) {
    const why = signal.aborted
      ? `no answer within ${deadlineMilliseconds} ms`
      : error instanceof Error
        ? error.message
        : String(error);
    throw new KnownFailure('DEMO_FAILED', `the cell's gdn, ${what}: ${why}`, { cause: error });
  }
}

export async function control(
  socketPath: string,
  order: ControlRequest,
  deadlineMilliseconds: number,
): Promise<void> {
  await exchange(socketPath, 'POST', `/${order.do}`, order, deadlineMilliseconds);
}
