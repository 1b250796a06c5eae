import { join } from 'node:path';
import { Agent, request } from 'node:http';
import type {
  GardenContainer,
  GardenState,
  GardenHooks,
} from '../../../src/demo-cell/garden/state.ts';
import { recordedParts } from '../../recordings.ts';
import { gardenApi, listen } from '../../../src/demo-cell/garden/api.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';

export const MODES = ['runc', 'containerd', 'v2-containerd'] as const;
export type Mode = (typeof MODES)[number];

/** The recorded exchange whose name begins with this number, as text. */
export function exchangeText(mode: Mode, number: string): string {
  const exchanges = recordedParts(`garden/${mode}/exchanges.txt`);
  const name = [...exchanges.keys()].find((one) => one.startsWith(`${number}-`)) ?? number;
  return exchanges.get(name) ?? '';
}

export const exchangeOf = (mode: Mode, number: string): Exchange =>
  parseExchange(exchangeText(mode, number));

const bodyOf = (mode: Mode, number: string): unknown =>
  JSON.parse(exchangeOf(mode, number).response?.body ?? 'null');

const handlesOf = (mode: Mode, number: string): string[] =>
  (bodyOf(mode, number) as { Handles: string[] }).Handles;

interface RecordedInfo {
  readonly Properties: Record<string, string>;
  readonly ContainerPath: string;
}

/** The cell that was recorded, as far as its exchanges tell: of containers nobody asked about only the owner is known. */
export function recordedGarden(mode: Mode): GardenState {
  const checks = handlesOf(mode, '08');
  const created = handlesOf(mode, '05');
  const infos = new Map<string, RecordedInfo>();
  for (const number of ['11', '12', '13', '14']) {
    const { target } = exchangeOf(mode, number);
    infos.set(target.split('/')[2] ?? '', bodyOf(mode, number) as RecordedInfo);
  }
  return gardenWith(
    handlesOf(mode, '04').map((handle): GardenContainer => {
      const info = infos.get(handle);
      const owner = checks.includes(handle) ? 'executor-health-check' : 'executor';
      const properties = { ...(info?.Properties ?? { 'executor:owner': owner }) };
      delete properties['garden.state'];
      return {
        handle,
        properties,
        created: created.includes(handle),
        containerPath: info?.ContainerPath ?? '',
      };
    }),
  );
}

export const gardenWith = (containers: readonly GardenContainer[]): GardenState => ({
  containers: new Map(containers.map((container) => [container.handle, container])),
  fault: { kind: 'none' },
  faultOn: 'all',
});

/** The embedded server on a socket of its own, for the time of `use`. */
export function serving<T>(
  state: GardenState,
  use: (socketPath: string) => Promise<T>,
  hooks?: GardenHooks,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const server = gardenApi(state, hooks);
    const socketPath = join(folder, 'garden.sock');
    await listen(server, socketPath);
    try {
      return await use(socketPath);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
}

/** One request and what came back over the wire; `response` is null where the connection closed without one. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly response: Response | null;
}

export interface Response {
  readonly status: number;
  /** As sent, in their order; values that change with each answer left out. */
  readonly headers: readonly string[];
  readonly body: string;
}

function headerLines(pairs: readonly (readonly [name: string, value: string])[]): string[] {
  return pairs.map(([name, value]) => (name === 'Date' ? `${name}:` : `${name}: ${value}`));
}

/** A recorded exchange: `> METHOD TARGET`, a blank line, the raw response. */
function parseExchange(text: string): Exchange {
  const [first = '', ...rest] = text.split('\n');
  const [, method = '', target = ''] = /^> (\S+) (\S+)/.exec(first) ?? [];
  const raw = rest.join('\n').replace(/^\n/, '');
  return { method, target, response: parseResponse(raw) };
}

/** A response as curl -i prints it. */
export function parseResponse(raw: string): Response | null {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [status = '', ...lines] = raw.slice(0, end).split('\r\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  return {
    status: Number(status.split(' ')[1]),
    headers: headerLines(pairs),
    body: raw.slice(end + 4),
  };
}

/** Asks as curl does, which leaves it open whether the connection is kept. */
export function ask(
  socketPath: string,
  method: string,
  target: string,
  body?: string,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: true });
    const done = (response: Response | null): void => {
      agent.destroy();
      resolve({ method, target, response });
    };
    const outgoing = request({ socketPath, agent, method, path: target }, (incoming) => {
      const pairs: [string, string][] = [];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        pairs.push([incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '']);
      }
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () =>
        done({ status: incoming.statusCode ?? 0, headers: headerLines(pairs), body: text }),
      );
      incoming.on('error', () => done(null));
    });
    outgoing.on('error', () => done(null));
    outgoing.end(body);
  });
}
