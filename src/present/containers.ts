import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { adviceBlocks, firstStepBlocks } from './advice/advice-blocks.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import {
  aged,
  code,
  facts,
  foreign,
  heading,
  note,
  sentence,
  table,
  type Block,
  type Fact,
  type Section,
  type Span,
  type Text,
  type Tone,
} from './document/blocks.ts';
import { appText, isPlainName, placeText, shortHandle } from './names.ts';
import { plural } from './quantities.ts';
import { runbookLink } from './reason-texts.ts';

/** The longest sentence that is shown: an agent of another release may have written it. */
export const MAX_SENTENCE = 1200;
const MAX_NAME = 60;
/** A list of more could not be worked through; the table of containers has them too. */
const MAX_FINDINGS = 50;

/** Who reads about a cell, and what of it. */
export interface Reader {
  /** All that is known of each finding, as on the page; otherwise what to do first, and where the rest is. */
  readonly isWhole: boolean;
  /** How long a check lasted; Infinity for an agent, which waits for every grace period. */
  readonly settleMilliseconds: number;
  readonly runbookUrl: string | null;
}

/** Every untracked container, the worst first, with what to do. No drill is one. */
export const untrackedSection = (report: ReportView, reader: Reader): Section =>
  findingsSection(untrackedOf(report), { id: 'untracked', title: 'Untracked' }, report, reader);

/** Differences that may become findings, or end before that. */
export const pendingSection = (report: ReportView, reader: Reader): Section =>
  findingsSection(
    report.containers.filter(({ status }) => status === 'pending'),
    { id: 'pending', title: 'Pending' },
    report,
    reader,
  );

function findingsSection(
  containers: readonly ContainerView[],
  { id, title }: Pick<Section, 'id' | 'title'>,
  { takenAt, cgroups, containers: all }: ReportView,
  reader: Reader,
): Section {
  const { isWhole } = reader;
  const short = shortHandle(all);
  // What is not a plain name stands in no command.
  const typedOf = (one: ContainerView): string =>
    isPlainName(one.handle) ? short(one) : ANY_HANDLE;
  // On a terminal, what is the same about many is said once; on the page each has its evidence.
  const groups = isWhole
    ? containers.slice(0, MAX_FINDINGS).map((one) => [one])
    : [...Map.groupBy(containers, sameText).values()];
  const more = isWhole ? containers.length - MAX_FINDINGS : 0;
  return {
    id,
    title,
    count: containers.length,
    blocks: [
      ...groups.flatMap(([first, ...others], index) =>
        first === undefined
          ? []
          : others.length > 0
            ? sharedBlocks([first, ...others], `${id}-${index}-handles`, takenAt, reader)
            : findingBlocks({ container: first, typed: typedOf(first) }, takenAt, reader, () =>
                evidenceBlocks(first, `${id}-${index}`, { takenAt, primary: cgroups.primary }),
              ),
      ),
      ...(more > 0 ? [note(`… and ${more} more, in the table of all containers.`)] : []),
    ],
  };
}

/** What is said of a finding, apart from whose it is. */
const sameText = (one: ContainerView): string =>
  JSON.stringify([titleOf(one), one.sentence, sharedAdvice(one)]);

/** For several findings: a word stands for their handles. */
const sharedAdvice = ({ advice, handle }: ContainerView): ContainerView['advice'] =>
  advice === null
    ? null
    : {
        ...advice,
        steps: advice.steps.map(({ command, ...step }) => ({
          ...step,
          command: command?.replaceAll(handle, ANY_HANDLE) ?? null,
        })),
      };

function findingBlocks(
  { container, typed }: { readonly container: ContainerView; readonly typed: string },
  takenAt: string,
  reader: Reader,
  evidence: () => readonly Block[],
): readonly Block[] {
  const { handle, reason, advice } = container;
  return [
    heading(
      [
        titleSpan(container, reader),
        code(handle),
        { ...foreign(appName(container), MAX_NAME), tone: 'quiet' },
        ...sinceSpans(container, takenAt, reader),
      ],
      toneOf(container),
    ),
    sentence(oneLine(container.sentence, MAX_SENTENCE)),
    ...(advice === null
      ? []
      : reader.isWhole
        ? adviceBlocks(advice)
        : firstStepBlocks(advice, handle, typed)),
    ...(reader.isWhole ? [...runbookHint(reason, reader), ...evidence()] : []),
  ];
}

/** Several containers about which everything said is the same. */
function sharedBlocks(
  containers: readonly [ContainerView, ...(readonly ContainerView[])],
  id: string,
  takenAt: string,
  reader: Reader,
): readonly Block[] {
  const [first] = containers;
  const advice = sharedAdvice(first);
  return [
    heading(
      [titleSpan(first, reader), { text: plural(containers.length, 'container') }],
      toneOf(first),
    ),
    sentence(oneLine(first.sentence, MAX_SENTENCE)),
    ...(advice === null ? [] : firstStepBlocks(advice, ANY_HANDLE, ANY_HANDLE)),
    table(
      containers,
      [
        { title: 'Handle', fit: 'whole', cell: ({ handle }) => code(handle) },
        { title: 'App', cell: (one) => foreign(appName(one), MAX_NAME) },
        { title: 'Since', givesWay: 1, cell: (one) => sinceSpans(one, takenAt, reader) },
      ],
      { id, caption: 'Their handles' },
    ),
  ];
}

const titleSpan = (container: ContainerView, { runbookUrl }: Reader): Span => {
  const link = container.reason === null ? null : runbookLink(runbookUrl, container.reason);
  return {
    text: titleOf(container),
    tone: toneOf(container),
    ...(link === null ? {} : { href: link }),
  };
};

/** `untracked: unowned, critical`. */
const titleOf = ({ status, reason, explanation, severity }: ContainerView): string =>
  `${status}: ${oneLine(reason ?? explanation, 40)}${severity === null ? '' : `, ${severity}`}`;

/** Where no link leads to the runbook, the command that shows its section. */
const runbookHint = (reason: string | null, { runbookUrl }: Reader): readonly Block[] =>
  runbookUrl !== null || reason === null
    ? []
    : [note([code(`${TYPED_ON_CELL} runbook ${oneLine(reason, 40)}`), ' says more about it.'])];

/** A check alone knows only its own start; the agent knows since when something differs. */
function sinceSpans(
  { since, sinceSource }: ContainerView,
  takenAt: string,
  { settleMilliseconds }: Reader,
): readonly Span[] {
  const isCheck = settleMilliseconds !== Infinity;
  if (since === null || (isCheck && sinceSource !== 'agent')) return [];
  const { text } = aged(since, takenAt);
  const source = isCheck ? ', says the agent' : '';
  return [{ text: `since ${text}${source}`, tone: 'quiet', isUnbroken: true }];
}

/** What a pass saw of a container: for a person who must find out whose it is. */
const evidenceBlocks = (
  container: ContainerView,
  id: string,
  { takenAt, primary }: { readonly takenAt: string; readonly primary: string | null },
): readonly Block[] => [
  facts(
    containerFacts(container, {
      primary,
      since: container.since === null ? '-' : aged(container.since, takenAt),
    }),
  ),
  ...processTable(container, `${id}-processes`, takenAt),
];

const NO_APP: Readonly<Record<ContainerView['kind'], string>> = {
  'app-instance': 'not known: nothing here names its app',
  task: 'not known: nothing here names its app',
  'health-check': "nobody's app: a health check",
  other: 'not known: Diego did not name it',
};

const SOURCES = {
  'policy-store': "silk's policy store, which has no names",
  agent: "the agent's memory",
  garden: 'Garden',
} as const;

/** Longer texts say nothing more of a container. */
const MAX_FACT = 300;

/** Its app with place and guid, and who says so. `loggedApp`: whose it is according to rep's log. */
function whoseText(container: ContainerView, loggedApp: string | null = null): Text {
  const { app, kind, appSource } = container;
  if (app === null)
    return loggedApp === null
      ? NO_APP[kind]
      : ['app ', code(loggedApp, MAX_FACT), ", according to rep's log"];
  const name = appText(container, MAX_FACT) ?? 'app';
  return [
    foreign(name, MAX_FACT),
    ' (',
    code(app.id ?? '?', MAX_FACT),
    '), space ',
    foreign(app.spaceName ?? app.spaceId ?? '?', MAX_FACT),
    ', org ',
    foreign(app.organizationName ?? app.organizationId ?? '?', MAX_FACT),
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
): readonly Fact[] {
  const { kind, pids, peas, privileged, throttled, cgroups } = container;
  // In a capture, a hierarchy may be called `constructor`, which every object inherits.
  const path = primary !== null && Object.hasOwn(cgroups, primary) ? cgroups[primary] : undefined;
  return [
    ['whose', whoseText(container, loggedApp)],
    ['kind', kind],
    ['since', since],
    ['processes', String(pids)],
    ['peas', peas.length === 0 ? '-' : code(peas.join(', '), MAX_FACT)],
    ['privileged', privileged ? 'yes' : 'no'],
    ['throttled', throttled ? 'yes' : 'no'],
    ...(path === undefined ? [] : [['cgroup', code(path, MAX_FACT)] as const]),
  ];
}

const MAX_COMMAND = 256;

/** Null for one without processes. */
export const processTable = (
  { processes, pids }: Pick<ContainerView, 'processes' | 'pids'>,
  id: string,
  takenAt: string,
): readonly Block[] =>
  processes.length === 0
    ? []
    : [
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
              cell: ({ startedAt, ended }) => [
                aged(startedAt, takenAt),
                ...(ended ? [', ended'] : []),
              ],
            },
            {
              title: 'Command',
              fit: 'wrap',
              least: 20,
              cell: ({ command }) => code(command, MAX_COMMAND),
            },
          ],
          {
            id,
            caption: `Processes${pids > processes.length ? ` (${processes.length} of ${pids})` : ''}`,
          },
        ),
      ];

/** Below everything that is real: a drill is not a container, and needs no action. */
export function drillSection(report: ReportView, reader: Reader): Section {
  const drills = report.containers.filter(({ drill }) => drill);
  return {
    id: 'drill',
    title: 'Drills',
    count: drills.length,
    blocks: drills
      .slice(0, MAX_FINDINGS)
      .flatMap((drill) => [
        heading(
          [
            { text: 'DRILL', tone: 'drill' },
            code(drill.handle),
            ...sinceSpans(drill, report.takenAt, reader),
          ],
          'drill',
        ),
        sentence(oneLine(drill.sentence, MAX_SENTENCE)),
      ]),
  };
}

const MAX_WARNINGS = 20;

/** What is wrong with the cell and with no container alone. */
export const warningsSection = ({ cell }: ReportView, reader: Reader): Section => ({
  id: 'warnings',
  title: 'Warnings about the cell',
  count: cell.warnings.length,
  blocks: cell.warnings.slice(0, MAX_WARNINGS).flatMap((warning) => {
    const reason = oneLine(warning.reason, 40);
    const link = runbookLink(reader.runbookUrl, reason);
    const title: Span = { text: `warning: ${reason}`, tone: 'warning' };
    return [
      heading([link === null ? title : { ...title, href: link }], 'warning'),
      sentence(oneLine(warning.sentence, MAX_SENTENCE)),
      ...(reader.isWhole ? runbookHint(reason, reader) : []),
    ];
  }),
});

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
  const more = rows.length - shown.length;
  return {
    id: 'containers',
    title: 'All containers',
    count: containers.length,
    blocks: [
      ...(shown.length === 0
        ? []
        : [
            table<ContainerView>(
              shown,
              [
                {
                  title: 'Status',
                  least: 9,
                  cell: (one) => ({ text: statusWord(one), tone: toneOf(one) }),
                },
                {
                  title: 'App',
                  least: 10,
                  givesWay: 1,
                  cell: (one) => foreign(appName(one), MAX_NAME),
                },
                { title: 'Handle', fit: 'whole', cell: handleSpan },
                {
                  title: 'Org / space',
                  least: 5,
                  givesWay: 2,
                  cell: (one) => foreign(placeOf(one), 2 * MAX_NAME + 3),
                },
                { title: 'Pids', align: 'right', cell: ({ pids }) => String(pids) },
                { title: 'Reason', least: 17, cell: ({ reason }) => oneLine(reason ?? '-', 40) },
              ],
              { id: 'containers-table', caption: 'All containers, worst first', named: 2 },
            ),
          ]),
      ...(listsTracked ? [] : [note(`… and ${tracked.length} tracked (--all lists them)`)]),
      ...(more === 0
        ? []
        : [
            note([
              `… and ${more} more that are no worse: `,
              code(`${TYPED_ON_CELL} status --format json`),
              ' has all.',
            ]),
          ]),
    ],
  };
}

/** The word "warning" appears, so that nobody has to distinguish colours. */
const statusWord = ({ status, severity }: ContainerView): string =>
  status === 'untracked' && severity === 'warning' ? 'warning' : status;

/** A pending difference may end before it becomes a finding, so it does not look like a warning. */
export function toneOf({ status, severity }: Pick<ContainerView, 'status' | 'severity'>): Tone {
  if (status === 'tracked') return 'good';
  if (status === 'pending') return 'pending';
  return severity === 'critical' ? 'critical' : 'warning';
}

/** The kind, if it is not an app. */
const appName = (container: ContainerView): string =>
  appText(container, MAX_NAME) ?? `(${container.kind})`;

/** `org / space`; a dash for what is no app, a question mark for an unknown name. */
const placeOf = (container: ContainerView): string =>
  placeText(container, MAX_NAME) ?? (container.app === null ? '-' : '? / ?');

/** All but drills. */
export const realContainers = ({ containers }: ReportView): readonly ContainerView[] =>
  containers.filter(({ drill }) => !drill);

/** The untracked containers, without drills. */
export const untrackedOf = (report: ReportView): readonly ContainerView[] =>
  realContainers(report).filter(({ status }) => status === 'untracked');
