import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { startListening, type ListeningProgram } from './listening-program.ts';
import { ALERTMANAGER } from './programs.ts';

/** A real Alertmanager that sends every alert, and its end, to one webhook, each in a group of its own, at once. */
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
      // One of its kind: no gossip, so no second port.
      '--cluster.listen-address=',
    ],
    null,
  );
}
