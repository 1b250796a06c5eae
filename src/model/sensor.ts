import type { Handle } from './ids.ts';
import { mountTable, type Mount } from './mount.ts';
import { membership, processFacts } from './process.ts';
import { choice, list, map, nullable, number, struct, union, type TypeOf } from './shape.ts';

/** The security sensors that rollcall knows, by their names in `--tool`, JSON and log. */
export const SENSOR_NAMES = [
  'tracee',
  'falco',
  'tetragon',
  'inspektor-gadget',
  'datadog',
  'datadog-system-probe',
  'kubearmor',
  'crowdstrike',
  'prisma',
  'aqua',
  'sysdig',
  'osquery',
  'wazuh',
  'clamav',
] as const;
export type SensorName = (typeof SENSOR_NAMES)[number];

/** What a cell can become: with cgroup v2, or with Garden's CPU throttling. */
export const OTHER_MODES = ['v2', 'throttled'] as const;
export type OtherMode = (typeof OTHER_MODES)[number];

/** How to recognise the processes of a sensor. Everything but the uid is a process's own claim. */
export interface SensorRow {
  /** What people call it. */
  readonly title: string;
  /** /proc/PID/comm: at most 15 bytes of the program's name. */
  readonly comms: readonly string[];
  /** For a common word: the path of the program, its unit or bpm job. Null: the name is enough. */
  readonly confirmedBy: { readonly program: RegExp; readonly unit: RegExp } | null;
  /** The real uid that it needs to work; null if it runs as a user of its own. */
  readonly uid: number | null;
}

export const SENSOR_ROWS: Readonly<Record<SensorName, SensorRow>> = {
  tracee: row('Tracee', ['tracee', 'tracee-ebpf']),
  falco: row('Falco', ['falco']),
  tetragon: row('Tetragon', ['tetragon']),
  'inspektor-gadget': row('Inspektor Gadget', ['ig', 'gadgettracerman'], {
    confirmedBy: { program: /(?:^|\/)(?:ig|gadgettracermanager)$/, unit: /^ig(?:-|$)/ },
  }),
  datadog: row('Datadog agent', ['agent', 'datadog-agent'], {
    confirmedBy: { program: /(?:datadog|dd-agent)/, unit: /^(?:datadog-agent|dd-agent)/ },
    uid: null,
  }),
  'datadog-system-probe': row('Datadog system-probe', ['system-probe']),
  kubearmor: row('KubeArmor', ['kubearmor']),
  crowdstrike: row('CrowdStrike Falcon', ['falcond', 'falcon-sensor', 'falcon-sensor-b']),
  prisma: row('Prisma Cloud (Twistlock) Defender', ['defender', 'twistlock-defen'], {
    confirmedBy: { program: /(?:twistlock|prisma|\/defender$)/, unit: /(?:twistlock|prisma)/ },
  }),
  aqua: row('Aqua Enforcer', ['slkd', 'aqua-enforcer']),
  sysdig: row('Sysdig agent', ['dragent', 'sysdig']),
  osquery: row('osquery', ['osqueryd']),
  wazuh: row('Wazuh agent', ['wazuh-agentd', 'wazuh-modulesd', 'wazuh-syscheckd'], { uid: null }),
  clamav: row('ClamAV', ['clamd', 'clamonacc'], { uid: null }),
};

function row(
  title: string,
  comms: readonly string[],
  more: Partial<Pick<SensorRow, 'confirmedBy' | 'uid'>> = {},
): SensorRow {
  return { title, comms, confirmedBy: null, uid: 0, ...more };
}

/** The process names that are worth a closer look: all that a search through /proc needs. */
export const SENSOR_COMMS: ReadonlySet<string> = new Set(
  Object.values(SENSOR_ROWS).flatMap(({ comms }) => comms),
);

/** A process named like a sensor, in the outermost pid namespace. Whether it is one: see later. */
const sensorProcess = struct({
  ...processFacts.fields,
  membership,
  /** Its own mount table: `cell` if it is the same as pid 1's; null if it could not be read. */
  table: nullable(union(choice('cell'), mountTable)),
});
export type SensorProcess = TypeOf<typeof sensorProcess>;

/** What a search through the processes found about sensors. */
export const sensorInputs = struct({
  processes: list(sensorProcess),
  /** Clock ticks since boot at which a process of each container started; empty without sensors. */
  startTicks: map(number, number),
});
export type SensorInputs = TypeOf<typeof sensorInputs>;

/** How one sensor would know one container, by its own rules. */
export type Sight =
  | { readonly kind: 'seen'; readonly id: string; readonly isPart: boolean }
  /**
   * The sensor shows an id that is neither the handle nor the beginning of it. `isPart`: it is `good/`, `bad/`
   * or `garden/` and the beginning of the handle.
   */
  | { readonly kind: 'misnamed'; readonly id: string; readonly isPart: boolean }
  | {
      readonly kind: 'missed';
      readonly why: string;
      /** No version, flag or mount changes that. */
      readonly isKnownLimit: boolean;
    }
  /** Nothing that rollcall reads decides it. */
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * The mount that a sensor uses to find containers. One that may be younger than the sensor's process
 * is named nowhere: the sensor chose when it started.
 */
export type TakenMount =
  | {
      readonly kind: 'mount';
      readonly mount: Mount;
      /** What lies at its mount point; null: nothing that the table shows. */
      readonly shown: Mount | null;
      readonly mayBeYounger: boolean;
    }
  /** It mounts a hierarchy itself (SYS_ADMIN); `instead` is what its rule took, or null. */
  | { readonly kind: 'own'; readonly instead: Mount | null; readonly mayBeYounger: boolean }
  /** The sensor uses no mount to find containers. */
  | { readonly kind: 'none' };

/** What a range of versions of a tool would see of this cell. */
export type SensorPrediction =
  | {
      readonly kind: 'predicted';
      readonly taken: TakenMount;
      readonly sights: ReadonlyMap<Handle, Sight>;
      readonly counts: SightCounts;
    }
  | { readonly kind: 'unknown'; readonly why: string };

export interface SightCounts {
  readonly seen: number;
  readonly missed: number;
  readonly misnamed: number;
  readonly unknown: number;
  /** How many of the missed containers no version, flag or mount would show. */
  readonly knownLimits: number;
}

/** Whether a sensor sees a running container under its handle. */
export const SENSOR_MARKS = ['yes', 'no', 'unknown'] as const;
export type SensorMark = (typeof SENSOR_MARKS)[number];
export type SensorMarks = ReadonlyMap<Handle, SensorMark>;

export interface SensorReport {
  readonly name: SensorName;
  /** Always null: it is not known outside the process, whose program file is not ours to read. */
  readonly version: null;
  readonly pid: number;
  readonly startTicks: number;
  readonly startedAt: string;
  readonly unit: string | null;
  /** Running containers that are older than it; null if no container could be compared. */
  readonly olderContainers: number | null;
  readonly containers: number | null;
  /** Null if nothing can be predicted; `why` says so. */
  readonly prediction: (SightCounts & { readonly mount: string | null }) | null;
  /**
   * Whether it misses one that another version, flag or mount would show it, or sees none at all;
   * null: not known.
   */
  readonly blind: boolean | null;
  /** What all versions that it can be would see; unknown where they differ. */
  readonly sees: SensorMarks;
  readonly why: string;
  readonly diagnosis: SensorDiagnosis;
}

/**
 * In which way a sensor does not lead to the name of a container: missed, by a known limit or not; an
 * id that is no part of the handle; one that is only a part; not known.
 */
export type Gap = 'missed' | 'limited' | 'misnamed' | 'unnamed' | 'unknown';

/** One thing to change. */
export interface SensorStep {
  /** A sentence. */
  readonly action: string;
  /** A command or a setting, ready to paste; null: none. */
  readonly setting: string | null;
}

/** What to change in some versions. */
export interface SensorRemedy {
  /** In words; empty: in every version that the sensor can have. */
  readonly versions: string;
  readonly steps: readonly SensorStep[];
}

/** The containers to which a sensor does not lead, for one reason. */
export interface SensorGap {
  /** A sentence. */
  readonly why: string;
  /** The ranges of versions that have it, in words; empty: every one that the sensor can have. */
  readonly versions: readonly string[];
  /** No version, flag or mount changes that. */
  readonly isKnownLimit: boolean;
  /** With the id that it gives them; null: none. */
  readonly containers: readonly { readonly handle: Handle; readonly id: string | null }[];
}

/** What is wrong with a sensor on a cell, and what to change. */
export interface SensorDiagnosis {
  /** In one sentence, also where nothing is. */
  readonly wrong: string;
  /** What to know about its version. */
  readonly notes: readonly string[];
  readonly remedies: readonly SensorRemedy[];
  /** Each reason once, known limits last. */
  readonly gaps: readonly SensorGap[];
}

/** Which sensors ran at the last search for them. */
export type RememberedSensor = Pick<SensorReport, 'name' | 'pid' | 'startTicks'>;
