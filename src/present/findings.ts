import type { ContainerView, ReportView } from '../model/report-view.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { adviceBlocks, firstStepBlocks } from './advice/advice-blocks.ts';
import { ANY_HANDLE } from './advice/common-steps.ts';
import {
  appName,
  containerFacts,
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
  omittedNote,
  sentence,
  table,
  type Blocks,
  type Section,
  type Span,
} from './document/blocks.ts';
import { isPlainName, shortHandle } from './names.ts';
import { plural } from './quantities.ts';
import { runbookLink } from './reason-texts.ts';

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

/** Below everything that is real: a drill is not a container. */
export const drillSection = (report: ReportView, reader: Reader): Section =>
  findingsSection(
    report.containers.filter(({ drill }) => drill),
    { id: 'drill', title: 'Drills' },
    report,
    reader,
  );

function findingsSection(
  containers: readonly ContainerView[],
  { id, title }: Pick<Section, 'id' | 'title'>,
  report: ReportView,
  reader: Reader,
): Section {
  const { isWhole } = reader;
  const short = shortHandle(report.containers);
  // On a terminal, what is the same about many is said once; on the page each has its evidence.
  const groups = isWhole
    ? containers.slice(0, MAX_FINDINGS).map((one) => [one])
    : [...Map.groupBy(containers, sameText).values()];
  return {
    id,
    title,
    count: containers.length,
    blocks: [
      groups.map((same, index) => findingBlocks(same, `${id}-${index}`, { report, reader, short })),
      omittedNote(
        isWhole ? containers.length - MAX_FINDINGS : 0,
        ', in the table of all containers.',
      ),
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

interface Shown {
  readonly report: ReportView;
  readonly reader: Reader;
  readonly short: ReturnType<typeof shortHandle>;
}

/** A finding, or several about which everything said is the same. */
function findingBlocks(
  same: readonly ContainerView[],
  id: string,
  { report, reader, short }: Shown,
): Blocks {
  const [first, ...others] = same;
  if (first === undefined) return false;
  const isOne = others.length === 0;
  const { takenAt } = report;
  const advice = isOne ? first.advice : sharedAdvice(first);
  // What is not a plain name stands in no command.
  const [handle, typed] =
    isOne && isPlainName(first.handle) ? [first.handle, short(first)] : [ANY_HANDLE, ANY_HANDLE];
  return [
    heading(
      [
        titleSpan(first, reader),
        ...(isOne
          ? [
              { ...foreign(first.drill ? '' : appName(first)), tone: 'strong' } as const,
              code(first.handle),
            ]
          : [{ text: plural(same.length, 'container') }]),
        ...(isOne ? sinceSpans(first, takenAt, reader) : []),
      ],
      toneOf(first),
    ),
    sentence(first.sentence),
    advice !== null &&
      (reader.isWhole ? adviceBlocks(advice) : firstStepBlocks(advice, handle, typed)),
    !isOne &&
      table(
        same,
        [
          { title: 'Handle', fit: 'whole', cell: (one) => code(one.handle) },
          { title: 'App', cell: (one) => foreign(appName(one)) },
          { title: 'Since', givesWay: 1, cell: (one) => sinceSpans(one, takenAt, reader) },
        ],
        { id: `${id}-handles`, caption: 'Their handles' },
      ),
    reader.isWhole &&
      !first.drill && [runbookHint(first.reason, reader), evidenceBlocks(first, id, report)],
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
const titleOf = ({ drill, status, reason, explanation, severity }: ContainerView): string =>
  drill
    ? 'DRILL'
    : `${status}: ${reason ?? explanation}${severity === null ? '' : `, ${severity}`}`;

/** Where no link leads to the runbook, the command that shows its section. */
const runbookHint = (reason: string | null, { runbookUrl }: Reader): Blocks =>
  runbookUrl === null &&
  reason !== null &&
  note([code(`${TYPED_ON_CELL} runbook ${reason}`), ' says more about this reason.']);

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
  { takenAt, cgroups: { primary } }: ReportView,
): Blocks => [
  facts(
    containerFacts(container, {
      primary,
      since: container.since === null ? null : aged(container.since, takenAt),
    }),
  ),
  processTables(container, `${id}-processes`, takenAt),
];

const MAX_WARNINGS = 20;

/** What is wrong with the cell and with no container alone. */
export const warningsSection = ({ cell }: ReportView, reader: Reader): Section => ({
  id: 'warnings',
  title: 'Warnings about the cell',
  count: cell.warnings.length,
  blocks: cell.warnings.slice(0, MAX_WARNINGS).map((warning) => {
    const link = runbookLink(reader.runbookUrl, warning.reason);
    const title: Span = { text: `warning: ${warning.reason}`, tone: 'warning' };
    return [
      heading([link === null ? title : { ...title, href: link }], 'warning'),
      sentence(warning.sentence),
      reader.isWhole && runbookHint(warning.reason, reader),
    ];
  }),
});
