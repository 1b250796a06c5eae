import type { PreflightView } from '../model/answers.ts';
import { OBSTACLE_CAUSES, type Obstacle, type ObstacleCause } from '../model/preflight.ts';
import type { Report } from '../model/report.ts';
import {
  code,
  commands,
  foreign,
  sentence,
  table,
  type Blocks,
  type Tone,
} from './document/blocks.ts';
import { commandFor } from './ledgers.ts';
import { appText, isPlainName } from './names.ts';
import { plural } from './quantities.ts';
import type { Instance } from './sensor-diagnosis.ts';

type Item = PreflightView['items'][number];

const MAX_ITEMS = 100;

interface CauseText {
  readonly effect: Item['effect'];
  readonly sentence: string;
}

const CAUSE_TEXTS: Readonly<Record<ObstacleCause, CauseText>> = {
  stuck: {
    effect: 'hangs',
    sentence:
      'Garden cannot destroy the container, because SIGKILL does not end its processes. rep waits for it until the evacuation timeout (600 s by default), and then the VM may need a reset. First end what its processes wait for.',
  },
  undestroyed: {
    effect: 'waits',
    sentence:
      'The destroy of the container does not finish: rep waits for it until the evacuation timeout (600 s by default).',
  },
  unfinished: {
    effect: 'waits',
    sentence:
      'Garden has been creating a container for minutes: rep waits for it until the evacuation timeout (600 s by default).',
  },
  'policy-entry': {
    effect: 'waits',
    sentence:
      "This entry of silk's policy store belongs to no container. silk's daemon waits until the store is empty (600 s by default).",
  },
  'no-rep': {
    effect: 'lost',
    sentence: 'No rep runs: nothing moves the apps and tasks of this cell before it ends.',
  },
  'policy-unread': {
    effect: 'unknown',
    sentence:
      "silk's policy store could not be read: silk's daemon may wait for an entry that belongs to no container.",
  },
  undecided: {
    effect: 'unknown',
    sentence:
      'rollcall could not decide whether the container is tracked: a drain may wait for it or lose it.',
  },
  unowned: {
    effect: 'lost',
    sentence: 'Diego does not know the container: nothing moves it, and it ends with the VM.',
  },
  'unknown-to-garden': {
    effect: 'lost',
    sentence:
      'Garden and Diego do not know the container: nothing moves it, and it ends with the VM.',
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
      const { effect, ...rest } = CAUSE_TEXTS[obstacle.cause];
      const { cause, subject, isPending } = obstacle;
      return {
        effect,
        cause,
        handle: subject,
        pending: isPending,
        ...rest,
        command: commandOf(obstacle, typedAs),
      };
    }),
    omitted: Math.max(0, sorted.length - MAX_ITEMS),
  };
}

/** Each thing, for a person who is about to drain or recreate the cell. */
export function preflightDocument(
  { items, omitted }: PreflightView,
  instances: readonly Instance[],
): readonly Blocks[] {
  const byHandle = new Map<string, Instance>(instances.map((one) => [one.handle, one]));
  const appOf = (handle: string | null): string | null => {
    const instance = handle === null ? undefined : byHandle.get(handle);
    return instance === undefined ? null : appText(instance);
  };
  const unknown = items.filter(({ effect }) => effect === 'unknown').length;
  const found = items.length + omitted - unknown;
  const things = found === 0 ? 'Found nothing that' : plural(found, 'thing');
  const unread =
    unknown === 0 ? '' : ` ${plural(unknown, 'thing')} ${unknown === 1 ? 'is' : 'are'} not known.`;
  return [
    table(
      items,
      [
        { title: 'Effect', cell: ({ effect }) => ({ text: effect, tone: EFFECT_TONES[effect] }) },
        {
          title: 'Of',
          fit: 'whole',
          cell: ({ handle }) => (handle === null ? 'the cell' : code(handle)),
        },
        { title: 'App', cell: ({ handle }) => foreign(appOf(handle) ?? '') },
      ],
      {
        id: 'preflight-table',
        caption: 'What would hang, wait or be lost',
        below: ({ pending, sentence: text, command }) => [
          sentence(`${text}${pending ? ' This may still end by itself.' : ''}`),
          commands([command]),
        ],
      },
    ),
    sentence(
      `${things} would hang, wait or be lost if this cell were drained or recreated.${unread}`,
    ),
  ];
}

const EFFECT_TONES: Readonly<Record<Item['effect'], Tone>> = {
  hangs: 'critical',
  waits: 'warning',
  lost: 'critical',
  unknown: 'unknown',
};
