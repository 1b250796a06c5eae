import { acknowledgedMilliseconds, type AcknowledgementEntry } from '../model/acknowledgement.ts';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { parseAcknowledgement, parseAcknowledgements } from '../parse/acknowledgements.ts';
import { parseAgentError } from '../parse/agent-answers.ts';
import { acknowledgementText } from '../present/acknowledgement-text.ts';
import { wrapText } from '../present/display-width.ts';
import { MAX_HANDLE } from '../present/names.ts';
import { askAgent, type AgentQuestion } from '../probe/status-client.ts';
import type { Io } from '../terminal/io.ts';
import { answerOfAgent, readable, reportOfAgent } from './agent-answers.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';
import { userOf } from './user.ts';
import { containerNamed, lostNameHint } from './container-named.ts';

/** The handle is undefined if none was typed. */
type AckArguments = Arguments<'ack'> & { readonly handle: string | undefined };

/**
 * Asks the agent to acknowledge a finding, to withdraw an acknowledgement, or to list them.
 * @throws KnownFailure USAGE, AGENT_UNREACHABLE, AGENT_ANSWER, HANDLE_NOT_FOUND, HANDLE_AMBIGUOUS
 */
export async function runAck(args: AckArguments, io: Io): Promise<number> {
  if (args.list === true) {
    refuse(args, ['handle', 'for', 'reason', 'by', 'undo'], '--list');
    return list(args, io);
  }
  const { handle } = args;
  if (handle === undefined) {
    throw usageFailure('ack needs the handle of a finding, --for and --reason, or --list.');
  }
  const isUndo = args.undo === true;
  if (isUndo) refuse(args, ['for', 'reason', 'by'], '--undo');
  const question = isUndo ? withdrawing : acknowledging(args, io);
  const name = await handleOf(handle, args);
  const { status, body } = await askAgent(args.statusSocket, question(name));
  const entry = status === 200 ? parseAcknowledgement(body) : null;
  if (entry === null) {
    throw new KnownFailure(
      'AGENT_ANSWER',
      `The agent ${isUndo ? 'withdrew' : 'acknowledged'} nothing; it answered ${status}: ${parseAgentError(body)}.`,
    );
  }
  printAnswer({ schemaVersion: 1, ...entry }, args, io, () =>
    wrapped(isUndo ? withdrawnLines(entry) : acknowledgedLines(entry), io),
  );
  return 0;
}

function refuse(
  args: AckArguments,
  names: readonly ('handle' | 'for' | 'reason' | 'by' | 'undo')[],
  beside: string,
): void {
  for (const name of names) {
    if (args[name] === undefined || args[name] === false) continue;
    const what = name === 'handle' ? 'no handle' : `no --${name}`;
    throw usageFailure(`${beside} takes ${what}.`);
  }
}

/** The request for a whole handle. Checks what was typed before the agent is asked anything. */
function acknowledging(
  { for: duration, reason, by }: AckArguments,
  io: Io,
): (handle: string) => AgentQuestion {
  const isTimed = duration !== undefined && acknowledgedMilliseconds(duration) !== null;
  const isReasoned = reason !== undefined && reason.trim() !== '';
  if (!isTimed || !isReasoned) {
    const missing = [
      ...(isTimed ? [] : ['--for needs a time such as 7d, 12h or 30m, at most 90d.']),
      ...(isReasoned ? [] : ['--reason is missing: say why the finding is acceptable.']),
    ];
    throw usageFailure(missing.join(' '));
  }
  const name = by === undefined || by.trim() === '' ? userOf(io) : by;
  return (handle) => ({
    method: 'POST',
    path: '/v1/ack',
    body: JSON.stringify({ handle, for: duration, reason, by: name }),
  });
}

const withdrawing = (handle: string): AgentQuestion => ({
  method: 'DELETE',
  path: `/v1/acks/${encodeURIComponent(handle.toWellFormed())}`,
});

/** Looks among findings first: a beginning that fits one of them need not be unique on the cell. */
async function handleOf(
  typed: string,
  { undo = false, statusSocket }: AckArguments,
): Promise<string> {
  const { containers } = await reportOfAgent(statusSocket);
  const meant = containers.filter(
    ({ status, acknowledged }) => status === 'untracked' && (!undo || acknowledged !== null),
  );
  const named = containerNamed(typed, meant) ?? (undo ? null : containerNamed(typed, containers));
  if (named !== null) return named.handle;
  const name = oneLine(typed, 80);
  throw new KnownFailure(
    'HANDLE_NOT_FOUND',
    undo
      ? `No acknowledged finding matches "${name}". See rollcall ack --list.`
      : `No container "${name}" on this cell. See rollcall status.${lostNameHint(typed)}`,
  );
}

const named = ({ handle, finding }: AcknowledgementEntry): string =>
  `${oneLine(handle, MAX_HANDLE)} (${finding.reason}, ${finding.severity})`;

const acknowledgedLines = (entry: AcknowledgementEntry): readonly string[] => [
  named(entry),
  `${acknowledgementText(entry)}.`,
  'It counts again after that, or as soon as its reason or severity changes; rollcall ack HANDLE --undo ends it earlier.',
];

const withdrawnLines = (entry: AcknowledgementEntry): readonly string[] => [
  named(entry),
  'No longer acknowledged: it counts again.',
];

const wrapped = (lines: readonly string[], io: Io): string =>
  `${lines.flatMap((line) => wrapText(line, io.columns)).join('\n')}\n`;

async function list(args: AckArguments, io: Io): Promise<number> {
  const answer = await answerOfAgent(args.statusSocket, '/v1/acks');
  const acknowledgements = readable(parseAcknowledgements(answer));
  printAnswer({ schemaVersion: 1, acknowledgements }, args, io, () =>
    acknowledgements.length === 0
      ? 'Nothing is acknowledged.\n'
      : acknowledgements.map((entry) => listed(entry, io)).join(''),
  );
  return 0;
}

function listed(entry: AcknowledgementEntry, io: Io): string {
  const text = wrapText(acknowledgementText(entry), Math.max(20, io.columns - 2));
  return [named(entry), ...text.map((line) => `  ${line}`), ''].join('\n');
}
