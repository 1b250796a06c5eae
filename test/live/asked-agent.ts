import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { typed, type Ran } from '../cli/rollcall.ts';
import { STATUS_SOCKET } from './running-agent.ts';

/** `rollcall ack` or `status` in this process, because they only ask the cell's agent. */
export const askedAgent = (
  cell: Cell,
  command: 'ack' | 'status',
  ...rest: readonly string[]
): Promise<Ran> => typed([command, '--status-socket', cell.outside(STATUS_SOCKET), ...rest]);
