import type http from 'node:http';

/** By which names a server may be asked; `any` where clients prove who they are. */
export type HostRule = ReadonlySet<string> | 'any';

/** How programs of this machine name it. */
const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]'] as const;

export const localHosts = (...others: readonly string[]): HostRule =>
  new Set<string>([...LOCAL_HOSTS, ...others]);

/** An address as a URL has it. */
export const hostOfAddress = (address: string): string =>
  address.includes(':') ? `[${address}]` : address;

const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/**
 * Whether a request names the server as it may be named, whatever the port. The page of another
 * site can let its own name
 * lead to 127.0.0.1 (DNS rebinding): a browser then takes our answers for that site's. It sends the
 * name along, and
 * always one; only a simple client sends none.
 */
export const isAskedAsAllowed = (
  rule: HostRule,
  { headersDistinct }: http.IncomingMessage,
): boolean =>
  rule === 'any' ||
  (headersDistinct['host'] ?? []).every((host) => {
    const name = HOST.exec(host.trim())?.[1]?.toLowerCase();
    return name === '' || (name !== undefined && rule.has(name));
  });

export const misdirected = (rule: HostRule): string =>
  rule === 'any'
    ? ''
    : `this server is called ${[...rule].join(', ')}: ask it by one of these names`;
