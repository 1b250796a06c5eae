import type http from 'node:http';

/** The names that programs on this machine use for it. */
const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]'] as const;

export const localHosts = (...others: readonly string[]): ReadonlySet<string> =>
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
export const isHostAllowed = (
  hosts: ReadonlySet<string>,
  { headersDistinct }: http.IncomingMessage,
): boolean =>
  (headersDistinct['host'] ?? []).every((host) => {
    const name = HOST.exec(host.trim())?.[1]?.toLowerCase();
    return name === '' || (name !== undefined && hosts.has(name));
  });

export const misdirected = (hosts: ReadonlySet<string>): string =>
  `this server is called ${[...hosts].join(', ')}: use one of these names`;
