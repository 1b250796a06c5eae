import { agentBeforeGarden } from './agent-before-garden.ts';
import { agentKilled } from './agent-killed.ts';
import { agentStops } from './agent-stops.ts';
import { withoutCgroups, withoutHostPids, withoutMountOnly } from './breaks.ts';
import { gardenComes } from './garden-comes.ts';
import { gardenForgets } from './garden-forgets.ts';
import { gardenRestarts } from './garden-restarts.ts';
import type { Step } from './step.ts';

/** In this order: each one begins where the one before has ended. */
export const STEPS: readonly Step[] = [
  agentBeforeGarden,
  gardenComes,
  gardenForgets,
  gardenRestarts,
  agentKilled,
  withoutMountOnly,
  withoutCgroups,
  withoutHostPids,
  agentStops,
];
