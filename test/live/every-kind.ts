import type { Cell } from '../../tools/demo-cell/cell/cell.ts';

export const APP = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
export const PRIVILEGED = 'c0ffee00-1234-4567-89ab-cdef';
export const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
export const HEALTH_CHECK = 'check-0b9c1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
export const OTHER = 'x';
const PEAS = ['envoy', 'liveness-healthcheck'] as const;

/** A container of every kind, as Diego would have them. */
export async function createEveryKind(cell: Cell): Promise<void> {
  await Promise.all([
    cell.create({ handle: APP, kind: 'app', peas: PEAS, app: { name: 'billing', index: 2 } }),
    cell.create({ handle: PRIVILEGED, kind: 'app', privileged: true, peas: PEAS }),
    cell.create({ handle: TASK, kind: 'task' }),
    cell.create({ handle: HEALTH_CHECK, kind: 'health-check' }),
    cell.create({ handle: OTHER, kind: 'other' }),
  ]);
}

export const ALL_TRACKED: Readonly<Record<string, string>> = Object.fromEntries(
  [APP, PRIVILEGED, TASK, HEALTH_CHECK, OTHER].map((handle) => [handle, 'tracked']),
);
