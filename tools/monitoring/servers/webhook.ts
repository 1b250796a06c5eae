import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { Arrivals } from '../../arrivals.ts';
import { serveLocally } from '../../local-server.ts';

const strings = v.record(v.string(), v.string());
const alertSchema = v.object({
  status: v.picklist(['firing', 'resolved']),
  labels: strings,
  annotations: strings,
});
/** Version 4 of what Alertmanager sends to a webhook. */
const messageSchema = v.object({ version: v.literal('4'), alerts: v.array(alertSchema) });

export type ArrivedAlert = Readonly<v.InferOutput<typeof alertSchema>>;

export interface Webhook {
  readonly url: string;
  /** Everything that has arrived so far. */
  readonly alerts: readonly ArrivedAlert[];
  /** Resolves with the first alert of this kind, if it has arrived or when it does. */
  until(isIt: (alert: ArrivedAlert) => boolean): Promise<ArrivedAlert>;
  stop(): Promise<void>;
}

/** Where a pager would be: takes what Alertmanager sends. */
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
