import { KnownFailure } from '../model/failure.ts';
import type { LedgersView } from '../model/answers.ts';
import type { AppIdentity } from '../model/garden.ts';
import type { AccountRow } from '../model/ledger.ts';
import { oneLine } from '../model/text.ts';
import { differingIn, hasUnknown } from '../ledgers/account.ts';
import { differs, readingOf } from '../ledgers/reading.ts';
import { documentText } from '../present/document/terminal.ts';
import { ledgersDocument } from '../present/ledgers.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';
import { sensorsHere, type AskedAgent } from './agent-answers.ts';
import { printAnswer } from './answer.ts';
import { cellSource, reportWithAgent } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import { containerNamed, lostNameHint } from './container-named.ts';

/**
 * What each ledger of the cell says of its containers, and which entries belong to none.
 * @throws KnownFailure
 */
export async function runLedgers(
  args: Arguments<'ledgers'> & { readonly handle: string | undefined },
  io: Io,
): Promise<number> {
  const cell = await reportWithAgent(cellSource(args), args, io, { comparesLedgers: true });
  const { report, lastPass, agent, ledgers } = cell;
  const reading = readingOf(lastPass);
  if (reading === null || report.unknownCause !== null) {
    const { unknownCause } = report;
    io.stderr(`rollcall: ${unknownCause === null ? NOT_READ : unknownSentence(unknownCause)}\n`);
    return EXIT_FAILED;
  }
  const { wide = false } = args;
  const known = agent.kind === 'answered' ? agent.report : null;
  const { alone, aloneOmitted, sharing, agreeing, unknown, unread } = report.ledgers;
  // Where Garden has lost the properties, the agent may remember the app.
  const apps = new Map<string, AppIdentity | null>(
    report.containers.map(({ handle, app }) => [handle, app]),
  );
  const all = reading.rows.map((row) => ({ ...row, app: row.app ?? apps.get(row.handle) ?? null }));
  const chosen = args.handle === undefined ? null : named(args.handle, all);
  const isOne = chosen !== null;
  const rows = isOne ? [chosen] : all;
  const pending = new Set<string>(
    report.containers.flatMap(({ handle, status }) => (status === 'pending' ? [handle] : [])),
  );
  const differing = differingIn(ledgers);
  const isCounted = ({ handle }: AccountRow): boolean =>
    differing.has(handle) && !pending.has(handle);
  const view: LedgersView = {
    schemaVersion: 1,
    takenAt: report.takenAt,
    containers:
      args.all === true || isOne ? rows : rows.filter((row) => differs(row) && isCounted(row)),
    changing: rows.flatMap((row) => (differs(row) && !isCounted(row) ? [row.handle] : [])),
    agreeing,
    unknown,
    unread,
    sharing,
    // One run of this command cannot watch for three minutes.
    unpoliced: (known?.ledgers.unpoliced ?? []).filter(({ handle }) =>
      rows.some((row) => row.handle === handle && row.marks.policy === 'no'),
    ),
    alone,
    aloneOmitted,
    sensors: sensorsHere(report, known?.sensors ?? []),
    agent: whyWithout(agent),
  };
  printAnswer(
    view,
    args,
    io,
    (style) =>
      documentText(ledgersDocument(view, { isOne, instances: report.containers }), {
        ...style,
        wide,
      }),
    cell,
  );
  return exitOfLedgers(view, isOne);
}

/** As `check`: 2, not everything could be read, comes before 1, something is wrong. */
export function exitOfLedgers(
  { containers, changing, alone, sharing, unread }: LedgersView,
  isOne: boolean,
): 0 | 1 | 2 {
  if (isOne ? containers.some(hasUnknown) : unread.length > 0) return 2;
  const isDifferent = containers.some((row) => differs(row) && !changing.includes(row.handle));
  const isWrong = isDifferent || (!isOne && alone.length + sharing.length > 0);
  return isWrong ? 1 : 0;
}

const NOT_READ = 'The capture is of a version that did not read the ledgers.';

function whyWithout(agent: AskedAgent): string | null {
  if (agent.kind === 'answered') return null;
  return agent.kind === 'silent' ? agent.why : 'this is a saved cell';
}

/** @throws KnownFailure HANDLE_NOT_FOUND, HANDLE_AMBIGUOUS, HANDLE_TOO_SHORT */
function named<T extends Parameters<typeof containerNamed>[1][number]>(
  text: string,
  rows: readonly T[],
): T {
  const row = containerNamed(text, rows);
  if (row !== null) return row;
  throw new KnownFailure(
    'HANDLE_NOT_FOUND',
    `No container "${oneLine(text, 80)}" is listed or runs here.${lostNameHint(text)}`,
  );
}
