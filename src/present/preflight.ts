import type { PreflightView } from '../model/answers.ts';
import { OBSTACLE_CAUSES, type Obstacle, type ObstacleCause } from '../model/preflight.ts';
import type { Report } from '../model/report.ts';
import { oneLine } from '../model/text.ts';
import type { Screen } from './color.ts';
import { commandLines, hangingLines, wrapText } from './display-width.ts';
import { commandFor } from './ledgers-table.ts';
import { isPlainName, MAX_HANDLE } from './names.ts';
import { plural } from './quantities.ts';

type Item = PreflightView['items'][number];

/** rep's evacuation timeout, and the one of silk's daemon, as released. */
const TIMEOUT = 600;
const MAX_ITEMS = 100;

interface CauseText {
  readonly effect: Item['effect'];
  /** At most; null: not bounded, or not about time. */
  readonly seconds: number | null;
  readonly sentence: string;
}

const CAUSE_TEXTS: Readonly<Record<ObstacleCause, CauseText>> = {
  stuck: {
    effect: 'hangs',
    seconds: null,
    sentence:
      'Garden cannot destroy it, because SIGKILL does not end its processes. rep waits for it until the evacuation timeout (600 s by default), and then the VM may need a reset. First end what its processes wait for.',
  },
  undestroyed: {
    effect: 'waits',
    seconds: TIMEOUT,
    sentence:
      'Its destroy does not finish: rep waits for it until the evacuation timeout (600 s by default).',
  },
  unfinished: {
    effect: 'waits',
    seconds: TIMEOUT,
    sentence:
      'Garden has been creating a container for minutes: rep waits for it until the evacuation timeout (600 s by default).',
  },
  'policy-entry': {
    effect: 'waits',
    seconds: TIMEOUT,
    sentence:
      "This entry of silk's policy store belongs to no container. silk's daemon waits until the store is empty (600 s by default).",
  },
  'no-rep': {
    effect: 'lost',
    seconds: null,
    sentence: 'No rep runs: nothing moves the apps and tasks of this cell before it ends.',
  },
  'policy-unread': {
    effect: 'unknown',
    seconds: null,
    sentence:
      "silk's policy store could not be read: silk's daemon may wait for an entry that belongs to no container.",
  },
  undecided: {
    effect: 'unknown',
    seconds: null,
    sentence:
      'rollcall could not decide whether it is tracked: a drain may wait for it or lose it.',
  },
  unowned: {
    effect: 'lost',
    seconds: null,
    sentence: 'Diego does not know it: nothing moves it, and it ends with the VM.',
  },
  'unknown-to-garden': {
    effect: 'lost',
    seconds: null,
    sentence: 'Garden and Diego do not know it: nothing moves it, and it ends with the VM.',
  },
};

function commandOf({ cause, subject }: Obstacle, typedAs: string): string | null {
  if (cause === 'no-rep') return 'monit summary';
  if (cause === 'policy-unread') return `${typedAs} ledgers`;
  if (cause === 'unfinished' || subject === null) return `${typedAs} check`;
  if (cause === 'policy-entry') return commandFor('policy', subject);
  return isPlainName(subject) ? `${typedAs} explain ${subject}` : null;
}

export function preflightJson(
  obstacles: readonly Obstacle[],
  { takenAt }: Pick<Report, 'takenAt'>,
  typedAs = 'rollcall',
): PreflightView {
  const sorted = obstacles.toSorted(
    (a, b) => OBSTACLE_CAUSES.indexOf(a.cause) - OBSTACLE_CAUSES.indexOf(b.cause),
  );
  return {
    schemaVersion: 1,
    takenAt,
    items: sorted.slice(0, MAX_ITEMS).map((obstacle) => {
      const { effect, seconds, sentence } = CAUSE_TEXTS[obstacle.cause];
      const { cause, subject, isPending } = obstacle;
      return {
        effect,
        cause,
        handle: subject,
        pending: isPending,
        seconds,
        sentence,
        command: commandOf(obstacle, typedAs),
      };
    }),
    omitted: Math.max(0, sorted.length - MAX_ITEMS),
  };
}

/** A line for each thing, for a person who is about to drain or recreate the cell. */
export function preflightText({ items, omitted }: PreflightView, screen: Screen): string {
  const { colors, columns } = screen;
  const lines = items.flatMap(({ effect, handle, pending, sentence, command }) => {
    const color = effect === 'waits' || effect === 'unknown' ? colors.yellow : colors.red;
    const who = handle === null ? [] : [oneLine(handle, MAX_HANDLE)];
    const perhaps = pending ? 'This may end by itself. If it does not: ' : '';
    const words = [...who, ...`${perhaps}${sentence}`.split(' ')];
    return [
      ...hangingLines(words, { columns, first: `${effect.padEnd(7)}  `, rest: '         ' }).map(
        (line, index) => (index === 0 ? color(line.slice(0, 7)) + line.slice(7) : line),
      ),
      ...(command === null
        ? []
        : commandLines(command, { columns, first: '         ', style: colors.dim })),
    ];
  });
  const unknown = items.filter(({ effect }) => effect === 'unknown').length;
  const found = items.length + omitted - unknown;
  const things = found === 0 ? 'Found nothing that' : plural(found, 'thing');
  const unread =
    unknown === 0 ? '' : ` ${plural(unknown, 'thing')} ${unknown === 1 ? 'is' : 'are'} not known.`;
  const summary = `${things} would hang, wait or be lost if this cell were drained or recreated.${unread}`;
  return `${[...lines, ...(lines.length === 0 ? [] : ['']), ...wrapText(summary, columns)].join('\n')}\n`;
}
