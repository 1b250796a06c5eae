import type { GardenContainer, GardenState } from '../../src/demo-cell/garden-api.ts';
import { recordedParts } from '../recordings.ts';
import { parseExchange, type Exchange } from './exchange.ts';
import { gardenWith } from './serving.ts';

export const MODES = ['runc', 'containerd', 'v2-containerd'] as const;
export type Mode = (typeof MODES)[number];

/** The recorded exchange whose name begins with this number, as text. */
export function exchangeText(mode: Mode, number: string): string {
  const exchanges = recordedParts(`garden/${mode}/exchanges.txt`);
  const name = [...exchanges.keys()].find((one) => one.startsWith(`${number}-`)) ?? number;
  return exchanges.get(name) ?? '';
}

export const exchangeOf = (mode: Mode, number: string): Exchange =>
  parseExchange(exchangeText(mode, number));

const bodyOf = (mode: Mode, number: string): unknown =>
  JSON.parse(exchangeOf(mode, number).response?.body ?? 'null');

const handlesOf = (mode: Mode, number: string): string[] =>
  (bodyOf(mode, number) as { Handles: string[] }).Handles;

interface RecordedInfo {
  readonly Properties: Record<string, string>;
  readonly ContainerPath: string;
}

/** The cell that was recorded, as far as its exchanges tell: of containers nobody asked about only the owner is known. */
export function recordedGarden(mode: Mode): GardenState {
  const checks = handlesOf(mode, '08');
  const created = handlesOf(mode, '05');
  const infos = new Map<string, RecordedInfo>();
  for (const number of ['11', '12', '13', '14']) {
    const { target } = exchangeOf(mode, number);
    infos.set(target.split('/')[2] ?? '', bodyOf(mode, number) as RecordedInfo);
  }
  return gardenWith(
    handlesOf(mode, '04').map((handle): GardenContainer => {
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
