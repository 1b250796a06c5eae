import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../../../src/model/failure.ts';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import { DEPOT, has, parseOwn, SAVED_PROPERTIES } from './config.ts';
import type { GardenContainer, GardenState } from '../garden/state.ts';

/** Outlives gdn. Garden finds containers by their names in the depot; this replaces runc's state. */
export function writeRecord(record: ContainerRecord): void {
  mkdirSync(`${DEPOT}/${record.handle}`, { recursive: true });
  writeFileSync(recordFile(record.handle), JSON.stringify(record));
}

export const removeRecord = (handle: string): void => {
  rmSync(`${DEPOT}/${handle}`, { recursive: true, force: true });
};

/** @throws Error ENOENT for a container that the depot does not have */
export const readRecord = (handle: string): ContainerRecord =>
  parseOwn(readFileSync(recordFile(handle), 'utf8'), has<ContainerRecord>('handle', 'properties'));

const recordFile = (handle: string): string => `${DEPOT}/${handle}/record.json`;

type Saved = Readonly<Record<string, Pick<GardenContainer, 'properties' | 'created'>>>;

/** A graceful stop saves the properties (guardiancmd/server.go:318); a kill loses them. */
export function saveProperties(state: GardenState): void {
  const saved = Object.fromEntries(
    [...state.containers].map(([handle, { properties, created }]) => [
      handle,
      { properties, created },
    ]),
  );
  const unfinished = `${SAVED_PROPERTIES}.new`;
  writeFileSync(unfinished, JSON.stringify(saved));
  renameSync(unfinished, SAVED_PROPERTIES);
}

/** The saved properties are used only once, because a later kill must lose whatever came after. */
export function containersAtStart(): Map<string, GardenContainer> {
  mkdirSync(DEPOT, { recursive: true });
  const saved = new Map(Object.entries(takeSaved()));
  return new Map(
    readdirSync(DEPOT).map((handle) => {
      const { properties, created } = saved.get(handle) ?? { properties: null, created: false };
      return [handle, { handle, properties, created }];
    }),
  );
}

function takeSaved(): Saved {
  try {
    const saved = parseOwn(readFileSync(SAVED_PROPERTIES, 'utf8'), has<Saved>());
    rmSync(SAVED_PROPERTIES);
    return saved;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {};
    throw error;
  }
}
