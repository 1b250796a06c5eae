import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { MAX_WHY, type GardenAnswer } from '../../src/model/garden.ts';
import type { Handle } from '../../src/model/ids.ts';
import { gardenClient, type GardenClient } from '../../src/probe/garden-client.ts';
import { socketServing } from './socket-server.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

export const LIST = '{"Handles":["a","b"]}\n';
/** Longer than any test may take. */
export const AMPLE = 60_000;
/** For servers that never answer. */
export const SHORT = 150;

interface Limits {
  readonly timeoutMilliseconds?: number;
  readonly maxBodyBytes?: number;
}

export const codeOf = (answer: GardenAnswer<unknown> | undefined): string =>
  answer?.kind === 'failed' ? answer.code : `${answer?.kind}`;

export const whyOf = (answer: GardenAnswer<unknown>): string =>
  answer.kind === 'failed' ? answer.why : '';

/** A client of a server that serves each connection so, until the end of the test. */
export async function clientOf(
  serve: (socket: Socket) => void,
  limits: Limits = {},
): Promise<GardenClient> {
  const socketPath = await socketServing(serve);
  const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE, ...limits });
  atEndOfTest(() => client.close());
  return client;
}

/**
 * What a client makes of one list. Every failure that it gives must be one line of a bounded
 * length.
 */
export async function listFrom(
  socketPath: string,
  limits: Limits = {},
): Promise<GardenAnswer<readonly Handle[]>> {
  const client = gardenClient({ socketPath, timeoutMilliseconds: AMPLE, ...limits });
  try {
    const answer = await client.list();
    if (answer.kind === 'failed') {
      expect(answer.why.length).to.be.within(20, MAX_WHY);
      expect(answer.why).to.match(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
    }
    return answer;
  } finally {
    client.close();
  }
}

/** The same of a server that serves each connection so. */
export const listOf = async (
  serve: (socket: Socket) => void,
  limits?: Limits,
): Promise<GardenAnswer<readonly Handle[]>> => listFrom(await socketServing(serve), limits);

export const http = (listener: RequestListener): ((socket: Socket) => void) => {
  const server = createServer(listener);
  return (socket) => server.emit('connection', socket);
};
