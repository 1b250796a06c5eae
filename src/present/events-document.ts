import type { AgentEvent, EventView } from '../model/agent-state.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import {
  aged,
  code,
  foreign,
  joined,
  note,
  omittedNote,
  sentence,
  table,
  type Block,
  type Blocks,
  type Section,
  type Span,
  type Text,
  type Tone,
} from './document/blocks.ts';

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
      below: (event) => [sentence([aboutText(event), event.sentence]), mountMove(event)],
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
    omittedNote(events.length - MAX_ON_PAGE, [
      ' that are older: ',
      code(`${TYPED_ON_CELL} events`),
      ' has all.',
    ]),
  ],
});

/** A drill and a severity have their word, so that nobody has to distinguish colours. */
function eventSpan(event: EventView): Span {
  const { message: name, data } = event;
  const tone = toneOf(event);
  if (valueOf(data, 'drill') === true) return { text: `${name}, drill`, tone: 'drill' };
  const isWarning = valueOf(data, 'severity') === 'warning';
  const severity = tone === 'critical' ? ', critical' : isWarning ? ', warning' : '';
  return {
    text: name + severity,
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
function aboutText({ handle, reason, data }: EventView): Text {
  const app = valueOf(data, 'app_name');
  const parts = [
    ...(typeof app === 'string' && app !== '' ? [foreign(app)] : []),
    ...(handle === null ? [] : [code(handle)]),
    ...(reason === null ? [] : [reason]),
  ];
  return parts.length === 0 ? null : [joined(parts, ', '), ': '];
}

/** From which mount to which: the event's sentence says only why. */
const mountMove = ({ message, data }: EventView): Blocks =>
  message === 'rollcall.mounts.changed' &&
  note(['From ', mountSpan(valueOf(data, 'from')), ' to ', mountSpan(valueOf(data, 'to')), '.']);

const mountSpan = (value: unknown): Span =>
  typeof value === 'string' ? code(oneLine(value, MAX_PATH)) : { text: 'no mount' };
