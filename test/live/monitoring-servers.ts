import { execa } from 'execa';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { isInPath } from '../../tools/demo-cell/cell/requirements.ts';
import { serveLocally } from '../local-server.ts';

const PROMETHEUS = 'prometheus';
const ALERTMANAGER = 'prometheus-alertmanager';

/** Debian's build opens this file at every start, and exits if it is missing. */
const ALERTMANAGER_TEMPLATE = '/usr/share/prometheus/alertmanager/default.tmpl';

/** Why no Prometheus can be started here, in one line; null if one can. */
export const whyNoPrometheus = (): string | null =>
  isInPath(PROMETHEUS) ? null : `${PROMETHEUS} is not installed (Debian: prometheus)`;

/** Why no Alertmanager can be started here, in one line; null if one can. */
export function whyNoAlertmanager(): string | null {
  if (!isInPath(ALERTMANAGER)) {
    return `${ALERTMANAGER} is not installed (Debian: prometheus-alertmanager)`;
  }
  if (existsSync(ALERTMANAGER_TEMPLATE)) return null;
  return `${ALERTMANAGER} needs ${ALERTMANAGER_TEMPLATE}, which is missing`;
}

interface PrometheusOptions {
  /** Holds its configuration and its data; the caller removes it. */
  readonly folder: string;
  /** The name of the scrape job, which becomes the label `job`. */
  readonly job: string;
  readonly targets: readonly {
    /** host:port */
    readonly address: string;
    /** The labels that service discovery would add. */
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly ruleFiles: readonly string[];
  /** The base URL that receives alerts. */
  readonly alertmanager: string;
  /** Between two scrapes, and between two evaluations of rules without an interval of their own. */
  readonly intervalSeconds: number;
}

/** Starts a real Prometheus. */
export function startPrometheus(options: PrometheusOptions): Promise<ListeningProgram> {
  const configuration = path.join(options.folder, 'prometheus.yml');
  const data = path.join(options.folder, 'prometheus-data');
  mkdirSync(data, { recursive: true });
  writeFileSync(configuration, stringify(configurationOf(options)));
  return startListening(
    PROMETHEUS,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${data}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    'Server is ready to receive web requests',
  );
}

function configurationOf(options: PrometheusOptions): object {
  const { job, targets, ruleFiles, alertmanager } = options;
  const interval = `${options.intervalSeconds}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }],
    },
    scrape_configs: [
      {
        job_name: job,
        static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
      },
    ],
  };
}

/** A real Alertmanager that sends every alert, and its end, to one webhook at once. */
export function startAlertmanager(folder: string, webhook: string): Promise<ListeningProgram> {
  const configuration = path.join(folder, 'alertmanager.yml');
  const data = path.join(folder, 'alertmanager-data');
  mkdirSync(data, { recursive: true });
  writeFileSync(
    configuration,
    stringify({
      route: {
        receiver: 'webhook',
        group_by: ['...'],
        group_wait: '0s',
        group_interval: '1s',
        repeat_interval: '1h',
      },
      receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
    }),
  );
  return startListening(
    ALERTMANAGER,
    [
      `--config.file=${configuration}`,
      `--storage.path=${data}`,
      '--web.listen-address=127.0.0.1:0',
      // A single instance: no gossip, so no second port.
      '--cluster.listen-address=',
    ],
    null,
  );
}

/** Of version 4 of Alertmanager's webhook message. */
export interface ArrivedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Stands in for a pager and keeps what Alertmanager sends. */
export async function startWebhook() {
  const alerts: ArrivedAlert[] = [];
  const take = async (request: IncomingMessage): Promise<void> => {
    const message = (await json(request)) as { readonly alerts: readonly ArrivedAlert[] };
    alerts.push(...message.alerts);
  };
  const { url, stop } = await serveLocally((request, response) => {
    void take(request).finally(() => response.end());
  });
  return { url, alerts: alerts as readonly ArrivedAlert[], stop };
}

/** A program that serves HTTP on a port that it chose. */
interface ListeningProgram {
  readonly url: string;
  /** Sends SIGTERM and waits for the program to end. */
  readonly stop: () => Promise<void>;
}

const MAX_START_MILLISECONDS = 30_000;
const LINES_SHOWN = 5;

/** The logfmt line of Prometheus 2.53 and Alertmanager 0.28 for a port of 0. */
const LISTENS = /msg="Listening on" address=(127\.0\.0\.1:\d+)/;

/**
 * Starts a program as a child of this process, never as a service. Resolves when it listens and, if
 * `ready` is given, has written a line that contains this text.
 * @throws Error with its last lines if it ends before that, or takes longer than 30 seconds
 */
async function startListening(
  program: string,
  args: readonly string[],
  ready: string | null,
): Promise<ListeningProgram> {
  const child = execa(program, args, {
    buffer: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    forceKillAfterDelay: 5000,
  });
  const lines: string[] = [];
  const come = new Promise<string>((resolve) => {
    let address: string | null = null;
    let isReady = ready === null;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_SHOWN) lines.shift();
      address ??= LISTENS.exec(line)?.[1] ?? null;
      isReady ||= ready !== null && line.includes(ready);
      if (address !== null && isReady) resolve(address);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), MAX_START_MILLISECONDS);
  });
  const address = await Promise.race([come, child.then(() => null), late]);
  clearTimeout(timer);
  if (address !== null) return { url: `http://${address}`, stop };
  await stop();
  throw new Error(`${program} did not start:\n${lines.join('\n')}`);
}
