import type { Handle } from '../model/ids.ts';
import {
  SENSOR_ROWS,
  type SensorPrediction,
  type Sight,
  type TakenMount,
} from '../model/sensor.ts';
import { textOfBytes } from '../model/text.ts';
import type { ToolVersions } from './tools.ts';

/* Predictions in words; "would", because they follow from rules. */

export const mountText = (taken: TakenMount): string | null => {
  if (taken.kind === 'none') return null;
  if (taken.kind === 'mount' && taken.mayBeYounger) return null;
  return taken.kind === 'own' ? 'its own' : textOfBytes(taken.mount.mountPoint);
};

export function countsText(prediction: SensorPrediction): string {
  if (prediction.kind === 'unknown') return 'unknown';
  const { seen, misnamed, unknown } = prediction.counts;
  const names = misnamed === 0 ? '' : `, ${misnamed} misnamed`;
  const unread = unknown === 0 ? '' : `, ${unknown} unknown`;
  return `${seen} of ${prediction.sights.size}${names}${unread}`;
}

/** What these versions would do, and why. */
export function whySentence(
  { tool, rule, walks }: ToolVersions,
  prediction: SensorPrediction,
): string {
  const { title } = SENSOR_ROWS[tool];
  if (prediction.kind === 'unknown') return `No prediction for ${title}: ${prediction.why}.`;
  const { taken, sights, counts } = prediction;
  const seesAll = sights.size > 0 && counts.seen === sights.size;
  const how = rule.kind === 'garden-list' ? ", because it reads Garden's list" : '';
  const mount = mountWords(taken);
  const sentences = [
    ...(seesAll ? [`${title} would see every container${how}.`] : []),
    ...(mount === null ? [] : [`${title} would ${mount}.`]),
    ...reasonParts(sights, 'missed').map((part) => `${title} would miss ${part}.`),
    ...misnamedParts(sights).map((part) => `${title} would give ${part}.`),
    ...reasonParts(sights, 'unknown').map((part) => `Unknown for ${part}.`),
  ];
  return sentences.length === 0 ? `${title} walks ${walks}.` : sentences.join(' ');
}

/** What it would do to walk a hierarchy; null: it walks none. */
export function mountWords(taken: TakenMount): string | null {
  switch (taken.kind) {
    case 'none':
      return null;
    case 'own':
      if (taken.mayBeYounger) return 'mount its own (which needs SYS_ADMIN)';
      return taken.instead === null
        ? 'find no mount by its rule, and mount its own (which needs SYS_ADMIN)'
        : `choose ${textOfBytes(taken.instead.mountPoint)}, which is not below /sys/fs/cgroup, and so mount its own (which needs SYS_ADMIN)`;
    case 'mount':
      if (taken.mayBeYounger) return 'use a mount that may be younger than its process';
      return `use ${textOfBytes(taken.mount.mountPoint)}${whatLiesThere(taken)}`;
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

const all = ({ size }: ReadonlyMap<Handle, Sight>): string =>
  size === 1 ? '1 container' : `${size} containers`;

/** Why containers are missed or unknown, the most frequent reason first: `2 of 3 containers: …`. */
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
    .map(([reason, count]) => `${count} of ${all(sights)}: ${reason}`);
}

function misnamedParts(sights: ReadonlyMap<Handle, Sight>): readonly string[] {
  const ids = [...sights.values()].flatMap((sight) =>
    sight.kind === 'misnamed' ? [sight.id] : [],
  );
  const [first] = ids;
  if (first === undefined) return [];
  return ids.every((id) => id === first) && ids.length > 1
    ? [`${ids.length} of ${all(sights)} the same id: ${first}`]
    : [`${ids.length} of ${all(sights)} a wrong id, such as ${first}`];
}

const MAX_REASONS = 3;
