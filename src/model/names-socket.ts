import * as s from './shape.ts';

/* What is known of the names' socket (the property names.cri), without who its clients are. */

/** How many ids are kept that clients asked for. */
export const MAX_ASKED_IDS = 1000;

const askedId = s.object({
  id: s.key(s.text, 'What a client asked for; not proof that it saw a container.'),
  first: s.key(s.time, 'When it was first asked for.'),
  last: s.key(s.time, 'When it was last asked for.'),
  answer: s.key(
    s.choice('named', 'ambiguous', 'unnameable', 'not-found', 'unread'),
    'The last answer, as of whose.',
  ),
});
export type AskedId = s.TypeOf<typeof askedId>;

const socketKeys = {
  path: s.key(s.text, 'The path of the socket.'),
  listeningSince: s.key(s.nullableTime, 'Since when it has been open; null: it is not.'),
  eventStreams: s.key(s.count, 'How many streams of events clients hold open now.'),
  asked: s.key(
    s.list(askedId, MAX_ASKED_IDS),
    'The last 1,000 ids that clients asked for, the least recent first.',
  ),
} as const;

const namesSocket = s.object(socketKeys);
export type NamesSocket = s.TypeOf<typeof namesSocket>;

/** `GET /v1/names-socket`. */
export const namesSocketAnswer = s.object({
  schemaVersion: s.schemaVersion,
  socket: s.key(s.nullable(namesSocket), 'Null: names.cri is off.'),
});

/** In `rollcall sensors`. */
export const namesSocketView = s.object({
  ...socketKeys,
  falco: s.key(
    s.choice('none', 'connected', 'starting', 'restart', 'unknown'),
    'restart: the Falco here lacks names until it is restarted.',
  ),
});
export type NamesSocketView = s.TypeOf<typeof namesSocketView>;
