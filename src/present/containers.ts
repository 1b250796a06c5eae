import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import {
  aged,
  code,
  foreign,
  note,
  omittedNote,
  sentence,
  table,
  type Blocks,
  type Fact,
  type Section,
  type Span,
  type Text,
  type Tone,
} from './document/blocks.ts';
import { appText, placeText, shortHandle } from './names.ts';
import { plural } from './quantities.ts';

/** Who reads about a cell, and what of it. */
export interface Reader {
  /** All that is known of each finding, as on the page; otherwise what to do first, and where the rest is. */
  readonly isWhole: boolean;
  /** How long a check lasted; Infinity for an agent, which waits for every grace period. */
  readonly settleMilliseconds: number;
  readonly runbookUrl: string | null;
}

const NO_APP: Readonly<Record<ContainerView['kind'], string>> = {
  'app-instance': 'not known: nothing here names its app',
  task: 'not known: nothing here names its app',
  'health-check': "nobody's app: a health check",
  other: 'not known: Diego did not name it',
};

const SOURCES = {
  'policy-store': "silk's policy store, which has no names",
  memory: 'Garden in an earlier pass',
  garden: 'Garden',
} as const;

/** Longer guids and paths say nothing more of a container. */
const MAX_FACT = 300;

/** Its app with place and guid, and who says so. `loggedApp`: whose it is according to rep's log. */
function whoseText(container: ContainerView, loggedApp: string | null = null): Text {
  const { app, kind, appSource } = container;
  if (app === null)
    return loggedApp === null
      ? NO_APP[kind]
      : ['app ', code(loggedApp), ", according to rep's log"];
  return [
    foreign(appText(container) ?? 'app'),
    ' (',
    code(oneLine(app.id ?? '?', MAX_FACT)),
    '), space ',
    foreign(app.spaceName ?? app.spaceId ?? '?'),
    ', org ',
    foreign(app.organizationName ?? app.organizationId ?? '?'),
    `, according to ${SOURCES[appSource ?? 'garden']}`,
  ];
}

interface FactsOptions {
  /** The hierarchy whose cgroup is named; null: none. */
  readonly primary: string | null;
  readonly since: Text;
  readonly loggedApp?: string | null;
}

export function containerFacts(
  container: ContainerView,
  { primary, since, loggedApp = null }: FactsOptions,
): readonly (Fact | false)[] {
  const { kind, peas, privileged, throttled, cgroups } = container;
  // In a capture, a hierarchy may be called `constructor`, which every object inherits.
  const path = primary !== null && Object.hasOwn(cgroups, primary) ? cgroups[primary] : undefined;
  return [
    ['whose', whoseText(container, loggedApp)],
    ['kind', kind],
    ['since', since],
    ['processes', pidsText(container)],
    ['peas', peas.length > 0 ? foreign(peas.join(', ')) : null],
    ['privileged', privileged ? 'yes' : 'no'],
    ['throttled', throttled ? 'yes' : 'no'],
    path !== undefined && ['cgroup', code(oneLine(path, MAX_FACT))],
  ];
}

/** `0 (1 outside)`: those in its cgroup, and those that a finding names elsewhere. */
const pidsText = ({ pids, pidsOutside }: ContainerView): string =>
  pidsOutside === 0 ? String(pids) : `${pids} (${pidsOutside} outside)`;

/** The processes of a container, then those of each of its peas. */
export function processTables(
  { processes, pids, peaProcesses }: ContainerView,
  id: string,
  takenAt: string,
): Blocks {
  const shownBelow = new Set(
    peaProcesses.flatMap((one) => one.processes.map((process) => process.pid)),
  );
  const own = processes.filter(({ pid }) => !shownBelow.has(pid));
  return [
    processTable({ processes: own, pids }, { id, of: '', takenAt }),
    peaProcesses.map((one, index) => [
      sentence([
        'Pea ',
        foreign(one.pea),
        `, ${plural(one.pids, 'process', 'processes')}${omittedText(one)}:`,
      ]),
      // Each region of the page needs a name of its own, and names of peas may be alike.
      processTable(one, {
        id: `${id}-pea-${index}`,
        of: ` of pea ${index + 1} in ${id}`,
        takenAt,
      }),
    ]),
  ];
}

const omittedText = ({ processes, pids }: Pick<ContainerView, 'processes' | 'pids'>): string =>
  pids > processes.length ? `, ${processes.length} of them shown` : '';

const processTable = (
  { processes, pids }: Pick<ContainerView, 'processes' | 'pids'>,
  { id, of, takenAt }: { readonly id: string; readonly of: string; readonly takenAt: string },
): Blocks =>
  table(
    processes,
    [
      { title: 'Pid', align: 'right', cell: ({ pid }) => String(pid) },
      { title: 'Parent', align: 'right', cell: ({ parentPid }) => String(parentPid) },
      { title: 'User', align: 'right', cell: ({ uid }) => String(uid) },
      {
        title: 'Started',
        fit: 'wrap',
        least: 34,
        cell: ({ startedAt, ended }) => [aged(startedAt, takenAt), ended ? ', ended' : null],
      },
      { title: 'Command', fit: 'wrap', least: 20, cell: ({ command }) => code(command) },
    ],
    {
      id,
      caption: `Processes${of}${pids > processes.length ? ` (${processes.length} of ${pids})` : ''}`,
    },
  );

/** On a terminal, more tracked containers are only counted, so that the findings stay on the screen. */
const MAX_TRACKED = 12;
/** A cell has 250 containers; for more than four times as many, a page is not the right place. */
const MAX_ROWS = 1000;

/** All containers, the worst first, in the order of the report. */
export function containersSection(report: ReportView, { isWhole }: Reader, all: boolean): Section {
  const containers = realContainers(report);
  const tracked = containers.filter(({ status }) => status === 'tracked');
  const listsTracked = isWhole || all || tracked.length <= MAX_TRACKED;
  const rows = listsTracked ? containers : containers.filter(({ status }) => status !== 'tracked');
  const shown = isWhole ? rows.slice(0, MAX_ROWS) : rows;
  const short = shortHandle(containers);
  const handleSpan = (one: ContainerView): Span => ({ ...code(one.handle), short: short(one) });
  return {
    id: 'containers',
    title: 'All containers',
    count: containers.length,
    blocks: [
      table(
        shown,
        [
          {
            title: 'Status',
            least: 9,
            cell: (one) => ({ text: statusWord(one), tone: toneOf(one) }),
          },
          { title: 'App', least: 10, givesWay: 1, cell: (one) => foreign(appName(one)) },
          { title: 'Handle', fit: 'whole', cell: handleSpan },
          { title: 'Org / space', least: 5, givesWay: 2, cell: placeOf },
          { title: 'Pids', align: 'right', cell: pidsText },
          { title: 'Reason', least: 17, cell: ({ reason }) => reason },
        ],
        { id: 'containers-table', caption: 'All containers, worst first', named: 2 },
      ),
      !listsTracked && note(`… and ${tracked.length} tracked (--all lists them)`),
      omittedNote(rows.length - shown.length, [
        ' that are no worse: ',
        code(`${TYPED_ON_CELL} status --format json`),
        ' has all.',
      ]),
    ],
  };
}

/** The word "warning" appears, so that nobody has to distinguish colours. */
const statusWord = ({ status, severity }: ContainerView): string =>
  status === 'untracked' && severity === 'warning' ? 'warning' : status;

/** A pending difference may end before it becomes a finding, so it does not look like a warning. */
export function toneOf({
  drill,
  status,
  severity,
}: Pick<ContainerView, 'drill' | 'status' | 'severity'>): Tone {
  if (drill) return 'drill';
  if (status === 'tracked') return 'good';
  if (status === 'pending') return 'pending';
  return severity === 'critical' ? 'critical' : 'warning';
}

/** The kind, if it is not an app. */
export const appName = (container: ContainerView): string =>
  appText(container) ?? `(${container.kind})`;

/** `org / space`; null for what is no app, a question mark for an unknown name. */
function placeOf(container: ContainerView): Text {
  if (container.app === null) return null;
  return foreign(placeText(container) ?? '? / ?');
}

/** All but drills. */
export const realContainers = ({ containers }: ReportView): readonly ContainerView[] =>
  containers.filter(({ drill }) => !drill);

/** The untracked containers, without drills. */
export const untrackedOf = (report: ReportView): readonly ContainerView[] =>
  realContainers(report).filter(({ status }) => status === 'untracked');
