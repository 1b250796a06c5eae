import type { AppIdentity, ContainerKind, Properties } from './garden.ts';

/** What Garden's properties of one container say. */
export interface ContainerProperties {
  /** Null if Garden has none, which a listed container with a live cgroup never has unless they were lost. */
  readonly properties: Properties;
  readonly kind: ContainerKind;
  readonly app: AppIdentity | null;
  /** `lost`: none, or only Garden's own `garden.*` keys. */
  readonly owner: 'present' | 'lost';
}
