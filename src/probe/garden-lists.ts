import type { GardenAnswer } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import type { ProcessInCgroups } from '../model/process.ts';
import type { Walk } from '../model/walk.ts';
import type { GardenClient } from './garden-client.ts';
import { Rereads, type PassUnderWay } from './rereads.ts';

type List = GardenAnswer<readonly Handle[]>;

/** What a pass has read before it asks. Readers return the same value while they read the same. */
export interface ReadBefore {
  readonly gardenProcesses: readonly ProcessInCgroups[];
  readonly primaryWalk: Walk | null;
}

interface Read extends ReadBefore {
  readonly created: List;
  readonly all: List;
}

/**
 * Garden's two lists in each pass. Once all listed containers are created, they stay so while the
 * same gdn lists the same ones in the same cgroups: only its restart loses their properties. So the
 * created list then takes its turn.
 */
export function gardenLists(
  garden: Pick<GardenClient, 'list' | 'listCreated'>,
  pass: PassUnderWay,
) {
  const rereads = new Rereads<'created'>(pass);
  let all: List | null = null;
  let read: Read | null = null;
  return {
    all: async (): Promise<List> => (all = await garden.list()),
    created: async ({ gardenProcesses, primaryWalk }: ReadBefore): Promise<List> => {
      if (
        read?.all === all &&
        read.gardenProcesses === gardenProcesses &&
        !rereads.isDue('created') &&
        holdsAll(read) &&
        areSameCgroups(read.primaryWalk, primaryWalk)
      )
        return read.created;
      const created = await garden.listCreated();
      rereads.wasRead('created', created !== read?.created);
      read = all === null ? null : { created, all, gardenProcesses, primaryWalk };
      return created;
    },
  };
}

/** With any processes. */
function areSameCgroups(a: Walk | null, b: Walk | null): boolean {
  if (a === b) return true;
  if (a?.kind !== 'read' || b?.kind !== 'read') return false;
  const inodes = new Set(a.directories.map(({ inode }) => inode));
  return (
    a.controller === b.controller &&
    a.directories.length === b.directories.length &&
    b.directories.every(({ inode }) => inodes.has(inode))
  );
}

function holdsAll({ created, all }: Read): boolean {
  if (created.kind !== 'answered' || all.kind !== 'answered') return false;
  const handles = new Set(created.value);
  return all.value.every((handle) => handles.has(handle));
}
