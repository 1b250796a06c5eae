import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { plural } from '../../present/quantities.ts';
import { ofApp, type AppAnswers, type AppInstance } from './apps.ts';
import { isCompared, type CellStatus, type InstanceStatus } from '../foundation/cell-status.ts';
import type { StatusArguments } from '../cf/options.ts';
import type { FoundationStatus } from '../foundation/foundation-status.ts';

/**
 * The status of an app: the cells stay, verdict and findings are those of its instances.
 * @param unread why the cells are not known; null: they are
 * @throws KnownFailure CF_API, APP_NOT_FOUND
 */
export function appStatus(
  status: FoundationStatus,
  { apps: seen, error }: AppAnswers,
  { app, org, space }: NonNullable<StatusArguments['app']>,
  unread: string | null,
) {
  if (error !== null) {
    const said = `The Cloud Controller ${error.text}. Try again.`;
    throw new KnownFailure('CF_API', said);
  }
  const apps = seen.filter(
    ({ app: one }) =>
      one.name === app &&
      one.space === (space ?? one.space) &&
      one.organization === (org ?? one.organization),
  );
  if (apps.length === 0) {
    const where = `${space === null ? '' : ` in space ${space}`}${org === null ? '' : ` of org ${org}`}`;
    const said = `This user sees no app ${oneLine(app + where, 160)}: check cf apps.`;
    throw new KnownFailure('APP_NOT_FOUND', said);
  }
  const judge = instanceJudge(status);
  const instances = apps.flatMap((one) =>
    one.instances.map((instance) => ({ app: one.app, ...instance, ...judge(instance) })),
  );
  const untracked = status.untracked.flatMap((one) => {
    const of = apps.find(
      ({ app: { id }, instances: own }) =>
        id === one.app?.id || own.some(({ handle }) => handle === one.handle),
    );
    return of === undefined ? [] : [ofApp(one, of)];
  });
  const missing = apps.every(({ isWhole }) => isWhole)
    ? null
    : 'The Cloud Controller did not return all instances: try again, or narrow the choice with --org and --space.';
  const gaps = [unread, missing].filter((gap) => gap !== null);
  const by = Map.groupBy(instances, (one) => one.verdict);
  const complete = gaps.length === 0 && !by.has('pending') && !by.has('unknown');
  const certain = complete ? ('all-tracked' as const) : ('unknown' as const);
  const counts = [...by].map(([verdict, of]) => `${of.length} ${verdict}`).toSorted();
  return {
    ...status,
    verdict: untracked.length > 0 ? ('untracked' as const) : certain,
    why: `${[plural(instances.length, 'instance'), ...counts].join(', ').replace(',', ':')}.`,
    complete,
    app: instances,
    untracked,
    notes: [...gaps, ...status.notes],
  };
}

type Judged = Pick<InstanceStatus, 'verdict' | 'reason' | 'sensors'>;

/** Judges an instance by the counts and findings of its cell. */
function instanceJudge({ cells, untracked }: FoundationStatus) {
  // A recreated cell may have the address of the one before.
  const byHost = Map.groupBy(cells, ({ ip, verdict }) => (verdict === 'gone' ? '' : ip));
  const reasons = new Map(untracked.map((one) => [one.handle, one.reason]));
  return (instance: AppInstance): Judged => {
    const [first, second] = instance.host === '' ? [] : (byHost.get(instance.host) ?? []);
    const cell = second === undefined ? first : undefined;
    const reason = reasons.get(instance.handle ?? '') ?? null;
    const compared = cell !== undefined && isCompared(cell) ? cell : null;
    return {
      verdict: reason === null ? verdictOf(instance, compared) : 'untracked',
      reason,
      sensors: Object.fromEntries((cell?.sensors ?? []).map((one) => [one.sensor, sees(one)])),
    };
  };
}

/** @param cell null: it is not known, or was not compared */
function verdictOf({ state, handle, uptime }: AppInstance, cell: CellStatus | null) {
  if (state === 'CRASHED' || state === 'DOWN') return 'not-running';
  if (state === 'STARTING' || state === 'STOPPING') return 'pending';
  if (state !== 'RUNNING') return 'unknown';
  // A cell names only some of its findings, and older Cloud Controllers name no instance.
  const isNamed = handle !== null && cell?.untrackedOmitted === 0;
  if (cell === null || (cell.untracked !== 0 && !isNamed)) return 'unknown';
  const isNew = uptime !== null && uptime <= (cell.ageSeconds ?? Infinity);
  return cell.pending === 0 && !isNew ? 'tracked' : 'pending';
}

/** The counts of its cell tell it only where they are the same for all containers. */
function sees({ up, silent, seen, unseen, expectedUnseen }: CellStatus['sensors'][number]) {
  const isBlind = seen === 0 && expectedUnseen === 0 && (unseen ?? 0) > 0;
  if (up === false || isBlind) return false;
  return up === true && !silent && (seen ?? 0) > 0 && unseen === 0 && expectedUnseen === 0
    ? true
    : null;
}
