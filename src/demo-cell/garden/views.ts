import { shownProperties, type GardenContainer, type GardenState } from './state.ts';
import { failure, goMap, json, unknownHandle, untypedError, type GardenReply } from './reply.ts';

/** Containers without processes: in creation, in destruction, or left by a destroy that failed. */
export type WithoutRuntime = WeakSet<GardenContainer>;

const NO_RUNC_STATE = 'runc state: runc: exit status 1: container does not exist';
const NO_RUNC_STATS = 'runC stats: runc: exit status 1: container does not exist';

const NO_INFO = {
  State: '',
  Events: null,
  HostIP: '',
  ContainerIP: '',
  ContainerIPv6: '',
  ExternalIP: '',
  ContainerPath: '',
  ProcessIDs: null,
  Properties: null,
  MappedPorts: null,
};

const MEMORY_STATS =
  'active_anon active_file cache hierarchical_memory_limit inactive_anon inactive_file mapped_file pgfault pgmajfault pgpgin pgpgout rss total_active_anon total_active_file total_cache total_inactive_anon total_inactive_file total_mapped_file total_pgfault total_pgmajfault total_pgpgin total_pgpgout total_rss total_unevictable unevictable swap hierarchical_memsw_limit total_swap TotalUsageTowardLimit anon file swapcached'.split(
    ' ',
  );

/** All zero, for known and unknown containers, because nothing here measures. */
const METRICS = {
  MemoryStat: Object.fromEntries(MEMORY_STATS.map((name) => [name, 0])),
  CPUStat: { Usage: 0, User: 0, System: 0 },
  DiskStat: {
    TotalBytesUsed: 0,
    TotalInodesUsed: 0,
    ExclusiveBytesUsed: 0,
    ExclusiveInodesUsed: 0,
  },
  NetworkStat: null,
  PidStat: { Current: 0, Max: 0 },
  Age: 0,
  CPUEntitlement: 0,
};

/** gdn answers with whatever it could decode; garbage in the property yields no mapping. */
function mappedPorts(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
}

/** `GET /containers`: every filter must match exactly; a missing property equals an empty text. */
export function list(state: GardenState, query: ReadonlyMap<string, string>): GardenReply {
  const filters = new Map(query);
  if (!filters.has('garden.state')) filters.set('garden.state', 'created');
  else if (filters.get('garden.state') === 'all') filters.delete('garden.state');
  const handles = [...state.containers.values()]
    .filter((container) => {
      const shown = new Map(Object.entries(shownProperties(container) ?? {}));
      return [...filters].every(([key, value]) => (shown.get(key) ?? '') === value);
    })
    .map(({ handle }) => handle)
    .toSorted();
  return json({ Handles: handles });
}

function infoOf(container: GardenContainer): object {
  const shown = shownProperties(container);
  const network = (key: string): string => shown?.[`garden.network.${key}`] ?? '';
  return {
    State: 'active', // also when its init is dead
    Events: null,
    HostIP: network('host-ip'),
    ContainerIP: network('container-ip'),
    ContainerIPv6: network('container-ipv6'),
    ExternalIP: network('external-ip'),
    ContainerPath: container.containerPath ?? '',
    ProcessIDs: null,
    Properties: shown === null ? null : goMap(Object.entries(shown)),
    MappedPorts: mappedPorts(shown?.['garden.network.mapped-ports']),
  };
}

export function info(state: GardenState, missing: WithoutRuntime, handle: string): GardenReply {
  const container = state.containers.get(handle);
  if (container === undefined) return unknownHandle(handle);
  return missing.has(container) ? failure(NO_RUNC_STATE) : json(infoOf(container));
}

/** `GET /containers/H/properties`: an unknown handle has no properties, which is not an error. */
export function properties(state: GardenState, handle: string): GardenReply {
  const shown = shownOf(state, handle);
  return json(shown === null ? null : goMap(Object.entries(shown)));
}

function shownOf(state: GardenState, handle: string): Record<string, string> | null {
  const container = state.containers.get(handle);
  return container === undefined ? null : shownProperties(container);
}

export function property(state: GardenState, handle: string, key: string): GardenReply {
  const value = new Map(Object.entries(shownOf(state, handle) ?? {})).get(key);
  return value === undefined ? failure(`property does not exist: ${key}`) : json({ value });
}

const listed = (handles: string): readonly string[] => (handles === '' ? [] : handles.split(','));

export function bulkInfo(
  state: GardenState,
  missing: WithoutRuntime,
  handles: string,
): GardenReply {
  const entryOf = (handle: string): object => {
    const container = state.containers.get(handle);
    if (container === undefined) {
      return { Info: NO_INFO, Err: untypedError(`unknown handle: ${handle}`) };
    }
    return missing.has(container)
      ? { Info: NO_INFO, Err: untypedError(NO_RUNC_STATE) }
      : { Info: infoOf(container), Err: null };
  };
  return json(goMap(listed(handles).map((handle) => [handle, entryOf(handle)])));
}

const hasMetrics = (state: GardenState, missing: WithoutRuntime, handle: string): boolean => {
  const container = state.containers.get(handle);
  return container !== undefined && !missing.has(container);
};

export function metrics(state: GardenState, missing: WithoutRuntime, handle: string): GardenReply {
  return hasMetrics(state, missing, handle) ? json(METRICS) : failure(NO_RUNC_STATS);
}

export function bulkMetrics(
  state: GardenState,
  missing: WithoutRuntime,
  handles: string,
): GardenReply {
  return json(
    goMap(
      listed(handles).map((handle) => {
        const Err = hasMetrics(state, missing, handle) ? null : untypedError(NO_RUNC_STATS);
        return [handle, { Metrics: METRICS, Err }];
      }),
    ),
  );
}

/** This cell has no limits, so this is gdn's answer if the runtime knows of none. */
export function limits(state: GardenState, handle: string): GardenReply {
  return state.containers.has(handle) ? json({}) : unknownHandle(handle);
}
