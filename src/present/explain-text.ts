import type { EventView } from '../model/agent-state.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import type { Colors } from './color.ts';
import { wrapText } from './display-width.ts';
import { boundedProperties, withAgentKnowledge, type Explained } from './explain-json.ts';
import { controllerText } from './hierarchy-name.ts';
import { containerSentence, whatToDo } from './sentence.ts';
import { renderTable } from './table.ts';

interface ExplainTextOptions {
  readonly colors: Colors;
  readonly columns: number;
  /** Why the agent did not answer; null: it did, or there was nothing to ask. */
  readonly silentAgent: string | null;
}

const MAX_EVENTS = 10;

/** All that is known of one container, for a person. */
export function explainText(
  explained: Explained,
  { colors, columns, silentAgent }: ExplainTextOptions,
): string {
  const { hierarchies } = explained;
  const container = withAgentKnowledge(explained);
  const { status, reason, severity, app } = container;
  const color =
    status === 'tracked' ? colors.green : status === 'pending' ? colors.yellow : colors.red;
  const state = [status, reason, severity].filter((word) => word !== null).join(', ');
  const advice = whatToDo(container);
  const facts: readonly (readonly [string, string])[] = [
    ['kind', container.kind],
    [
      'app',
      app === null ? '-' : `${app.name ?? '?'} (${app.id ?? '?'}), instance ${app.index ?? '?'}`,
    ],
    [
      'org / space',
      app === null ? '-' : `${app.organizationName ?? '?'} / ${app.spaceName ?? '?'}`,
    ],
    ['since', container.since ?? '-'],
    ['processes', String(container.pids)],
    ['peas', container.peas.join(', ') || '-'],
    ['privileged', container.privileged ? 'yes' : 'no'],
    ['throttled', container.throttled ? 'yes' : 'no'],
  ];
  const lines = [
    ...wrapText(oneLine(container.handle, 200), columns).map((line) => colors.bold(line)),
    ...wrapText(state, columns).map((line) => color(line)),
    ...wrapText(containerSentence(container), columns),
    ...(status === 'untracked' && advice !== null ? wrapText(`→ ${advice}`, columns) : []),
    '',
    ...facts.flatMap(([name, value]) =>
      labelled(name.padEnd(12), ' '.repeat(12), oneLine(value, 300), columns),
    ),
    '',
    ...renderTable({
      columns: [
        { title: 'HIERARCHY' },
        { title: 'PIDS', align: 'right' },
        { title: 'INODE', align: 'right' },
        { title: 'CGROUP', least: 20, cut: 'middle' },
        { title: 'MOUNT', least: 14, cut: 'middle' },
      ],
      rows: hierarchies.map(({ controllers, pids, inode, path, mountPoint }) => ({
        cells: [
          { text: controllerText(controllers.join(',')) },
          { text: String(pids.length) },
          { text: inode === null ? '-' : String(inode) },
          { text: path === null ? 'not there' : oneLine(textOfBytes(path), 300) },
          { text: oneLine(textOfBytes(mountPoint), 200) },
        ],
      })),
      width: columns,
      titleStyle: colors.dim,
    }),
  ];
  for (const { pid, parentPid, realUid, startedAt, command, comm } of container.processes) {
    const shown = oneLine(command === '' ? `[${comm}]` : command, 256);
    lines.push(
      '',
      ...wrapText(
        `pid ${pid}, parent ${parentPid}, uid ${realUid}, started ${oneLine(startedAt, 40)}`,
        columns,
      ),
      ...labelled(' ', ' ', shown, columns),
    );
  }
  const properties = boundedProperties(explained.properties);
  lines.push('', properties === null ? 'Garden has no properties of it.' : 'Properties:');
  for (const [key, value] of Object.entries(properties ?? {})) {
    lines.push(...labelled(' ', '   ', `${key} = ${value}`, columns));
  }
  lines.push(...eventLines(explained.agent?.events ?? [], columns));
  if (silentAgent !== null) {
    const note = `What the agent remembers of it is missing here. ${oneLine(silentAgent, 600)}`;
    lines.push('', ...wrapText(note, columns).map((line) => colors.dim(line)));
  }
  return `${lines.join('\n')}\n`;
}

function eventLines(events: readonly EventView[], columns: number): string[] {
  if (events.length === 0) return [];
  const shown = events.slice(0, MAX_EVENTS).flatMap(({ at, message, reason, sentence }) => {
    const what = reason === null ? message : `${message}, ${reason}`;
    return labelled(' ', '   ', oneLine(`${at} ${what}: ${sentence}`, 600), columns);
  });
  const more = events.length - MAX_EVENTS;
  return ['', 'Events, the newest first:', ...shown, ...(more > 0 ? [`  and ${more} older`] : [])];
}

/** A text in as many lines as it needs, the first one behind a label, the others below its beginning. */
const labelled = (label: string, indent: string, text: string, columns: number): string[] =>
  wrapText(text, Math.max(1, columns - indent.length - 1)).map(
    (line, index) => `${index === 0 ? label : indent} ${line}`,
  );
