import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownFailure, usageFailure } from '../model/failure.ts';
import { checkCell, replay, type Checked, type CheckOptions } from '../pass/check.ts';
import { shownCommand, wholeCommand } from '../parse/shown-command.ts';
import { probeCell, type CellProbeOptions } from '../probe/cell-probe.ts';
import { watchStandstill } from '../probe/standstill.ts';
import type { StoredCapture } from '../model/snapshot.ts';
import type { Io } from '../terminal/io.ts';
import { durationOption } from '../terminal/options.ts';
import {
  DEFAULTS,
  type CAPTURE,
  type CELL,
  type Given,
  type SHOW_COMMANDS,
} from './command-options.ts';
import { readCellIdentity } from '../probe/cell-identity.ts';
import { readCapture } from '../probe/capture-files.ts';
import { whyNotCurrent, withAgent, withStoredAgent } from '../reconcile/with-agent.ts';
import { askedAgent, type AskedAgent } from './agent-answers.ts';

const MAX_MILLISECONDS = 600_000;

/** Which cell a command reads, as typed. */
type CellArguments = Given<typeof CELL & typeof CAPTURE & typeof SHOW_COMMANDS>;

export type CellSource =
  | (Omit<CellProbeOptions, 'bosh' | 'hangNote'> & {
      readonly kind: 'live';
      readonly settleMilliseconds: number;
    })
  | { readonly kind: 'capture'; readonly path: string };

/** The agent here knows nothing about a saved cell, or the files of another one. */
export const isThisCell = (source: CellSource): boolean =>
  source.kind === 'live' && source.root === '/';

/** @throws KnownFailure USAGE for options that contradict each other or have no effect */
export function cellSource(args: CellArguments): CellSource {
  if (args.capture !== undefined) {
    for (const [option, value] of Object.entries({
      '--garden-socket': args.gardenSocket,
      '--garden-timeout': args.gardenTimeout,
      '--root': args.root,
      '--settle': args.settle,
      '--show-commands': args.showCommands,
    })) {
      if (value !== undefined) {
        throw usageFailure(
          `${option} is for a live cell and --capture for a saved one; give only one of them.`,
        );
      }
    }
    return { kind: 'capture', path: args.capture };
  }
  if (args.showCommands === true && process.geteuid?.() !== 0) {
    throw usageFailure('--show-commands is only for root, because command lines contain secrets.');
  }
  const { gardenTimeout = DEFAULTS.gardenTimeout, settle = DEFAULTS.settle } = args;
  const gardenTimeoutMilliseconds = durationOption(
    gardenTimeout,
    '--garden-timeout',
    MAX_MILLISECONDS,
  );
  if (gardenTimeoutMilliseconds <= 0) {
    throw usageFailure('--garden-timeout must be more than 0.');
  }
  const root = args.root ?? DEFAULTS.root;
  if (!root.startsWith('/')) {
    throw usageFailure('--root needs an absolute path to a directory.');
  }
  return {
    kind: 'live',
    root,
    gardenSocket: args.gardenSocket ?? DEFAULTS.gardenSocket,
    gardenTimeoutMilliseconds,
    settleMilliseconds: durationOption(settle, '--settle', MAX_MILLISECONDS),
    showsCommand: args.showCommands === true ? wholeCommand : shownCommand,
  };
}

/** Explains on a terminal why nothing happens for a while; a reader of JSON needs none. */
export const waitNotice =
  (format: string, io: Io) =>
  (milliseconds: number): void => {
    if (io.isErrorTty !== true || (format === 'json' && !io.isTty)) return;
    io.stderr(
      `Something differs: waiting ${milliseconds / 1000} s to compare again (Ctrl-C stops).\n`,
    );
  };

export interface CellReport extends Checked {
  readonly settleMilliseconds: number;
  /** The capture that was replayed; null: the cell is live. */
  readonly stored: StoredCapture | null;
}

/** Optional parts of a check. */
export type Reads = Partial<Pick<CheckOptions, 'allHierarchies' | 'comparesLedgers'>>;

/** The report of a live cell, or the same report again from a capture. */
export async function cellReport(
  source: CellSource,
  reads: Reads,
  onWait: (milliseconds: number) => void,
): Promise<CellReport> {
  if (source.kind === 'capture') {
    const stored = readCapture(source.path);
    const { passes: snapshots, settleMilliseconds } = stored.capture;
    const checked = replay(snapshots, settleMilliseconds);
    if (checked === null)
      throw new KnownFailure('CAPTURE_UNREADABLE', `${source.path} contains no pass.`);
    return { ...checked, settleMilliseconds, stored };
  }
  const { settleMilliseconds } = source;
  const probe = probeCell({ ...source, bosh: readCellIdentity(source.root), hangNote: null });
  const stopWatching = watchStandstill({
    note: null,
    end: 'The verdict is unknown.',
    exits: true,
  });
  let isFirst = true;
  try {
    const checked = await checkCell(probe, {
      settleMilliseconds,
      allHierarchies: false,
      comparesLedgers: false,
      ...reads,
      sleep: (milliseconds) => {
        if (isFirst) onWait(settleMilliseconds);
        isFirst = false;
        return sleep(milliseconds);
      },
    });
    return { ...checked, settleMilliseconds, stored: null };
  } finally {
    stopWatching();
    probe.close();
  }
}

/**
 * The report of a cell, with what only its agent knows. It asks no agent about a saved cell, whose
 * capture holds what its own agent answered, or another root; without an answer, the check stands
 * alone.
 */
export async function reportWithAgent(
  source: CellSource,
  { format, statusSocket }: { readonly format: string; readonly statusSocket: string },
  io: Io,
  reads: Reads = {},
) {
  const checked = await cellReport(source, reads, waitNotice(format, io));
  const then = checked.stored?.capture.agent ?? null;
  const report = then === null ? checked.report : withStoredAgent(checked.report, then.report);
  return withAgentAsked({ ...checked, report }, source, statusSocket);
}

/** The same for a cell that has been checked. */
export async function withAgentAsked<T extends Pick<CellReport, 'report' | 'lastPass'>>(
  checked: T,
  source: CellSource,
  statusSocket: string,
): Promise<T & { readonly agent: AskedAgent }> {
  const agent: AskedAgent = isThisCell(source)
    ? await askedAgent(statusSocket)
    : { kind: 'not-asked' };
  if (agent.kind !== 'answered') return { ...checked, agent };
  const why = whyNotCurrent(agent.report, checked.report);
  return {
    ...checked,
    report: withAgent(checked, agent.report),
    agent: why === null ? agent : { kind: 'silent', why },
  };
}
