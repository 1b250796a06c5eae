/** The agent's configuration with every default filled in. */
export interface AgentConfig {
  readonly garden: { readonly socketPath: string; readonly timeoutSeconds: number };
  readonly reconcile: { readonly intervalSeconds: number; readonly gracePeriodSeconds: number };
  readonly metrics: {
    readonly address: string;
    readonly port: number;
    readonly tls: TlsFiles | null;
  };
  readonly status: { readonly socketPath: string };
  readonly memory: { readonly path: string };
  readonly findings: { readonly maxSeries: number };
  readonly logging: { readonly level: LogLevel };
  readonly root: string;
}

export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** The authority of the clients' certificates: nobody without one is answered. */
  readonly caPath: string;
}

/** lager's levels (lager models.go): there is no warn. */
export const LOG_LEVELS = ['debug', 'info', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
