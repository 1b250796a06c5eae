import {
  MAX_ASKED_IDS,
  type AskedId,
  type NamesSocket,
  type NamesSocketView,
} from '../model/names-socket.ts';
import { oneLine } from '../model/text.ts';
import { code, joined, sentence, type Blocks, type Text } from './document/blocks.ts';
import { plural, secondsBetween, secondText } from './quantities.ts';

interface FalcoTimes {
  /** When the Falco that runs started; null: none runs. */
  readonly falcoSince: string | null;
  /** When the cell was read. */
  readonly now: string;
}

/** Falco's start script may wait a minute for the socket, in the process that becomes Falco. */
const MAX_WAIT_SECONDS = 90;
/** A Falco that has just started has not opened its stream of events yet. */
const START_SECONDS = 30;
const MAX_SHOWN_IDS = 5;
const MAX_ID = 80;

/** What `rollcall sensors` shows of the names' socket, beside the Falco that runs. */
export const namesSocketShown = (socket: NamesSocket, times: FalcoTimes): NamesSocketView => ({
  ...socket,
  falco: falcoBeside(socket, times),
});

/** Falco opens its stream of events once, when it starts, so that only a restart gives it another. */
function falcoBeside(
  { listeningSince, eventStreams }: NamesSocket,
  { falcoSince, now }: FalcoTimes,
): NamesSocketView['falco'] {
  if (falcoSince === null) return 'none';
  if (listeningSince === null) return 'unknown';
  const isOlder = (secondsBetween(falcoSince, listeningSince) ?? 0) > MAX_WAIT_SECONDS;
  if (isOlder) return 'restart';
  if (eventStreams > 0) return 'connected';
  return (secondsBetween(falcoSince, now) ?? 0) < START_SECONDS ? 'starting' : 'restart';
}

/** What clients asked the names' socket for, and what is wrong between it and a Falco that runs. */
export function namesSocketBlocks(shown: NamesSocketView): Blocks {
  const { asked, falco } = shown;
  const ofNoContainer = asked.filter(({ answer }) => MISNAMES[answer]);
  return [
    sentence(`Names' socket: ${openText(shown)}; ${askedText(asked)}.`),
    ofNoContainer.length > 0 && sentence(misnamingText(ofNoContainer), 'warning'),
    falco !== 'none' && sentence(RESTART_OF_AGENT, 'warning'),
    falco === 'restart' && sentence(RESTART_OF_FALCO, 'warning'),
  ];
}

const openText = ({ listeningSince }: NamesSocketView): string =>
  listeningSince === null
    ? "not open, and the agent's log says why (rollcall.cri.unavailable)"
    : `open since ${secondText(listeningSince)}`;

function askedText(asked: readonly AskedId[]): string {
  const last = asked.at(-1)?.last;
  if (last === undefined) return 'no id asked for since the agent started';
  const ids =
    asked.length < MAX_ASKED_IDS ? plural(asked.length, 'id') : `${MAX_ASKED_IDS} or more ids`;
  return `${ids} asked for, the last at ${secondText(last)}`;
}

const RESTART_OF_AGENT =
  'The version of this Falco cannot be seen. Falco 0.41 crashes or loops when the agent restarts: leave names.cri off beside it.';

const RESTART_OF_FALCO = 'This Falco has no names, or misses those of new containers: restart it.';

/** Whether a sensor that asks for such an id takes processes of several containers for one. */
const MISNAMES: Readonly<Record<AskedId['answer'], boolean>> = {
  named: false,
  ambiguous: true,
  unnameable: true,
  'not-found': false,
  unread: false,
};

/** The latest first. */
function misnamingText(ids: readonly AskedId[]): Text {
  const shown = ids.slice(-MAX_SHOWN_IDS).toReversed();
  const more = ids.length - shown.length;
  return [
    ids.length === 1
      ? '1 id asked for stands for no single container, so a sensor misnames its processes: '
      : `${ids.length} ids asked for stand for no single container, so a sensor misnames their processes: `,
    joined(
      shown.map(({ id }) => code(oneLine(id, MAX_ID))),
      ', ',
    ),
    more === 0 ? '.' : `, and ${more} more.`,
  ];
}
