import type { Handle } from '../model/ids.ts';
import type { SensorPrediction, Sight, TakenMount } from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import type { ToolVersions } from './tools.ts';

/* Predictions in words; "would", because they follow from rules. */

export const mountText = (taken: TakenMount): string | null => {
  if (taken.kind === 'none') return null;
  return taken.kind === 'own' ? 'its own' : textOfBytes(taken.mount.mountPoint);
};

export function countsText(prediction: SensorPrediction): string {
  if (prediction.kind === 'cannot-be-told') return 'unknown';
  const { seen, misnamed, unknown } = prediction.counts;
  const names = misnamed === 0 ? '' : `, ${misnamed} misnamed`;
  const unread = unknown === 0 ? '' : `, ${unknown} unknown`;
  return `${seen} of ${prediction.sights.size}${names}${unread}`;
}

/** Why these versions see what they see; "would", because it follows from rules. */
export function whySentence(versions: ToolVersions, prediction: SensorPrediction): string {
  if (prediction.kind === 'cannot-be-told') return `Unknown: ${prediction.why}.`;
  const { taken, sights, counts } = prediction;
  const parts = [
    mountPart(taken),
    ...reasonParts(sights, 'missed').map((part) => `it would miss ${part}`),
    ...misnamedParts(sights),
    ...reasonParts(sights, 'unknown').map((part) => `unknown for ${part}`),
  ];
  const said = parts.filter((part) => part !== null);
  const head =
    sights.size > 0 && counts.seen === sights.size
      ? versions.rule.kind === 'garden-list'
        ? "it would see every container, because it reads Garden's list"
        : 'it would see every container'
      : null;
  const text = [head, ...said].filter((part) => part !== null).join('; ');
  if (text === '') return `It walks ${versions.walks}.`;
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function mountPart(taken: TakenMount): string | null {
  switch (taken.kind) {
    case 'none':
      return null;
    case 'own':
      return taken.instead === null
        ? 'its rule finds no mount, so it would mount its own (which needs SYS_ADMIN)'
        : `its rule chooses ${textOfBytes(taken.instead.mountPoint)}, which is not below /sys/fs/cgroup, so it would mount its own (which needs SYS_ADMIN)`;
    case 'mount':
      return `it would use ${textOfBytes(taken.mount.mountPoint)}${whatLiesThere(taken)}`;
  }
}

/** Completes the name of the mount, unless the whole hierarchy lies there. */
function whatLiesThere({ mount, shown }: Extract<TakenMount, { kind: 'mount' }>): string {
  if (shown === null) return ', with octal escapes in its path, and find nothing there';
  if (shown !== mount)
    return `, which the ${shown.fstype} mount at ${textOfBytes(shown.mountPoint)} covers`;
  const root = mount.root ?? mount.mountPoint;
  return root === '/' ? '' : `, which shows only the cgroup ${textOfBytes(root)}`;
}

/** Why containers are missed or unknown, the most frequent reason first: `2 of 3: …`. */
function reasonParts(
  sights: ReadonlyMap<Handle, Sight>,
  kind: 'missed' | 'unknown',
): readonly string[] {
  const reasons = new Map<string, number>();
  for (const sight of sights.values()) {
    if (sight.kind !== kind) continue;
    const isKnownLimit = sight.kind === 'missed' && sight.isKnownLimit;
    const reason = `${sight.why}${isKnownLimit ? ' (a known limit)' : ''}`;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MAX_REASONS)
    .map(([reason, count]) => `${count} of ${sights.size}: ${reason}`);
}

function misnamedParts(sights: ReadonlyMap<Handle, Sight>): readonly string[] {
  const ids = [...sights.values()].flatMap((sight) =>
    sight.kind === 'misnamed' ? [sight.id] : [],
  );
  const [first] = ids;
  if (first === undefined) return [];
  return ids.every((id) => id === first) && ids.length > 1
    ? [`it would give ${ids.length} of ${sights.size} the same id: ${first}`]
    : [`it would give ${ids.length} of ${sights.size} a wrong id, such as ${first}`];
}

const MAX_REASONS = 3;
