import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure } from '../model/failure.ts';
import { askAgent } from '../probe/status-client.ts';
import { wantsColor, type ColorChoice, type Io } from './io.ts';

export interface StatusArguments {
  readonly statusSocket: string;
  readonly format: 'table' | 'json' | 'html';
  readonly color: ColorChoice;
  readonly all: boolean;
  readonly watch: boolean;
}

const BETWEEN_LOOKS = 2000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** What the running agent knows; exits as `check`. With `watch` until it is interrupted. */
export async function runStatus(args: StatusArguments, io: Io): Promise<number> {
  if (args.watch && args.format !== 'table') {
    throw new KnownFailure('USAGE', '--watch shows the table; leave out --format, or --watch.');
  }
  for (;;) {
    const { status, body, verdict } = await askAgent(args.statusSocket, 'GET', pathOf(args, io));
    if (status === 503) {
      throw new KnownFailure(
        'AGENT_UNREACHABLE',
        'The agent has not ended its first look yet; ask again in a moment.',
      );
    }
    if (args.watch && io.isTty) io.stdout(CLEAR_SCREEN);
    io.stdout(args.watch ? `${new Date().toISOString()}\n${body}` : body);
    if (!args.watch) return exitCodeOf(verdict);
    await sleep(BETWEEN_LOOKS);
  }
}

function pathOf({ format, color, all }: StatusArguments, io: Io): string {
  if (format === 'html') return '/';
  if (format === 'json') return '/v1/report';
  const query = new URLSearchParams({
    format: 'table',
    columns: String(io.columns),
    color: String(wantsColor(color, io)),
    all: String(all),
  });
  return `/v1/report?${query.toString()}`;
}

function exitCodeOf(verdict: string | null): number {
  if (verdict === 'all-tracked') return 0;
  return verdict === 'untracked' ? 1 : 2;
}
