import type { AgentEvent, EventView } from '../model/agent-state.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { MAX_SENTENCE } from './containers.ts';
import {
  aged,
  code,
  foreign,
  joined,
  note,
  sentence,
  spansOf,
  table,
  type Block,
  type Section,
  type Span,
  type Tone,
} from './document/blocks.ts';

const MAX_NAME = 80;
const MAX_PATH = 300;
/** The page shows what is new; the command has all. */
const MAX_ON_PAGE = 50;

/** What changed, newest first: the same events as in the log, with the same names. */
export const eventsTable = (events: readonly EventView[], now: string): Block =>
  table(
    events,
    [
      { title: 'When', fit: 'whole', cell: ({ at }) => aged(at, now) },
      { title: 'Event', least: 20, cell: eventSpan },
    ],
    {
      id: 'events-list',
      caption: 'Events, newest first',
      named: 1,
      below: (event) => [
        sentence([...aboutSpans(event), oneLine(event.sentence, MAX_SENTENCE)]),
        ...mountMove(event),
      ],
    },
  );

/** The events of the agent on its page. `now`: the time of the last pass; null before the first. */
export const eventsSection = (events: readonly AgentEvent[], now: string | null): Section => ({
  id: 'events',
  title: 'Recent events',
  blocks: [
    events.length === 0
      ? note('None since the agent started.')
      : eventsTable(
          events
            .slice(0, MAX_ON_PAGE)
            .map(({ handle = null, reason = null, ...event }) => ({ ...event, handle, reason })),
          now ?? '',
        ),
    ...(events.length > MAX_ON_PAGE
      ? [
          note([
            `… and ${events.length - MAX_ON_PAGE} older: `,
            code(`${TYPED_ON_CELL} events`),
            ' has all.',
          ]),
        ]
      : []),
  ],
});

/** A drill and a warning have their word, so that nobody has to distinguish colours. */
function eventSpan(event: EventView): Span {
  const { message, data } = event;
  const name = oneLine(message, MAX_NAME);
  const tone = toneOf(event);
  if (valueOf(data, 'drill') === true) return { text: `${name}, drill`, tone: 'drill' };
  return {
    text: valueOf(data, 'severity') === 'warning' ? `${name}, warning` : name,
    ...(tone === null ? {} : { tone }),
  };
}

/** The data of an event may come from another version. */
const valueOf = (data: unknown, key: string): unknown =>
  typeof data === 'object' && data !== null
    ? Object.entries(data).find(([name]) => name === key)?.[1]
    : undefined;

function toneOf({ message, data }: EventView): Tone | null {
  if (message === 'rollcall.container.untracked' || message === 'rollcall.container.changed')
    return valueOf(data, 'severity') === 'warning' ? 'warning' : 'critical';
  if (BAD.test(message)) return 'warning';
  return /\.(?:recovered|available)$/.test(message) ? 'good' : null;
}

/** The events that the log calls errors, apart from those of containers. */
const BAD =
  /\.(?:unavailable|warning|unseen|silent|could-not-tell|differs|not-written|not-renewed|set-aside)$/;

/** Whose it is, and why it is, or was, untracked. */
function aboutSpans({ handle, reason, data }: EventView): readonly (string | Span)[] {
  const app = valueOf(data, 'app_name');
  const name = typeof app === 'string' && app !== '' ? [foreign(app, MAX_NAME)] : [];
  const parts = [
    ...name,
    ...(handle === null ? [] : [code(handle)]),
    ...(reason === null ? [] : [oneLine(reason, 40)]),
  ];
  return parts.length === 0 ? [] : [...spansOf(joined(parts, ', ')), ': '];
}

/** From which mount to which: the event's sentence says only why. */
function mountMove({ message, data }: EventView): readonly Block[] {
  if (message !== 'rollcall.mounts.changed') return [];
  return [
    note(['From ', mountSpan(valueOf(data, 'from')), ' to ', mountSpan(valueOf(data, 'to')), '.']),
  ];
}

const mountSpan = (value: unknown): Span =>
  typeof value === 'string' ? code(value, MAX_PATH) : { text: 'no mount' };
