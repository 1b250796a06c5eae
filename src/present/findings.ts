import type { ContainerView, ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { adviceBlocks, firstStepBlocks } from './advice/advice-blocks.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import {
  appName,
  containerFacts,
  MAX_SENTENCE,
  processTables,
  toneOf,
  untrackedOf,
  type Reader,
} from './containers.ts';
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
  type Section,
  type Span,
} from './document/blocks.ts';
import { isPlainName, shortHandle } from './names.ts';
import { plural } from './quantities.ts';
import { runbookLink } from './reason-texts.ts';

const MAX_NAME = 60;
/** A list of more could not be worked through; the table of containers has them too. */
const MAX_FINDINGS = 50;

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
    : [
        note([
          code(`${TYPED_ON_CELL} runbook ${oneLine(reason, 40)}`),
          ' says more about this reason.',
        ]),
      ];

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
  ...processTables(container, `${id}-processes`, takenAt),
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
