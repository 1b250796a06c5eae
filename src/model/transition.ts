import type { MountChoice } from './hierarchy.ts';
import type { Handle } from './ids.ts';
import type { RememberedContainer } from './memory.ts';
import type { Mount } from './mount.ts';
import type { ContainerReport, UnknownCause } from './report.ts';

/** A change that is told once. */
export type Transition =
  | {
      readonly kind: 'untracked';
      readonly container: ContainerReport;
      readonly remembered: RememberedContainer;
    }
  | { readonly kind: 'recovered'; readonly container: ContainerReport }
  | {
      readonly kind: 'gone';
      readonly handle: Handle;
      readonly remembered: RememberedContainer;
      readonly how: 'vanished' | 'rebooted';
    }
  | { readonly kind: 'garden-unavailable'; readonly since: string; readonly why: string }
  | { readonly kind: 'garden-available'; readonly since: string }
  | { readonly kind: 'could-not-tell'; readonly cause: UnknownCause }
  | { readonly kind: 'can-tell-again' }
  | { readonly kind: 'mounts-chosen'; readonly choices: readonly MountChoice[] }
  | {
      readonly kind: 'mount-changed';
      readonly hierarchy: string;
      readonly from: Mount | null;
      readonly to: Mount | null;
      readonly why: string;
    };
