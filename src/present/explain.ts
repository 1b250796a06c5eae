import type { CellIdentity } from '../model/cell-identity.ts';
import { leastSettleOf } from '../model/finding.ts';
import { isAppOrTask } from '../model/garden.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { AccountRow } from '../model/ledger.ts';
import type { AdviceView, ContainerView, SensorView } from '../model/report-view.ts';
import type { ByteString } from '../model/ids.ts';
import type { ExplainView, RepLog } from '../model/answers.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Screen } from './color.ts';
import { commandLines, hangingLines, wrapText, wrapWords } from './display-width.ts';
import { statusStyle } from './check-table.ts';
import { adviceLines } from './advice/advice-text.ts';
import { adviceOn } from './advice/advice.ts';
import { containerJson } from './report-json.ts';
import { ledgerLines, sensorMark } from './ledgers-table.ts';
import { itemTable } from './table.ts';
import { appText, controllerText, isPlainName, MAX_HANDLE } from './names.ts';
import { timeWithAge } from './quantities.ts';
import type { EventView } from '../model/agent-state.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { asTyped } from '../model/typed-as.ts';

const MAX_PROPERTIES = 64;
const MAX_VALUE = 1024;

/** What is known about one container beyond its entry in the report. */
export interface Explained {
  readonly container: ContainerReport;
  /** Of its cell; null outside BOSH. */
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

const NO_APP = {
  'app-instance': 'not known: nothing here names its app',
  task: 'not known: nothing here names its app',
  'health-check': "nobody's app: a health check",
  other: 'not known: Diego did not name it',
} as const;

/** Its app with place and guid, and who says so. */
function whoseText({ container, repLog }: Explained): string {
  const { app, kind, isAppByPolicy, isAppOfAgent } = container;
  const logged = repLog?.appId ?? null;
  if (app === null) return logged === null ? NO_APP[kind] : `app ${logged}, according to rep's log`;
  const name = appText(container, MAX_FACT) ?? 'app';
  const source =
    isAppByPolicy === true
      ? "silk's policy store, which has no names"
      : isAppOfAgent === true
        ? "the agent's memory"
        : 'Garden';
  const place = `space ${app.spaceName ?? app.spaceId ?? '?'}, org ${app.organizationName ?? app.organizationId ?? '?'}`;
  return `${name} (${app.id ?? '?'}), ${place}, according to ${source}`;
}

/** At least the default grace period of an agent, after which most differences have ended. */
const MIN_SETTLE_SECONDS = 30;

/** What pending means, and when to look again. */
function lookAgain(
  { handle, reason }: ContainerReport,
  typedAs: string,
): {
  readonly advice: string;
  readonly command: string;
} {
  const means = 'Pending: this may end by itself, so it does not count and no alert fires.';
  if (reason === null) {
    return {
      advice: `${means} Look again in a minute.`,
      command: `${typedAs} explain ${handle}`,
    };
  }
  const seconds = Math.max(MIN_SETTLE_SECONDS, leastSettleOf(reason) / 1000);
  return {
    advice: `${means} It becomes a finding if it lasts. Look again in ${seconds} s; this command waits for that long:`,
    command: `${typedAs} explain ${handle} --settle ${seconds}s`,
  };
}

/** What to do about a finding, or about a pending one when to look again. */
function nextLines(
  { container, repLog }: Explained,
  advice: AdviceView | null,
  screen: Screen,
): string[] {
  const { handle, reason, status, drill } = container;
  if (status === 'tracked' || drill) return [];
  const { columns, typedAs = 'rollcall' } = screen;
  const again = status === 'pending' ? lookAgain(container, typedAs) : null;
  const whose = commandOfWhose(container, repLog);
  const commands = [
    ...(isPlainName(handle) && again !== null ? [again.command] : []),
    ...(again !== null && whose !== null ? [whose] : []),
    ...(reason === null ? [] : [`${typedAs} runbook ${reason}`]),
  ];
  return [
    ...(again === null ? [] : wrapText(`→ ${again.advice}`, columns)),
    ...(advice === null ? [] : adviceLines(advice, screen)),
    ...commands.flatMap((command) => commandLines(command, { columns, first: '  ' })),
  ];
}

/** Finds out more about whose it is; null: nothing does, or it is known. */
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
const containerOf = ({ container, bosh, repLog }: Explained): ContainerView => ({
  ...containerJson(container, bosh),
  advice: adviceOn(container, {
    cell: bosh,
    explained: { command: commandOfWhose(container, repLog) },
  }),
});

/** `silentAgent` as for `explainText`: without it, an empty list would say that nothing happened. */
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

interface ExplainTextOptions extends Screen {
  /** The time of the pass; ages are relative to it. */
  readonly takenAt: string;
  /** Why the agent did not answer; null if it did, or if there was nothing to ask. */
  readonly silentAgent: string | null;
}

const ITEM = { first: '  ', rest: '    ' };
const MAX_EVENTS = 10;
const MAX_FACT = 300;
const MAX_WHOSE = 1000;
/** Texts that people copy are never shortened; these are bounded where they are read. */
const MAX_WHOLE = 40_000;

const titleOfProperties = (properties: Explained['properties']): string => {
  if (properties === null) return 'No properties: Garden has none for it.';
  return properties === undefined
    ? 'Properties unknown: Garden does not list it, or did not answer.'
    : 'Properties:';
};

/** Everything known about one container, for a person. */
export function explainText(explained: Explained, options: ExplainTextOptions): string {
  const { colors, columns, typedAs, takenAt, silentAgent } = options;
  const { hierarchies } = explained;
  const container = containerOf(explained);
  const { status, reason, severity } = container;
  const state = [status, reason, severity].filter((word) => word !== null).join(', ');
  const facts: readonly (readonly [string, readonly string[]])[] = [
    ['whose', factWords(whoseText(explained), MAX_WHOSE)],
    ['kind', [container.kind]],
    ['since', sinceWords(container, explained, takenAt)],
    ['processes', [String(container.pids)]],
    ['peas', factWords(container.peas.join(', ') || '-')],
    ['privileged', [container.privileged ? 'yes' : 'no']],
    ['throttled', [container.throttled ? 'yes' : 'no']],
  ];
  const lines = [
    colors.bold(oneLine(container.handle, MAX_WHOLE)),
    ...wrapText(state, columns, statusStyle(container, colors)),
    ...wrapText(asTyped(container.sentence, typedAs), columns),
    ...nextLines(explained, container.advice, options),
    '',
    ...facts.flatMap(([name, words]) =>
      hangingLines(words, { columns, first: `${name.padEnd(12)} ` }),
    ),
    '',
    ...hierarchyLines(hierarchies, { colors, columns }),
    ...(explained.ledgers === null
      ? []
      : ledgerLines(explained.ledgers, explained.sensors, options)),
  ];
  for (const { pid, parentPid, uid, startedAt, ended, command } of container.processes) {
    lines.push(
      '',
      ...wrapWords(
        [
          ...`pid ${pid}, parent ${parentPid}, uid ${uid}, started`.split(' '),
          timeWithAge(startedAt, takenAt) + (ended ? ', ended' : ''),
        ],
        columns,
      ),
      `  ${oneLine(command, 256)}`,
    );
  }
  lines.push('', ...wrapText(titleOfProperties(explained.properties), columns));
  for (const [key, value] of Object.entries(boundedProperties(explained.properties) ?? {})) {
    lines.push(...hangingLines(`${key} = ${value}`.split(' '), { columns, ...ITEM }));
  }
  lines.push(...repLogLines(explained.repLog, takenAt, columns));
  lines.push(...newestEvents(explained, takenAt, columns));
  if (silentAgent !== null) {
    const note = `This lacks what the agent remembers about it. ${oneLine(asTyped(silentAgent, typedAs), 600)}`;
    lines.push('', ...wrapText(note, columns, colors.dim));
  }
  return `${lines.join('\n')}\n`;
}

/** A check alone knows only its own start. */
function sinceWords(
  { since, sinceSource }: ContainerView,
  { agentOfCapture }: Explained,
  takenAt: string,
): readonly string[] {
  if (since === null || sinceSource === 'own') return ['-'];
  const source = agentOfCapture === null ? '' : ', according to the agent in the capture';
  return factWords(timeWithAge(since, takenAt) + source);
}

/** Each cgroup path once and in full, with the hierarchies that show it. */
function hierarchyLines(hierarchies: Explained['hierarchies'], screen: Screen): string[] {
  const byPath = Map.groupBy(hierarchies, ({ path }) => path);
  return [...byPath].flatMap(([path, same]) => [
    path === null ? 'missing from:' : wholeText(path),
    ...itemTable(
      same,
      [
        { title: '  HIERARCHY', cell: (one) => `  ${controllerText(one.controllers.join(','))}` },
        { title: 'PIDS', align: 'right', cell: ({ pids }) => String(pids.length) },
        { title: 'INODE', align: 'right', cell: ({ inode }) => String(inode ?? '-') },
        { title: 'MOUNT', whole: true, cell: (one) => wholeText(one.mountPoint) },
      ],
      screen,
    ),
  ]);
}

const wholeText = (path: ByteString): string => oneLine(textOfBytes(path), MAX_WHOLE);

function repLogLines(log: RepLog | null, takenAt: string, columns: number): string[] {
  if (log === null) return [];
  const { explanation, lines, since } = log;
  if (lines.length === 0) {
    const reach =
      since === null ? '' : `, since ${oneLine(timeWithAge(since, takenAt), MAX_FACT)},`;
    const note = `The part of rep's log that is kept${reach} does not name it. Diego may have created it before that.`;
    return ['', ...wrapText(note, columns)];
  }
  const shown = (line: RepLog['lines'][number]): string[] =>
    hangingLines(oneLine(`${line.at} ${line.message}`, MAX_FACT).split(' '), { columns, ...ITEM });
  return [
    ...(explanation === null ? [] : ['', "rep's log says why it is left:", ...shown(explanation)]),
    '',
    "rep's log, newest first:",
    ...lines.flatMap(shown),
  ];
}

function newestEvents(explained: Explained, takenAt: string, columns: number): string[] {
  const events = explained.events ?? [];
  if (events.length === 0) return [];
  const more = events.length - MAX_EVENTS;
  const newest = events.slice(0, MAX_EVENTS).map((event) => ({ ...event, handle: null }));
  const shown = eventLines(newest, takenAt, columns - ITEM.first.length);
  return [
    '',
    explained.agentOfCapture === null
      ? 'Events, newest first:'
      : 'Events, newest first, according to the agent in the capture:',
    ...shown.map((line) => ITEM.first + line),
    ...(more > 0 ? [`  and ${more} older`] : []),
  ];
}

/** Each event with its age at `now`, with the container that it is about, if it is about one. */
export const eventLines = (
  events: readonly EventView[],
  now: string,
  columns: number,
): readonly string[] =>
  events.flatMap(({ at, message, handle, reason, sentence }) => {
    const about = [message, handle, reason].filter((part) => part !== null).join(', ');
    const words = oneLine(`${about}: ${sentence}`, 600 + MAX_HANDLE).split(' ');
    return hangingLines([timeWithAge(at, now), ...words], { columns, first: '', rest: '  ' });
  });

const factWords = (text: string, limit = MAX_FACT): readonly string[] =>
  oneLine(text, limit).split(' ');
