import type { AppIdentity } from './garden.ts';

/** An event as the agent tells it. Texts are as the cell gave them: escape them on output. */
export interface EventView {
  readonly at: string;
  readonly message: string;
  readonly handle: string | null;
  readonly reason: string | null;
  readonly sentence: string;
  readonly data: unknown;
}

/** What the running agent knows of one container from before: a pass of one's own has no memory. */
export interface AgentKnowledge {
  /** Null also where the agent never knew. */
  readonly app: AppIdentity | null;
  /** Since when the agent has called it untracked; null: it does not. */
  readonly untrackedSince: string | null;
  /** Newest first. */
  readonly events: readonly EventView[];
}
