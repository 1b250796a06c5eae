import type { EventsView } from '../model/answers.ts';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import { note } from '../present/document/blocks.ts';
import { documentText } from '../present/document/terminal.ts';
import { eventsTable } from '../present/events-document.ts';
import type { Io } from '../terminal/io.ts';
import { eventsOfAgent } from './agent-answers.ts';
import { printAnswer } from './answer.ts';
import type { Arguments } from './command-table.ts';

/**
 * What the running agent has logged, newest first: all of it, or what is about one container.
 * @throws KnownFailure AGENT_UNREACHABLE, AGENT_ANSWER, HANDLE_NOT_FOUND
 */
export async function runEvents(
  args: Arguments<'events'> & { readonly handle: string | undefined },
  io: Io,
): Promise<number> {
  const { handle: typed } = args;
  const all = await eventsOfAgent(args.statusSocket);
  // A container that is gone has events, too, so the handle need not be one of the cell.
  const events =
    typed === undefined ? all : all.filter(({ handle }) => handle?.startsWith(typed) === true);
  if (typed !== undefined && events.length === 0) {
    throw new KnownFailure(
      'HANDLE_NOT_FOUND',
      `The agent has no event about "${oneLine(typed, 80)}". List all with ${TYPED_ON_CELL} events.`,
    );
  }
  const answer: EventsView = { schemaVersion: 1, events };
  const shown =
    events.length === 0
      ? note('The agent has logged nothing yet.')
      : eventsTable(events, new Date().toISOString());
  printAnswer(answer, args, io, (style) => documentText([[shown]], style));
  return 0;
}
