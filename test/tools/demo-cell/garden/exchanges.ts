import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gardenApi, listen, type RemoveContainer } from '../../../../tools/demo-cell/garden/api.ts';
import type { GardenContainer, GardenState } from '../../../../tools/demo-cell/garden/state.ts';
import { recordedParts } from '../../../recordings.ts';
import { temporaryFolder } from '../../../temporary-folder.ts';
import { atEndOfTest } from '../../../at-end-of-test.ts';

export const MODES = ['runc', 'containerd', 'v2-containerd'] as const;
export type Mode = (typeof MODES)[number];

/** One request and the response to it. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly response: Response;
}

export interface Response {
  readonly status: number;
  /** As sent, in their order; values that change with each answer left out. */
  readonly headers: readonly string[];
  readonly body: string;
}

/**
 * The recorded exchange whose name begins with this number: `> METHOD TARGET`, a blank line, what
 * curl -i prints.
 */
export function exchangeOf(mode: Mode, number: string): Exchange {
  const exchanges = recordedParts(`garden/${mode}/exchanges.txt`);
  const name = [...exchanges.keys()].find((one) => one.startsWith(`${number}-`)) ?? number;
  const recorded = exchanges.get(name) ?? '';
  const [, method = '', target = ''] = /^> (\S+) (\S+)/.exec(recorded) ?? [];
  const raw = recorded.slice(recorded.indexOf('\n') + 1).replace(/^\n/, '');
  const [head = '', body = ''] = raw.split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  return {
    method,
    target,
    response: { status: Number(status.split(' ')[1]), headers: headers.map(withoutTime), body },
  };
}

const withoutTime = (header: string): string => header.replace(/^Date: .*/, 'Date:');

/**
 * The cell that was recorded, as far as its exchanges tell: of most containers only the owner is
 * known.
 */
export function recordedGarden(mode: Mode): GardenState {
  const bodyOf = (number: string): unknown => JSON.parse(exchangeOf(mode, number).response.body);
  const listedIn = (number: string) => (bodyOf(number) as { Handles: string[] }).Handles;
  const [, , asked] = exchangeOf(mode, '26').target.split('/');
  const { 'garden.state': _state, ...known } = bodyOf('26') as Record<string, string>;
  const [created, checks] = [listedIn('05'), listedIn('08')];
  return gardenWith(
    listedIn('04').map((handle): GardenContainer => {
      const owner = checks.includes(handle) ? 'executor-health-check' : 'executor';
      const properties = handle === asked ? known : { 'executor:owner': owner };
      return { handle, properties, created: created.includes(handle) };
    }),
  );
}

export const gardenWith = (containers: readonly GardenContainer[]): GardenState => ({
  containers: new Map(containers.map((container) => [container.handle, container])),
  fault: { kind: 'none' },
  faultOn: 'all',
});

export const app = (handle: string): GardenContainer => ({
  handle,
  properties: { 'executor:owner': 'executor' },
  created: true,
});

/** The socket of the embedded server until the end of the test. */
export async function served(
  state: GardenState,
  remove: RemoveContainer = () => Promise.resolve(),
): Promise<string> {
  const server = gardenApi(state, remove);
  const socketPath = join(temporaryFolder(), 'garden.sock');
  await listen(server, socketPath);
  atEndOfTest(() => {
    server.close();
    server.closeAllConnections();
  });
  return socketPath;
}

/** Asks as curl does, which leaves it open whether the connection is kept. */
export async function ask(socketPath: string, method: string, target: string): Promise<Response> {
  const agent = new Agent({ keepAlive: true });
  try {
    return await new Promise((resolve, reject) => {
      request({ socketPath, agent, method, path: target }, (incoming) => {
        const { statusCode = 0, rawHeaders } = incoming;
        const headers = rawHeaders.flatMap((name, index) =>
          index % 2 === 0 ? [withoutTime(`${name}: ${rawHeaders[index + 1]}`)] : [],
        );
        text(incoming).then((body) => resolve({ status: statusCode, headers, body }), reject);
      })
        .on('error', reject)
        .end();
    });
  } finally {
    agent.destroy();
  }
}
