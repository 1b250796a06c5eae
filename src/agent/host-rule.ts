import type http from 'node:http';

/** The host names that a server accepts; `any` where clients prove who they are. */
export type HostRule = ReadonlySet<string> | 'any';

/** The names that programs on this machine use for it. */
const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]'] as const;

export const localHosts = (...others: readonly string[]): HostRule =>
  new Set<string>([...LOCAL_HOSTS, ...others]);

/** An address as it appears in a URL. */
export const hostOfAddress = (address: string): string =>
  address.includes(':') ? `[${address}]` : address;

const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/**
 * Whether a request names a host that the server accepts, whatever the port. The page of another
 * site can make its own name resolve to 127.0.0.1 (DNS rebinding), and the browser then treats our
 * answers as that site's. A browser always sends that name; only a simple client sends none.
 */
export const isHostAllowed = (rule: HostRule, { headersDistinct }: http.IncomingMessage): boolean =>
  rule === 'any' ||
  (headersDistinct['host'] ?? []).every((host) => {
    const name = HOST.exec(host.trim())?.[1]?.toLowerCase();
    return name === '' || (name !== undefined && rule.has(name));
  });

export const misdirected = (rule: HostRule): string =>
  rule === 'any' ? '' : `this server is called ${[...rule].join(', ')}: use one of these names`;
