import type { RepLog } from '../model/answers.ts';
import { leastSettleOf } from '../model/finding.ts';
import type { ByteString } from '../model/ids.ts';
import type { ContainerReport } from '../model/report.ts';
import type { ContainerView } from '../model/report-view.ts';
import { oneLine, textOfBytes } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { adviceBlocks } from './advice/advice-blocks.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import { containerFacts, processTables, toneOf } from './containers.ts';
import {
  aged,
  code,
  commands,
  facts,
  heading,
  note,
  omittedNote,
  sentence,
  table,
  type Block,
  type Blocks,
  type Fact,
  type Span,
  type Text,
} from './document/blocks.ts';
import { eventsTable } from './events-document.ts';
import { boundedProperties, commandOfWhose, containerOf, type Explained } from './explain.ts';
import { ledgersOf } from './ledgers.ts';
import { controllerText, isPlainName } from './names.ts';
import { plural } from './quantities.ts';

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

/**
 * What is known about one container. What is wrong and what to do come first, and fit a terminal of
 * 80 × 24; whose it is and what runs in it follow.
 */
export function explainDocument(
  explained: Explained,
  { takenAt, silentAgent, all }: ExplainOptions,
): readonly Blocks[] {
  const container = containerOf(explained);
  const { status, reason, severity } = container;
  const state = [status, reason, severity].filter((word) => word !== null).join(', ');
  return [
    [
      sentence([`${state}: `, code(container.handle)], toneOf(container)),
      sentence(container.sentence),
      nextBlocks(explained, container),
    ],
    ...whoseGroups(container, explained, { takenAt, all }),
    ...(all ? otherEvidence(explained, takenAt) : []),
    whereMoreIs(container, all),
    silentAgent !== null &&
      note(
        `This answer lacks what the agent remembers about the container. ${oneLine(silentAgent, 600)}`,
      ),
    whereStepsAre(container),
  ];
}

/** At least the default grace period of an agent, after which most differences have ended. */
const MIN_SETTLE_SECONDS = 30;

/** What pending means, when to look again, and meanwhile who may know whose it is. */
function lookAgain(container: ContainerReport, repLog: RepLog | null): Blocks {
  const { handle, reason } = container;
  const seconds =
    reason === null ? null : Math.max(MIN_SETTLE_SECONDS, leastSettleOf(reason) / 1000);
  const explain = `${TYPED_ON_CELL} explain ${handle}`;
  const [advice, command] =
    seconds === null
      ? ['Look again in a minute.', explain]
      : [
          `Look again in ${seconds} s; this command waits for that long:`,
          `${explain} --settle ${seconds}s`,
        ];
  return [
    sentence(`→ Pending: this may end by itself, so no alert fires. ${advice}`),
    commands([isPlainName(handle) ? command : null, commandOfWhose(container, repLog)]),
  ];
}

/** What to do about a finding, or about a pending one when to look again. */
const nextBlocks = (
  { container, repLog }: Explained,
  { advice, status }: ContainerView,
): Blocks => [
  status === 'pending' && lookAgain(container, repLog),
  advice !== null && adviceBlocks(advice),
];

/** A small terminal shows the end alone. */
const whereStepsAre = ({ advice }: ContainerView): Blocks =>
  advice !== null &&
  note(`What to do stands at the top, in ${plural(advice.steps.length, 'step')}.`);

/** Whose it is, and what runs in it: by this a person decides. */
const whoseGroups = (
  container: ContainerView,
  explained: Explained,
  { takenAt, all }: Pick<ExplainOptions, 'takenAt' | 'all'>,
): readonly Blocks[] => [
  facts(
    containerFacts(container, {
      primary: null,
      since: sinceText(container, explained, takenAt),
      loggedApp: explained.repLog?.appId ?? null,
    }).filter((fact) => fact !== false && (all || isWorthALine(fact))),
  ),
  processTables(container, 'processes', takenAt),
  whatRepSays(explained.repLog, takenAt),
];

/** What a container is not, or has not, is left out; its peas have tables of their own. */
const isWorthALine = ([name, value]: Fact): boolean =>
  name !== 'peas' && value !== 'no' && value !== null;

/** The other evidence; why a container gets this reason, and how sure that is. */
function whereMoreIs({ handle, reason }: ContainerView, all: boolean): Blocks {
  if (all && reason === null) return false;
  const typed = isPlainName(handle) ? handle : ANY_HANDLE;
  return [
    note('Read more:'),
    commands([
      all ? null : `${TYPED_ON_CELL} explain ${typed} --all`,
      reason === null ? null : `${TYPED_ON_CELL} runbook ${reason}`,
    ]),
  ];
}

const otherEvidence = (explained: Explained, takenAt: string): readonly Blocks[] => [
  ...hierarchyGroups(explained.hierarchies),
  explained.ledgers !== null && ledgersOf(explained.ledgers, explained.sensors),
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
  if (since === null || sinceSource === 'own') return null;
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
        { title: 'Inode', align: 'right', cell: ({ inode }) => String(inode ?? '') },
        { title: 'Mount', fit: 'whole', cell: (one) => wholeText(one.mountPoint) },
      ],
      { id: `hierarchies-${index}`, caption: 'The hierarchies that show this cgroup' },
    ),
  ]);

const wholeText = (path: ByteString): Span => code(textOfBytes(path));

const propertyBlocks = (
  bounded: Readonly<Record<string, string>> | null,
  properties: Explained['properties'],
): Block =>
  bounded === null
    ? sentence(
        properties === null
          ? 'Garden has no properties of this container.'
          : 'Properties unknown: Garden does not list this container, or did not answer.',
      )
    : table(
        Object.entries(bounded),
        [
          { title: 'Property', fit: 'wrap', least: 20, cell: ([key]) => code(key) },
          { title: 'Value', fit: 'wrap', least: 20, cell: ([, value]) => code(value) },
        ],
        { id: 'properties', caption: 'The properties in Garden' },
      );

/** Why the container is left, or that rep's log does not name it. */
function whatRepSays(log: RepLog | null, takenAt: string): Blocks {
  if (log === null) return false;
  const { explanation, lines, since } = log;
  if (lines.length === 0)
    return sentence([
      "The part of rep's log that is still on this cell",
      since === null ? null : [', since ', aged(since, takenAt), ','],
      ' does not name the container. Diego may have created it before that.',
    ]);
  return (
    explanation !== null && [
      heading([{ text: "rep's log says why the container is left:" }]),
      repLine(explanation),
    ]
  );
}

const repLines = (log: RepLog | null): Blocks =>
  log !== null &&
  log.lines.length > 0 && [heading([{ text: "rep's log, newest first:" }]), log.lines.map(repLine)];

const repLine = ({ at, message }: RepLog['lines'][number]): Block =>
  sentence(oneLine(`${at} ${message}`, MAX_FACT));

function newestEvents(explained: Explained, takenAt: string): Blocks {
  const events = explained.events ?? [];
  if (events.length === 0) return false;
  const newest = events.slice(0, MAX_EVENTS).map((event) => ({ ...event, handle: null }));
  return [
    sentence(
      explained.agentOfCapture === null
        ? 'Events, newest first:'
        : 'Events, newest first, according to the agent in the capture:',
    ),
    eventsTable(newest, takenAt),
    omittedNote(events.length - MAX_EVENTS, ' that are older.'),
  ];
}
