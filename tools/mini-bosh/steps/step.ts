import type { Stage } from '../stage.ts';

export interface Step {
  readonly title: string;
  /** @throws KnownFailure MINI_BOSH_FAILED that says what is not as it should be */
  readonly take: (stage: Stage) => Promise<void>;
}
