import { countsAsUntracked } from '../model/acknowledgement.ts';
import { KnownFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { plural } from '../present/quantities.ts';
import type { Arguments } from './command-table.ts';

type Filter = Pick<Arguments<'check'>, 'reason' | 'app' | 'critical'>;

export interface ShownContainers {
  /** Everything but `containers` is still about the whole cell. */
  readonly view: ReportView;
  /** Of the shown containers alone; unknown if one more may be among them, or is undecided. */
  readonly verdict: ReportView['verdict'];
  /** Says that not all are shown, and what the exit code is about. */
  readonly notice: string;
}

/**
 * The containers that options ask for; null if none was given.
 * @throws KnownFailure HANDLE_NOT_FOUND for an app that has no container here: a misspelt name must
 * not look like "all tracked"
 */
export function shownContainers(
  view: ReportView,
  { reason, app, critical }: Filter,
): ShownContainers | null {
  if (reason === undefined && app === undefined && critical !== true) return null;
  const apps = view.containers.flatMap((one) => one.app ?? []);
  const isId = apps.some(({ id }) => id === app);
  // Where Garden has lost the name, another instance of the app may have it.
  const ids = new Set(
    apps.filter(({ id, name }) => id === app || name === app).map(({ id }) => id),
  );
  const isOfApp = ({ app: own }: ReportView['containers'][number]): boolean =>
    app === undefined || (own !== null && (own.name === app || ids.has(own.id)));
  const ofApp = view.containers.filter(isOfApp);
  if (app !== undefined && ofApp.length === 0 && view.verdict !== 'unknown') {
    throw new KnownFailure(
      'HANDLE_NOT_FOUND',
      `No container on this cell belongs to the app "${oneLine(app, 80)}": give its name or guid, as rollcall check --all lists it.`,
    );
  }
  const containers = ofApp.filter(
    (one) =>
      (reason === undefined || one.reason === reason) &&
      (critical !== true || one.severity === 'critical'),
  );
  const nameless = view.containers.filter(
    (one) =>
      !isOfApp(one) &&
      countsAsUntracked(one) &&
      (one.app === null || (one.app.name === null && !isId)),
  ).length;
  const options = [
    ...(reason === undefined ? [] : [`--reason ${reason}`]),
    ...(app === undefined ? [] : [`--app ${oneLine(app, 80)}`]),
    ...(critical === true ? ['--critical'] : []),
  ];
  return {
    view: { ...view, containers },
    verdict: containers.some(countsAsUntracked)
      ? 'untracked'
      : isWhole(view, containers) && nameless === 0
        ? 'all-tracked'
        : 'unknown',
    notice: `Shown: ${containers.length} of ${plural(view.containers.length, 'container')} (${options.join(' ')}). The exit code is about these; the verdict is about the whole cell.${nameless === 0 ? '' : ` The name of the app of ${plural(nameless, 'untracked container')} is not known: rollcall check shows all.`}`,
  };
}

/** Whether nothing that was not read or decided could be one of them; the verdict may be that of another. */
const isWhole = ({ verdict, cell }: ReportView, shown: ReportView['containers']): boolean =>
  verdict !== 'unknown' &&
  !cell.warnings.some(({ reason }) => reason === 'too-many-cgroups') &&
  !shown.some(({ explanation }) => explanation === 'undecided');
