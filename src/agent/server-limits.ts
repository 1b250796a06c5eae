import type http from 'node:http';

/*
 * What a client can cost a server of the agent: connections, time and bytes. What Node limits in the
 * same way is left to Node.
 */

/** Open connections of one server. A further one closes the connection that was idle longest. */
export const MAX_CONNECTIONS = 64;

/** Bytes in the body of a request; only that of a drill has one. */
export const MAX_BODY = 4096;

/**
 * Of all connections of a server together, in bytes that wait to be written. The report of 5,000
 * untracked containers has 13 MB.
 */
export const MAX_WAITING = 32 * 1024 * 1024;

/** Node's own limits, in milliseconds and bytes. */
export const SERVER_OPTIONS: http.ServerOptions = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  // On localhost, a browser also sends the cookies of every other site there.
  maxHeaderSize: 16_384,
  // `isHostAllowed` accepts a request without one.
  requireHostHeader: false,
};

/** How long a connection may carry nothing, as where a client does not read its answer. */
export const MAX_SILENCE_MILLISECONDS = 10_000;

/** How long a TLS handshake may take. */
export const MAX_HANDSHAKE_MILLISECONDS = 5000;

/** How long a refused connection stays open for what its client still sends. */
export const LINGER_MILLISECONDS = 500;
