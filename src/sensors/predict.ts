import type { ByteString, Handle } from '../model/ids.ts';
import type { MountTable } from '../model/mount.ts';
import { pathIn } from '../model/process.ts';
import type {
  Gap,
  SensorPrediction,
  SensorProcess,
  Sight,
  SightCounts,
  TakenMount,
} from '../model/sensor.ts';
import type { MountInputs } from '../model/snapshot.ts';
import { textOfBytes } from '../model/text.ts';
import {
  FALCO_ID_LENGTH,
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from './container-ids.ts';
import {
  eventPaths,
  falcoScan,
  lacksControllers,
  scanOfAll,
  type FalcoScan,
} from './falco-paths.ts';
import type { RunningContainer, SensedCell } from './sensed-cell.ts';
import { isYounger, mountAges } from './mount-age.ts';
import { whySentence } from './sentences.ts';
import { tableView, takenMount, type MountAnswer, type TableView } from './taken-mount.ts';
import type { ContainerRule, ToolVersions } from './tools.ts';

/** One range of versions and what it would see. */
export interface Predicted {
  readonly versions: ToolVersions;
  readonly prediction: SensorPrediction;
  /** Why, in a sentence. */
  readonly why: string;
}

/**
 * What each of these versions of tools would see of the cell, in the same order.
 * @param sensor the running process of their tool; null: as if each started now, in the mount
 * namespace of the cell
 */
export function predict(
  tools: readonly ToolVersions[],
  cell: SensedCell,
  sensor: SensorProcess | null,
): readonly Predicted[] {
  const walks = tools.some(({ rule }) => rule.kind === 'cgroup-walk');
  const ages = mountAges(sensor, cell);
  const table = walks ? tableOf(sensor, cell.mounts) : null;
  const view = table === null ? null : tableView(ages.olderIn(table), cell.mounts);
  const { mounts } = cell;
  const atStart = { ...cell, mounts: { ...mounts, cellTable: ages.olderIn(mounts.cellTable) } };
  return tools.map((versions) => {
    const predicted = predictByRule(versions.rule, { cell: atStart, sensor, view });
    const prediction =
      predicted.kind === 'predicted'
        ? { ...predicted, taken: ages.marked(predicted.taken) }
        : predicted;
    return { versions, prediction, why: whySentence(versions, prediction) };
  });
}

interface Prospect {
  readonly cell: SensedCell;
  readonly sensor: SensorProcess | null;
  /** Null: the sensor's own mount table cannot be read, or no rule needs one. */
  readonly view: TableView | null;
}

function predictByRule(rule: ContainerRule, { cell, sensor, view }: Prospect): SensorPrediction {
  const predicted = (
    see: (container: RunningContainer) => Sight,
    taken: TakenMount = { kind: 'none' },
  ): SensorPrediction => {
    const sights = new Map(cell.containers.map((one) => [one.handle, see(one)] as const));
    return { kind: 'predicted', taken, sights, counts: countSights(sights.values()) };
  };
  const isNew = (container: RunningContainer): boolean =>
    sensor !== null && isYounger(container, sensor);
  switch (rule.kind) {
    case 'cgroup-walk': {
      if (view === null) return { kind: 'unknown', why: 'its own mount table cannot be read' };
      const answer = takenMount(rule.rule, view);
      if (answer.kind === 'unknown') return answer;
      return predicted(
        (container) => sightByWalk(container, { rule, answer, isNew: isNew(container) }),
        answer.taken,
      );
    }
    case 'process-cgroups': {
      const scan = falcoScan(rule.scan, cell);
      return predicted(
        (container) => sightByLines(container, cell, isNew(container) ? null : scan),
        scan.taken,
      );
    }
    case 'host-alone':
      return predicted(({ membership }) => (membership === null ? UNREAD : missed(OF_HOST, false)));
    case 'docker-ids':
      return predicted(sightByDockerId);
    case 'containerd-api':
      if (sensor !== null && !rule.isFixed) {
        return {
          kind: 'unknown',
          why: 'its flags and environment decide which containerd it asks, and rollcall cannot read that environment',
        };
      }
      return predicted(() =>
        missed(`it asks containerd in ${rule.namespaces}, not garden`, rule.isFixed),
      );
    case 'garden-list':
      return predicted((container) => sightByGarden(container, sensor !== null));
    case 'not-known':
      return { kind: 'unknown', why: rule.why };
  }
}

/** The table that decides: the running sensor's own. */
function tableOf(sensor: SensorProcess | null, { cellTable }: MountInputs): MountTable | null {
  if (sensor === null || sensor.table === 'cell') return cellTable;
  return sensor.table;
}

const missed = (why: string, isKnownLimit: boolean): Sight => ({
  kind: 'missed',
  why,
  isKnownLimit,
});
const UNREAD: Sight = { kind: 'unknown', why: 'the cgroups of their processes could not be read' };

/** @param isOfHandle whether the id that a tool gave is the handle, or the beginning of it */
const named = (id: string, handle: Handle, isOfHandle: boolean): Sight =>
  isOfHandle
    ? { kind: 'seen', id, isPart: id !== handle }
    : { kind: 'misnamed', id, isPart: endsWithBeginning(id, handle) };

/** `good/8a37cb6`: an id that the names of rollcall contain, too. */
function endsWithBeginning(id: string, handle: Handle): boolean {
  const [, part = ''] = /^(?:good|bad|garden)\/(.+)$/.exec(id) ?? [];
  return part !== '' && handle.startsWith(part);
}

interface Walk {
  readonly rule: Extract<ContainerRule, { kind: 'cgroup-walk' }>;
  readonly answer: Extract<MountAnswer, { kind: 'taken' }>;
  /** The container came as an event, which has its path from the top whatever the mount. */
  readonly isNew: boolean;
}

function sightByWalk(
  { handle, membership }: RunningContainer,
  { rule, answer, isNew }: Walk,
): Sight {
  const idOf = rule.knowsGarden ? traceeId : traceeIdBefore19;
  const path = pathIn(membership, answer.controller);
  if (path === undefined) return UNREAD;
  const found = isNew ? [path] : answer.found(path);
  const [id] = found.flatMap((one) => idOf(textOfBytes(one)) ?? []);
  if (id !== undefined) return named(id, handle, id === handle);
  if (!rule.knowsGarden) return missed('only ids of 64 hexadecimal digits count', false);
  return traceeId(textOfBytes(path)) === null
    ? missed('no component of the path has the form of an id', true)
    : missed('no directory below that mount is named after the handle', false);
}

/** @param isRunning its configuration decides whether it asks Garden at all */
function sightByGarden(
  { handle, isListed, isCreated }: RunningContainer,
  isRunning: boolean,
): Sight {
  if (!isListed) return missed("Garden's list lacks them", true);
  if (isCreated === false)
    return missed(
      'their state in Garden is not created, and it asks only for created containers',
      true,
    );
  if (isCreated === null) return { kind: 'unknown', why: 'Garden did not give their state' };
  return isRunning ? UNKNOWN_CONFIGURATION : named(handle, handle, true);
}

const UNKNOWN_CONFIGURATION: Sight = {
  kind: 'unknown',
  why: 'its configuration decides whether it asks Garden (cloud_foundry, garden.sock), and rollcall cannot read that',
};

/** @param scan null: the container came as a kernel event */
function sightByLines(
  container: RunningContainer,
  cell: SensedCell,
  scan: FalcoScan | null,
): Sight {
  const { handle, membership } = container;
  if (membership === null) return UNREAD;
  const paths = scan === null ? eventPaths(container, cell) : scan.pathsOf(container);
  if (paths === null) return UNREAD;
  const id = firstFalcoId(paths);
  if (id !== undefined) return named(id, handle, id === handle.slice(0, FALCO_ID_LENGTH));
  const isOfMount = scan !== null && firstFalcoId(scanOfAll(container, cell) ?? []) !== undefined;
  if (isOfMount) return missed('the mount that its scan takes does not show their cgroups', false);
  const lacks = paths.length === 0 || lacksControllers(container, scan === null ? 'event' : 'scan');
  return missed(lacks ? WITHOUT_CONTROLLERS : OF_HOST, true);
}

const OF_HOST = 'it attributes the processes to the host';
/** A real gdn gives each cgroup all controllers that the cell has. */
const WITHOUT_CONTROLLERS = `${OF_HOST}, because their cgroups have none of the controllers that it reads`;

const firstFalcoId = (paths: readonly ByteString[]): string | undefined =>
  paths.flatMap((path) => falcoId(textOfBytes(path)) ?? [])[0];

function sightByDockerId({ handle, membership }: RunningContainer): Sight {
  if (membership === null) return UNREAD;
  const [id] = Object.values(membership).flatMap((path) => tetragonId(textOfBytes(path)) ?? []);
  return id === undefined
    ? missed('it finds no id for any process of a Garden container', true)
    : named(id, handle, handle.startsWith(id));
}

function countSights(sights: Iterable<Sight>): SightCounts {
  const counts = { seen: 0, missed: 0, misnamed: 0, unknown: 0, knownLimits: 0 };
  for (const sight of sights) {
    counts[sight.kind] += 1;
    if (sight.kind === 'missed' && sight.isKnownLimit) counts.knownLimits += 1;
  }
  return counts;
}

/**
 * Whether it misses a container that another version, flag or mount would let it see, or sees none
 * at all under its own name; null if unknown.
 */
export function isBlind(prediction: SensorPrediction): boolean | null {
  if (prediction.kind !== 'predicted') return null;
  const { missed: all, knownLimits, unknown } = prediction.counts;
  if (all > knownLimits || seesNone(prediction)) return true;
  return unknown > 0 ? null : false;
}

/** Containers run, and it certainly sees none of them under its own name. */
export const seesNone = (prediction: SensorPrediction): boolean =>
  prediction.kind === 'predicted' &&
  prediction.sights.size > 0 &&
  prediction.counts.seen + prediction.counts.unknown === 0;

/** In which way a sensor does not lead to a container's name; null: it has the whole handle. */
export function gapOf(sight: Sight): Gap | null {
  switch (sight.kind) {
    case 'missed':
      return sight.isKnownLimit ? 'limited' : 'missed';
    case 'misnamed':
      return sight.isPart ? 'unnamed' : 'misnamed';
    case 'seen':
      return sight.isPart ? 'unnamed' : null;
    case 'unknown':
      return 'unknown';
    default:
      return sight satisfies never;
  }
}

export const gapKinds = (prediction: SensorPrediction): readonly Gap[] =>
  prediction.kind === 'unknown'
    ? ['unknown']
    : [...prediction.sights.values()].flatMap((sight) => gapOf(sight) ?? []);
