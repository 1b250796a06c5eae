import { Agent, request } from 'node:http';

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
export function parseExchange(text: string): Exchange {
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
