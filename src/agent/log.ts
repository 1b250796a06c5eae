import process from 'node:process';
import { createLogger, format, transports } from 'winston';
import type { LogLevel } from '../model/agent-config.ts';
import type { CellIdentity } from '../model/cell-identity.ts';
import type { AgentEvent } from '../model/agent-state.ts';
import { logLine } from '../present/log-line.ts';

/** lager's levels in winston's order: a smaller number is more severe. */
const LEVELS = { fatal: 0, error: 1, info: 2, debug: 3 } as const;

/**
 * The log of the daemon: one line per event on stdout, which BOSH redirects to a file. BOSH rotates
 * that file by copy and truncate, so nothing has to be reopened. Errors go to the same stream, in
 * order with the other events.
 */
export function createLog(level: LogLevel, cell: CellIdentity | null): (event: AgentEvent) => void {
  const logger = createLogger({
    levels: LEVELS,
    level,
    // The message is the finished line; winston only decides by level whether to write it.
    format: format.printf(({ message }) => String(message)),
    transports: [new transports.Stream({ stream: process.stdout, eol: '\n' })],
  });
  return (event) => {
    logger.log(event.level, logLine(event, cell));
  };
}
