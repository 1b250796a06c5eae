import { isIncomplete, type CellWarning } from '../model/cell-warning.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { LastReport } from '../model/memory.ts';
import { ownerOfPea } from '../model/peas.ts';
import { pathIn } from '../model/process.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerReport, Ignored, Report } from '../model/report.ts';
import { bytesOfText } from '../model/text.ts';
import type { ObservedState } from './observe/observe.ts';

const MAX_LEFTOVER_CGROUPS = 100;

/** The facts of this pass, or of an earlier one while nothing can be compared. */
type ReportedFacts = Pick<LastReport, 'containers' | 'unaccounted' | 'ledgers' | 'warnings'>;

/** The verdict of a pass that compared. */
export function comparedVerdict(
  containers: readonly ContainerReport[],
  warnings: readonly CellWarning[],
): Report['verdict'] {
  if (containers.some(({ status }) => status === 'untracked')) return 'untracked';
  return warnings.some(isIncomplete) ? 'unknown' : 'all-tracked';
}

export function composeReport(
  state: ObservedState,
  snapshot: Snapshot,
  { containers, unaccounted, ledgers, warnings }: ReportedFacts,
  gardenSince: string | null,
): Report {
  const { cgroups, gdn, view } = state;
  const { primary } = cgroups;
  const gdnPath = primary === null ? undefined : pathIn(gdn?.paths, primary.controller);
  const leftover = leftoverCgroupsOf(state, containers);
  return {
    takenAt: snapshot.at.wall,
    durationMilliseconds: snapshot.durationMilliseconds,
    verdict: comparedVerdict(containers, warnings),
    unknownCause: null,
    cell: {
      ...snapshot.cell,
      scopes: Object.fromEntries(
        cgroups.hierarchies.map(({ controller, scope }) => [controller, scope]),
      ),
      warnings,
    },
    cgroups: {
      mode: cgroups.mode,
      namespace: snapshot.mounts.namespace,
      primary: primary?.controller ?? null,
      hierarchies: cgroups.choices,
      anchor:
        gdn === null || gdnPath === undefined
          ? null
          : { source: gdn.source, pid: gdn.pid, path: gdnPath },
    },
    garden:
      snapshot.list.kind === 'answered'
        ? { state: 'known', listed: snapshot.list.value.length }
        : { state: 'unavailable', since: gardenSince ?? snapshot.at.wall, why: snapshot.list.why },
    containers,
    sensors: [],
    observations: [],
    live:
      [...(view?.containers.values() ?? [])].filter(({ pids }) => pids.length > 0).length +
      state.unlisted.filter(({ basis }) => basis !== null).length,
    unaccounted,
    ledgers,
    ignored: ignoredOf(state),
    leftoverCgroups: leftover.slice(0, MAX_LEFTOVER_CGROUPS),
    leftoverCgroupsOmitted: Math.max(0, leftover.length - MAX_LEFTOVER_CGROUPS),
  };
}

function ignoredOf({ unlisted, view }: ObservedState): Ignored {
  const units = (kind: string): number =>
    new Set(
      unlisted.filter((one) => one.kind === kind && one.basis === null).map(({ unit }) => unit),
    ).size;
  return {
    bpm: units('bpm'),
    docker: units('docker'),
    systemd: units('systemd'),
    'other-garden': (view?.otherGarden.length ?? 0) + units('other-garden'),
    unrecognised: units('unrecognised'),
  };
}

/** Empty directories of containers and peas that neither run nor are listed. */
function leftoverCgroupsOf(
  state: ObservedState,
  containers: readonly ContainerReport[],
): readonly ByteString[] {
  const { view, listed } = state;
  if (view === null || listed === null) return [];
  const isLeft = isLeftOf(state, containers);
  return [...view.containers.values()]
    .filter(
      ({ name, pids, peaPids, unclear }) =>
        isLeft(name) && pids.length === 0 && peaPids.length === 0 && !unclear,
    )
    .flatMap(({ directories }) => directories);
}

/**
 * Whether a name is neither listed nor runs, and is not a pea of one that is or does.
 * @param containers every container that is listed or runs
 */
export function isLeftOf(
  { listed }: ObservedState,
  containers: readonly Pick<ContainerReport, 'handle'>[],
): (name: ByteString) => boolean {
  const known = new Set([
    ...(listed?.keys() ?? []),
    ...containers.map(({ handle }) => bytesOfText(handle)),
  ]);
  const isKnown = (name: string): boolean => known.has(asByteString(name));
  return (name) => !isKnown(name) && ownerOfPea(name, isKnown) === null;
}
