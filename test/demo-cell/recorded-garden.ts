import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GardenContainer, GardenState } from '../../src/demo-cell/garden-api.ts';
import { parseExchange, type Exchange } from './exchange.ts';
import { gardenWith } from './serving.ts';

export const MODES = ['runc', 'containerd', 'v2-containerd'] as const;
export type Mode = (typeof MODES)[number];

/** The recorded exchange whose file begins with this number. */
export function exchangeOf(recordings: string, mode: Mode, number: string): Exchange {
  const folder = join(recordings, 'garden', mode, 'http');
  const file = readdirSync(folder).find((name) => name.startsWith(`${number}-`)) ?? number;
  return parseExchange(readFileSync(join(folder, file), 'utf8'));
}

const bodyOf = (recordings: string, mode: Mode, number: string): unknown =>
  JSON.parse(exchangeOf(recordings, mode, number).response?.body ?? 'null');

const handlesOf = (recordings: string, mode: Mode, number: string): string[] =>
  (bodyOf(recordings, mode, number) as { Handles: string[] }).Handles;

interface RecordedInfo {
  readonly Properties: Record<string, string>;
  readonly ContainerPath: string;
}

/** The cell that was recorded, as far as its exchanges tell: of containers nobody asked about only the owner is known. */
export function recordedGarden(recordings: string, mode: Mode): GardenState {
  const checks = handlesOf(recordings, mode, '08');
  const created = handlesOf(recordings, mode, '05');
  const infos = new Map<string, RecordedInfo>();
  for (const number of ['11', '12', '13', '14']) {
    const { target } = exchangeOf(recordings, mode, number);
    infos.set(target.split('/')[2] ?? '', bodyOf(recordings, mode, number) as RecordedInfo);
  }
  return gardenWith(
    handlesOf(recordings, mode, '04').map((handle): GardenContainer => {
      const info = infos.get(handle);
      const owner = checks.includes(handle) ? 'executor-health-check' : 'executor';
      const properties = { ...(info?.Properties ?? { 'executor:owner': owner }) };
      delete properties['garden.state'];
      return {
        handle,
        properties,
        created: created.includes(handle),
        containerPath: info?.ContainerPath ?? '',
      };
    }),
  );
}
