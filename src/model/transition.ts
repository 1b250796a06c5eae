import type { MountChoice } from './hierarchy.ts';
import type { Handle } from './ids.ts';
import type { OpenReport, RememberedContainer } from './memory.ts';
import type { Mount } from './mount.ts';
import type { SensorObservation } from './observation.ts';
import type { CellWarning, WarningReason } from './cell-warning.ts';
import type { ContainerReport, UnknownCause } from './report.ts';
import type { RememberedSensor, SensorReport } from './sensor.ts';

/** A change between two passes that is logged once. */
export type Transition =
  | {
      readonly kind: 'untracked';
      readonly container: ContainerReport;
      readonly remembered: RememberedContainer;
    }
  /** Untracked for another reason than the reported one. */
  | {
      readonly kind: 'changed';
      readonly container: ContainerReport;
      readonly remembered: RememberedContainer;
      readonly from: OpenReport;
    }
  | { readonly kind: 'recovered'; readonly container: ContainerReport }
  | {
      readonly kind: 'gone';
      readonly handle: Handle;
      readonly remembered: RememberedContainer;
      readonly openReport: OpenReport;
      readonly how: 'vanished' | 'rebooted';
    }
  | { readonly kind: 'garden-unavailable'; readonly since: string; readonly why: string }
  | { readonly kind: 'garden-available'; readonly since: string }
  | { readonly kind: 'could-not-tell'; readonly cause: UnknownCause }
  | { readonly kind: 'can-tell-again' }
  | { readonly kind: 'cell-warning'; readonly warning: CellWarning }
  | { readonly kind: 'cell-recovered'; readonly reason: WarningReason; readonly since: string }
  | { readonly kind: 'sensor-started'; readonly sensor: SensorReport }
  | { readonly kind: 'sensor-stopped'; readonly sensor: RememberedSensor }
  | {
      readonly kind: 'sensor-unseen';
      readonly observation: SensorObservation;
      /** Only those that were not reported before. */
      readonly handles: readonly Handle[];
    }
  | {
      readonly kind: 'sensor-silent' | 'sensor-available';
      readonly observation: SensorObservation;
    }
  | { readonly kind: 'mounts-chosen'; readonly choices: readonly MountChoice[] }
  | {
      readonly kind: 'mount-changed';
      readonly hierarchy: string;
      readonly from: Mount | null;
      readonly to: Mount | null;
      readonly why: string;
    };
