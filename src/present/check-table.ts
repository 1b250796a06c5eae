import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { asTyped } from '../model/typed-as.ts';
import { firstStepLines } from './advice/advice-text.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import { MAX_SENTENCE, summaryLines, type SummaryOptions } from './check-summary.ts';
import type { Colors, Screen } from './color.ts';
import { cutEnd, displayWidth, hangingLines, wrapText } from './display-width.ts';
import { sensorLines } from './sensors-table.ts';
import { INDENT, itemTable, noteLines, type ItemColumn, type TableCell } from './table.ts';
import { MAX_HANDLE, appText, cellText, handleText, placeText } from './names.ts';
import { plural, timeWithAge } from './quantities.ts';

export interface CheckTableOptions extends SummaryOptions {
  /** Whether to list all tracked containers, however many there are. */
  readonly all: boolean;
  /** Whether handles are whole on a narrow terminal, too. */
  readonly wide: boolean;
}

/** More tracked containers are only counted, so that the findings stay on the screen. */
const MAX_TRACKED = 12;
const MAX_NAME = 60;
const MAX_COMMAND = 4096;

/**
 * A check for a person: containers with the worst first, findings in sentences, then the verdict. A
 * drill is not a container, so it stands apart, below everything that is real.
 */
export function checkTable(report: ReportView, options: CheckTableOptions): string {
  const { colors } = options;
  const containers = report.containers.filter(({ drill }) => !drill);
  const drills = report.containers.filter(({ drill }) => drill);
  const tracked = containers.filter(({ status }) => status === 'tracked');
  const listsTracked = options.all || tracked.length <= MAX_TRACKED;
  const rows = listsTracked ? containers : containers.filter(({ status }) => status !== 'tracked');
  const lines =
    rows.length === 0 ? [] : itemTable(rows, containerColumns(containers, options), options);
  if (!listsTracked) lines.push(colors.dim(`… and ${tracked.length} tracked (--all lists them)`));
  const found = Map.groupBy(
    rows.filter(({ status }) => status !== 'tracked'),
    ({ handle, sentence, ...one }) =>
      `${titleOf(one)}\n${sentence}\n${adviceBelow({ handle, ...one }, true, { ...options, columns: Infinity }).join('\n')}`,
  );
  for (const [first, ...others] of found.values()) {
    if (first === undefined) continue;
    lines.push('', ...findingLines([first, ...others], report.takenAt, options));
  }
  for (const { reason, sentence } of report.cell.warnings) {
    const title = colors.yellow(`warning: ${oneLine(reason, 40)}`);
    lines.push('', title, ...indented(sentence, options));
  }
  for (const sensor of report.sensors) lines.push('', ...sensorLines(sensor, options));
  for (const drill of drills) lines.push('', ...drillLines(drill, report.takenAt, options));
  if (lines.length > 0) lines.push('');
  lines.push(...summaryLines(report, options));
  return `${[...headingOf(report, options), ...lines].join('\n')}\n`;
}

/** Which cell it is, if BOSH says so: an errand prints many. */
const headingOf = ({ cell }: ReportView, { colors, columns }: CheckTableOptions): string[] =>
  cell.bosh === null ? [] : [...wrapText(cellText(cell.bosh), columns, colors.bold), ''];

const containerColumns = (
  all: readonly ContainerView[],
  { colors, columns, wide }: Pick<CheckTableOptions, 'colors' | 'columns' | 'wide'>,
): readonly ItemColumn<ContainerView>[] => [
  { title: 'STATUS', least: 9, cell: (one) => statusCell(one, colors) },
  { title: 'APP', least: 10, givesWay: 1, cell: appName },
  { title: 'HANDLE', whole: true, cell: handleText(all, wide ? Infinity : columns) },
  { title: 'ORG / SPACE', least: 5, givesWay: 2, cell: placeOf },
  { title: 'PIDS', align: 'right', cell: ({ pids }) => String(pids) },
  { title: 'REASON', least: 17, cell: ({ reason }) => reason ?? '-' },
];

/** The word "warning" appears, so that nobody has to distinguish colours. */
const statusCell = (container: ContainerView, colors: Colors): TableCell => ({
  text:
    container.status === 'untracked' && container.severity === 'warning'
      ? 'warning'
      : container.status,
  style: statusStyle(container, colors),
});

/** A pending difference may end before it becomes a finding, so it does not look like a warning. */
export const statusStyle = ({ status, severity }: ContainerView, colors: Colors) => {
  if (status === 'tracked') return colors.green;
  if (status === 'pending') return colors.cyan;
  return severity === 'critical' ? colors.red : colors.yellow;
};

/** The kind, if it is not an app. */
const appName = (container: ContainerView): string =>
  appText(container, MAX_NAME) ?? `(${container.kind})`;

/** `org / space`; a dash for what is no app, a question mark for an unknown name. */
const placeOf = (container: ContainerView): string =>
  placeText(container, MAX_NAME) ?? (container.app === null ? '-' : '? / ?');

/** `untracked: unowned, critical`. */
const titleOf = ({
  status,
  reason,
  explanation,
  severity,
}: Pick<ContainerView, 'status' | 'reason' | 'explanation' | 'severity'>): string =>
  `${status}: ${reason ?? explanation}${severity === null ? '' : `, ${severity}`}`;

/** How urgent it is, and the first step. If several findings share it, with `HANDLE` for a handle. */
function adviceBelow(
  { advice, handle }: Pick<ContainerView, 'advice' | 'handle'>,
  isShared: boolean,
  screen: Screen,
): string[] {
  if (advice === null) return [];
  if (!isShared) return firstStepLines(advice, handle, screen);
  const steps = advice.steps.map((step) => ({
    ...step,
    command: step.command?.replaceAll(handle, ANY_HANDLE) ?? null,
  }));
  return firstStepLines({ ...advice, steps }, ANY_HANDLE, screen);
}

/** One finding, or several about which everything said is the same: once, with their handles. */
function findingLines(
  containers: readonly [ContainerView, ...(readonly ContainerView[])],
  takenAt: string,
  options: CheckTableOptions,
): string[] {
  const { colors, columns } = options;
  const [first, ...others] = containers;
  const isShared = others.length > 0;
  const partsOf = (one: ContainerView): readonly HeadingPart[] => [
    handlePart(one),
    { text: appName(one), style: colors.dim },
    ...sincePart(one, takenAt, options),
  ];
  const title = { text: titleOf(first), style: statusStyle(first, colors) };
  const count = { text: plural(containers.length, 'container') };
  const details = isShared
    ? containers.flatMap((one) =>
        headingLines(partsOf(one), columns - 2).map((line) => `  ${line}`),
      )
    : first.processes
        .slice(0, 3)
        .flatMap((process) => processLines(process, takenAt, columns))
        .map(colors.dim);
  return [
    ...headingLines([title, ...(isShared ? [count] : partsOf(first))], columns),
    ...indented(first.sentence, options),
    ...details,
    ...adviceBelow(first, isShared, { ...options, columns: columns - INDENT.length }).map(
      (line) => INDENT + line,
    ),
  ];
}

function drillLines(drill: ContainerView, takenAt: string, options: CheckTableOptions): string[] {
  const { colors, columns } = options;
  const mark = { text: 'DRILL', style: colors.magenta };
  const heading = [mark, handlePart(drill), ...sincePart(drill, takenAt, options)];
  return [...headingLines(heading, columns), ...indented(drill.sentence, options)];
}

const handlePart = ({ handle }: ContainerView): HeadingPart => ({
  text: oneLine(handle, MAX_HANDLE),
  isWhole: true,
});

/** A check alone knows only its own start; the agent knows since when something differs. */
function sincePart(
  { since, sinceSource }: ContainerView,
  takenAt: string,
  { colors, settleMilliseconds }: CheckTableOptions,
): HeadingPart[] {
  const isCheck = settleMilliseconds !== Infinity;
  if (since === null || (isCheck && sinceSource !== 'agent')) return [];
  const source = isCheck ? ', says the agent' : '';
  return [{ text: `since ${timeWithAge(since, takenAt)}${source}`, style: colors.dim }];
}

function processLines(
  { pid, startedAt, ended, command }: ContainerView['processes'][number],
  takenAt: string,
  columns: number,
): string[] {
  const words = oneLine(command, MAX_COMMAND).split(' ');
  const started = `started ${timeWithAge(startedAt, takenAt)}${ended ? ', ended' : ''}:`;
  return hangingLines([`pid ${pid},`, started, ...words], {
    columns: Math.max(24, columns),
    first: '  ',
    rest: '    ',
  });
}

type HeadingPart = TableCell & { readonly isWhole?: boolean };

/** Puts as many parts on a line as fit, and breaks none. */
function headingLines(parts: readonly HeadingPart[], columns: number): string[] {
  const lines: { text: string; width: number }[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const indent = last === undefined ? '' : '  ';
    const text =
      part.isWhole === true ? part.text : cutEnd(part.text, Math.max(1, columns - indent.length));
    const styled = part.style?.(text) ?? text;
    const width = displayWidth(text);
    if (last !== undefined && last.width + 2 + width <= columns) {
      last.text += `  ${styled}`;
      last.width += 2 + width;
    } else lines.push({ text: indent + styled, width: indent.length + width });
  }
  return lines.map(({ text }) => text);
}

const indented = (text: string, { columns, typedAs }: Screen): string[] =>
  noteLines({ text: oneLine(asTyped(text, typedAs), MAX_SENTENCE) }, Math.max(22, columns));
