import type { CellIdentity } from '../model/cell-identity.ts';
import { leastSettleOf } from '../model/finding.ts';
import { isAppOrTask } from '../model/garden.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { AccountRow } from '../model/ledger.ts';
import type { ContainerView, SensorView } from '../model/report-view.ts';
import type { ByteString } from '../model/ids.ts';
import type { ExplainView, RepLog } from '../model/answers.ts';
import type { ContainerReport } from '../model/report.ts';
import { adviceBlocks } from './advice/advice-blocks.ts';
import { adviceOn } from './advice/advice.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import { containerFacts, processTables, toneOf } from './containers.ts';
import {
  aged,
  code,
  commands,
  facts,
  heading,
  note,
  sentence,
  spansOf,
  table,
  type Block,
  type Fact,
  type Span,
  type Text,
} from './document/blocks.ts';
import { eventsTable } from './events-document.ts';
import { ledgersOf, sensorMark } from './ledgers.ts';
import { controllerText, isPlainName } from './names.ts';
import { plural } from './quantities.ts';
import { containerJson } from './report-json.ts';
import type { EventView } from '../model/agent-state.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';

const MAX_PROPERTIES = 64;
const MAX_VALUE = 1024;

/** What is known about one container beyond its entry in the report. */
export interface Explained {
  readonly container: ContainerReport;
  /** What to type for each other container of the cell that has a finding. */
  readonly otherFindings: readonly string[];
  /** The cell as BOSH names it; null outside BOSH. */
  readonly bosh: CellIdentity | null;
  readonly hierarchies: readonly {
    readonly controllers: readonly ControllerName[];
    readonly mountPoint: ByteString;
    readonly path: ByteString | null;
    readonly inode: number | null;
    readonly pids: readonly number[];
  }[];
  /** Null if the ledgers were not read. */
  readonly ledgers: AccountRow | null;
  readonly sensors: readonly SensorView[];
  /** Null if Garden has none; undefined if Garden did not say. */
  readonly properties: Readonly<Record<string, string>> | null | undefined;
  /** What the agent logged about it, newest first; null if it was not asked, or does not answer. */
  readonly events: readonly EventView[] | null;
  /** The time of the agent's report in the capture that is replayed; null: there is none. */
  readonly agentOfCapture: string | null;
  /** Null if it was not read, or cannot be. */
  readonly repLog: RepLog | null;
}

/** At least the default grace period of an agent, after which most differences have ended. */
const MIN_SETTLE_SECONDS = 30;

/** What pending means, when to look again, and meanwhile who may know whose it is. */
function lookAgain(container: ContainerReport, repLog: RepLog | null): readonly Block[] {
  const { handle, reason } = container;
  const seconds =
    reason === null ? null : Math.max(MIN_SETTLE_SECONDS, leastSettleOf(reason) / 1000);
  const explain = `${TYPED_ON_CELL} explain ${handle}`;
  const [advice, command] =
    seconds === null
      ? ['Look again in a minute.', explain]
      : [
          `A difference that lasts becomes a finding. Look again in ${seconds} s; this command waits for that long:`,
          `${explain} --settle ${seconds}s`,
        ];
  const whose = commandOfWhose(container, repLog);
  return [
    sentence(`→ Pending: this may end by itself, so no alert fires. ${advice}`),
    commands([...(isPlainName(handle) ? [command] : []), ...(whose === null ? [] : [whose])]),
  ];
}

/** What to do about a finding, or about a pending one when to look again. */
const nextBlocks = (
  { container, repLog }: Explained,
  { advice, status }: ContainerView,
): readonly Block[] => [
  ...(status === 'pending' ? lookAgain(container, repLog) : []),
  ...(advice === null ? [] : adviceBlocks(advice)),
];

/** The command that finds out more about whose container it is. Null: no command does, or it is known. */
function commandOfWhose(
  { handle, app, kind }: ContainerReport,
  repLog: RepLog | null,
): string | null {
  const id = app === null ? (repLog?.appId ?? '') : app.name === null ? (app.id ?? '') : '';
  if (isPlainName(id)) return `cf curl '/v3/apps/${id}?include=space.organization'`;
  return app === null && isPlainName(handle) && isAppOrTask(kind) && repLog === null
    ? `zgrep -l ${handle} /var/vcap/sys/log/rep/rep.stdout.log*`
    : null;
}

/** The container as in a report, with the advice of `explain`. */
const containerOf = ({ container, otherFindings, bosh, repLog }: Explained): ContainerView => ({
  ...containerJson(container, bosh),
  advice: adviceOn(container, {
    cell: bosh,
    explained: { command: commandOfWhose(container, repLog), otherFindings },
  }),
});

/** `silentAgent` as for `explainDocument`: without it, an empty list would say that nothing happened. */
export const explainJson = (explained: Explained, silentAgent: string | null): ExplainView => ({
  schemaVersion: 1,
  ...containerOf(explained),
  hierarchies: explained.hierarchies.map(({ controllers, mountPoint, path, inode, pids }) => ({
    controllers,
    mount: textOfBytes(mountPoint),
    path: path === null ? null : textOfBytes(path),
    inode,
    pids,
  })),
  ledgers: explained.ledgers,
  sensors: explained.sensors.map((sensor) => {
    const { handle, pids } = explained.container;
    return { name: sensor.name, mark: sensorMark(sensor, handle, pids > 0), seesBy: sensor.seesBy };
  }),
  properties: boundedProperties(explained.properties),
  events: explained.events ?? [],
  repLog: explained.repLog,
  agent: {
    asked: explained.agentOfCapture === null && (explained.events !== null || silentAgent !== null),
    silent: silentAgent,
    captured: explained.agentOfCapture,
  },
});

/** At most 64 properties of 1,024 characters each. */
const boundedProperties = (properties: Explained['properties']): Record<string, string> | null =>
  properties === null || properties === undefined
    ? null
    : Object.fromEntries(
        Object.entries(properties)
          .slice(0, MAX_PROPERTIES)
          .map(([key, value]) => [oneLine(key, 256), oneLine(value, MAX_VALUE)]),
      );

interface ExplainOptions {
  /** The time of the pass; ages are relative to it. */
  readonly takenAt: string;
  /** Why the agent did not answer; null if it did, or if there was nothing to ask. */
  readonly silentAgent: string | null;
  /** Whether to show the evidence that decides nothing by itself, too. */
  readonly all: boolean;
}

const MAX_EVENTS = 10;
const MAX_FACT = 300;
/** Texts that people copy are never shortened; these are bounded where they are read. */
const MAX_WHOLE = 40_000;

/**
 * What is known about one container. What is wrong and what to do come first, and fit a terminal of
 * 80 × 24; whose it is and what runs in it follow.
 */
export function explainDocument(
  explained: Explained,
  { takenAt, silentAgent, all }: ExplainOptions,
): readonly (readonly Block[])[] {
  const container = containerOf(explained);
  const { status, reason, severity } = container;
  const state = [status, reason, severity].filter((word) => word !== null).join(', ');
  return [
    [
      sentence([`${state}: `, code(container.handle, MAX_WHOLE)], toneOf(container)),
      sentence(container.sentence),
      ...nextBlocks(explained, container),
    ],
    ...whoseGroups(container, explained, { takenAt, all }),
    ...(all ? otherEvidence(explained, takenAt) : []),
    whereMoreIs(container, all),
    silentAgent === null
      ? []
      : [
          note(
            `This answer lacks what the agent remembers about the container. ${oneLine(silentAgent, 600)}`,
          ),
        ],
    whereStepsAre(container),
  ];
}

/** A small terminal shows the end alone. */
const whereStepsAre = ({ advice }: ContainerView): readonly Block[] =>
  advice === null
    ? []
    : [note(`What to do stands at the top, in ${plural(advice.steps.length, 'step')}.`)];

/** Whose it is, and what runs in it: by this a person decides. */
const whoseGroups = (
  container: ContainerView,
  explained: Explained,
  { takenAt, all }: Pick<ExplainOptions, 'takenAt' | 'all'>,
): readonly (readonly Block[])[] => [
  [
    facts(
      containerFacts(container, {
        primary: null,
        since: sinceText(container, explained, takenAt),
        loggedApp: explained.repLog?.appId ?? null,
      }).filter((fact) => all || isWorthALine(fact)),
    ),
  ],
  processTables(container, 'processes', takenAt),
  whatRepSays(explained.repLog, takenAt),
];

/** What a container is not, or has not, is left out; its peas have tables of their own. */
const isWorthALine = ([name, value]: Fact): boolean =>
  name !== 'peas' && value !== 'no' && value !== '-';

/** The other evidence; why a container gets this reason, and how sure that is. */
function whereMoreIs({ handle, reason }: ContainerView, all: boolean): readonly Block[] {
  const typed = isPlainName(handle) ? handle : ANY_HANDLE;
  const more = [
    ...(all ? [] : [`explain ${typed} --all`]),
    ...(reason === null ? [] : [`runbook ${reason}`]),
  ];
  return more.length === 0
    ? []
    : [note('Read more:'), commands(more.map((words) => `${TYPED_ON_CELL} ${words}`))];
}

const otherEvidence = (explained: Explained, takenAt: string): readonly (readonly Block[])[] => [
  ...hierarchyGroups(explained.hierarchies),
  explained.ledgers === null ? [] : [ledgersOf(explained.ledgers, explained.sensors)],
  propertyBlocks(boundedProperties(explained.properties), explained.properties),
  repLines(explained.repLog),
  newestEvents(explained, takenAt),
];

/** A check alone knows only its own start. */
function sinceText(
  { since, sinceSource }: ContainerView,
  { agentOfCapture }: Explained,
  takenAt: string,
): Text {
  if (since === null || sinceSource === 'own') return '-';
  const source = agentOfCapture === null ? '' : ', according to the agent in the capture';
  return [aged(since, takenAt), source];
}

/** Each cgroup path once and in full, with the hierarchies that show it. */
const hierarchyGroups = (hierarchies: Explained['hierarchies']): readonly (readonly Block[])[] =>
  [...Map.groupBy(hierarchies, ({ path }) => path)].map(([path, same], index) => [
    sentence(path === null ? 'missing from:' : wholeText(path)),
    table(
      same,
      [
        { title: 'Hierarchy', cell: (one) => controllerText(one.controllers.join(',')) },
        { title: 'Pids', align: 'right', cell: ({ pids }) => String(pids.length) },
        { title: 'Inode', align: 'right', cell: ({ inode }) => String(inode ?? '-') },
        { title: 'Mount', fit: 'whole', cell: (one) => wholeText(one.mountPoint) },
      ],
      { id: `hierarchies-${index}`, caption: 'The hierarchies that show this cgroup' },
    ),
  ]);

const wholeText = (path: ByteString): Span => code(textOfBytes(path), MAX_WHOLE);

function propertyBlocks(
  bounded: Readonly<Record<string, string>> | null,
  properties: Explained['properties'],
): readonly Block[] {
  if (bounded === null)
    return [
      sentence(
        properties === null
          ? 'Garden has no properties of this container.'
          : 'Properties unknown: Garden does not list this container, or did not answer.',
      ),
    ];
  return [
    table(
      Object.entries(bounded),
      [
        { title: 'Property', fit: 'wrap', least: 20, cell: ([key]) => code(key, 256) },
        { title: 'Value', fit: 'wrap', least: 20, cell: ([, value]) => code(value, MAX_VALUE) },
      ],
      { id: 'properties', caption: 'The properties in Garden' },
    ),
  ];
}

/** Why the container is left, or that rep's log does not name it. */
function whatRepSays(log: RepLog | null, takenAt: string): readonly Block[] {
  if (log === null) return [];
  const { explanation, lines, since } = log;
  if (lines.length === 0) {
    const reach: Text = since === null ? '' : [', since ', aged(since, takenAt), ','];
    return [
      sentence([
        "The part of rep's log that is still on this cell",
        ...spansOf(reach),
        ' does not name the container. Diego may have created it before that.',
      ]),
    ];
  }
  return explanation === null
    ? []
    : [heading([{ text: "rep's log says why the container is left:" }]), repLine(explanation)];
}

const repLines = (log: RepLog | null): readonly Block[] =>
  log === null || log.lines.length === 0
    ? []
    : [heading([{ text: "rep's log, newest first:" }]), ...log.lines.map(repLine)];

const repLine = ({ at, message }: RepLog['lines'][number]): Block =>
  sentence(oneLine(`${at} ${message}`, MAX_FACT));

function newestEvents(explained: Explained, takenAt: string): readonly Block[] {
  const events = explained.events ?? [];
  if (events.length === 0) return [];
  const more = events.length - MAX_EVENTS;
  const newest = events.slice(0, MAX_EVENTS).map((event) => ({ ...event, handle: null }));
  return [
    sentence(
      explained.agentOfCapture === null
        ? 'Events, newest first:'
        : 'Events, newest first, according to the agent in the capture:',
    ),
    eventsTable(newest, takenAt),
    ...(more > 0 ? [note(`and ${more} older`)] : []),
  ];
}
