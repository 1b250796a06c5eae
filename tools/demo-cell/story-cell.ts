import type { Cell } from './cell/cell.ts';
import {
  type ContainerSpec,
  guidOf,
  healthCheckHandle,
  instanceHandle,
} from './cgroups/container-spec.ts';
import { hostHierarchies } from './cgroups/hierarchies.ts';
import { isInPath } from './cell/requirements.ts';
import { SYSTEM_PATH } from './gdn/programs.ts';
import { type CellOptions, startCell } from './cell/start-cell.ts';

const app = (name: string, index: number, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  handle: instanceHandle(`${name} ${index}`),
  kind: 'app',
  app: { name, index, organizationName: 'retail', spaceName: 'shop' },
  ...more,
});

const billing = app('billing', 0, { peas: ['envoy', 'liveness-healthcheck'] });
const checkout = app('checkout', 0);
const search = app('search', 2, { throttled: true });
const proxy = app('proxy', 0, { privileged: true });

/** Apps of every kind, a task, and Garden's own health check. */
const CONTAINERS: readonly ContainerSpec[] = [
  billing,
  app('billing', 1),
  checkout,
  search,
  proxy,
  { handle: guidOf('migrate'), kind: 'task' },
  { handle: healthCheckHandle('garden'), kind: 'health-check' },
];

export const STORY_HANDLES: readonly string[] = CONTAINERS.map(({ handle }) => handle);

/** The three ways in which the story breaks its cell, with the reason to be reported. */
export const BREAKS = [
  {
    handle: billing.handle,
    reason: 'unknown-to-garden',
    what: 'billing/0 runs on, but Garden forgets it: containerd lost its metadata.',
  },
  {
    handle: checkout.handle,
    reason: 'unowned',
    what: 'checkout/0 runs on, but Garden forgets whose it is: Garden and rep crashed.',
  },
  {
    handle: search.handle,
    reason: 'no-cgroup',
    what: 'search/2 has ended, but Garden cannot remove it: the network plugin hangs.',
  },
] as const;

/** What leaks after that. */
export const LEAK = {
  handle: proxy.handle,
  what: 'Diego stops proxy/0. Garden removes the container, but not its network and its files, and reports no error.',
} as const;

/** With cgroup v1: reversed mounts, a second full set, and the containers' own at the end. */
const MISLEADING_MOUNTS = { reversed: true, tag: 'ab', containerMounts: true } as const;

/** `auto`: cgroup v2 alone if this machine mounts it. */
export async function startStoryCell(mode: CellOptions['mode']): Promise<Cell> {
  const chosen = mode === 'auto' && isUnifiedMounted() ? 'v2' : mode;
  const cell = await startCell({
    mode: chosen,
    layout: 'throttled',
    network: hasNetwork() ? 'silk' : 'host',
    ...(chosen === 'v2' ? {} : MISLEADING_MOUNTS),
    label: 'demo',
  });
  try {
    await Promise.all(CONTAINERS.map((spec) => cell.create(spec)));
    await cell.others.bpmJob('rep', 'scope');
    await cell.others.bpmJob('route_emitter', 'scope');
    return cell;
  } catch (error) {
    await cell.stop();
    throw error;
  }
}

/** Networks are made with iproute2, which a machine may lack. */
export const hasNetwork = (): boolean => isInPath('ip', SYSTEM_PATH);

/** A plugin swallows its errors. */
export async function leakOnStoryCell(cell: Cell): Promise<void> {
  await cell.setNetworkPlugin('leaks');
  await cell.destroy(LEAK.handle);
  await cell.setNetworkPlugin('works');
}

const isUnifiedMounted = (): boolean => hostHierarchies().some(({ version }) => version === 2);

export async function breakStoryCell(cell: Cell): Promise<void> {
  await cell.forget(billing.handle);
  await cell.loseOwner(checkout.handle);
  await cell.stickInDestroy(search.handle);
}
