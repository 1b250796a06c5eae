import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { stringify } from 'yaml';
import {
  Arrivals,
  type ListeningProgram,
  serveLocally,
  startListening,
} from '../../local-server.ts';
import { isInPath } from '../../../src/demo-cell/cell/requirements.ts';

export const ALERTMANAGER = 'prometheus-alertmanager';

/**
 * Debian's build opens this file at every start, whatever the configuration says, and exits if it
 * is missing.
 */
const ALERTMANAGER_TEMPLATE = '/usr/share/prometheus/alertmanager/default.tmpl';

/** Why no Alertmanager can be started here, in one line; null if one can. */
export function whyNoAlertmanager(): string | null {
  if (!isInPath(ALERTMANAGER)) {
    return `${ALERTMANAGER} is not installed (Debian: prometheus-alertmanager)`;
  }
  if (existsSync(ALERTMANAGER_TEMPLATE)) return null;
  return `${ALERTMANAGER} needs ${ALERTMANAGER_TEMPLATE}, which is missing`;
}

/**
 * Starts a real Alertmanager that sends every alert, and its end, to one webhook at once, each in a
 * group of its own.
 */
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

const strings = v.record(v.string(), v.string());
const alertSchema = v.object({
  status: v.picklist(['firing', 'resolved']),
  labels: strings,
  annotations: strings,
});
/** Version 4 of Alertmanager's webhook message. */
const messageSchema = v.object({ version: v.literal('4'), alerts: v.array(alertSchema) });

export type ArrivedAlert = Readonly<v.InferOutput<typeof alertSchema>>;

export interface Webhook {
  readonly url: string;
  /** Everything that has arrived so far. */
  readonly alerts: readonly ArrivedAlert[];
  /** Resolves with the first alert that matches, whether it has arrived or is yet to. */
  until(isIt: (alert: ArrivedAlert) => boolean): Promise<ArrivedAlert>;
  stop(): Promise<void>;
}

/** Stands in for a pager and receives what Alertmanager sends. */
export async function startWebhook(): Promise<Webhook> {
  const alerts = new Arrivals<ArrivedAlert>();
  const take = async (request: IncomingMessage): Promise<void> => {
    const message: unknown = JSON.parse(await text(request));
    alerts.add(...v.parse(messageSchema, message).alerts);
  };
  const { url, stop } = await serveLocally((request, response) => {
    take(request).then(
      () => response.end(),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  return {
    url,
    alerts: alerts.all,
    until: (isIt) => alerts.until(isIt),
    stop,
  };
}
