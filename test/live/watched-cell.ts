import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { handlesOf, processesNamed } from './cells.ts';
import { containerOf } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';

/** A cell that an agent watches, on which a rep can be started, and the acts of a story about them. */
export class WatchedCell {
  readonly cell: Cell;
  readonly agent: RunningAgent;

  constructor(cell: Cell, agent = new RunningAgent(cell)) {
    this.cell = cell;
    this.agent = agent;
  }

  static async start(runtime: 'runc' | 'containerd', config: object = {}): Promise<WatchedCell> {
    const watched = new WatchedCell(await startCell({ runtime, label: 'diego' }));
    await watched.startAgent(config);
    return watched;
  }

  async startAgent(config: object = {}): Promise<void> {
    await this.agent.prepare(config);
    this.agent.start();
    await this.agent.until('started');
  }

  async stop(): Promise<void> {
    await this.agent.endIfRunning();
    await this.cell.stop();
  }

  startRep(retryMilliseconds = 500) {
    return this.cell.rep.start({ retryMilliseconds });
  }

  /** Containers that a running rep manages and the agent has seen. */
  async managed(...handles: readonly string[]): Promise<void> {
    if (this.cell.rep.hostPid() === null) await this.startRep();
    for (const handle of handles) await this.cell.create({ handle, kind: 'app' });
    await waitFor('rep to manage them', () =>
      handles.every((handle) => this.cell.rep.status()?.known.includes(handle) === true),
    );
    await this.agent.afterPass();
  }

  /** Gdn starts, and rep has not tried to destroy anything yet. */
  async whileBbsIsAway(play: () => Promise<void>): Promise<void> {
    this.cell.rep.setBbsAway(true);
    try {
      await play();
    } finally {
      this.cell.rep.setBbsAway(false);
    }
  }

  untilUnlisted(...handles: readonly string[]): Promise<void> {
    return waitFor(`the destruction of ${handles.join(', ')}`, async () => {
      const listed = await handlesOf(this.cell).catch(() => null);
      return listed !== null && !handles.some((handle) => listed.includes(handle));
    });
  }

  async inReport(handle: string) {
    return containerOf(await this.agent.report(), handle);
  }

  /** All that the agent says of containers from before the story to a pass that began after it. */
  async says(expected: readonly string[], play: () => Promise<void>): Promise<void> {
    const before = this.agent.timeline().length;
    await play();
    await this.agent.afterPass();
    const said = this.agent.timeline().slice(before);
    expect(said.filter((line) => line.startsWith('container.'))).to.deep.equal(expected);
  }

  /** To be called before what leads to the line: resolves with the next one. */
  next(message: string): () => Promise<void> {
    const before = this.agent.timeline().filter((line) => line.startsWith(message)).length;
    return () => this.agent.until(message, before + 1);
  }

  /** Compared for longer than the grace period. */
  async longerThanTheGracePeriod(): Promise<void> {
    await sleep(1200);
    await this.agent.afterPass();
  }

  /** The pid, on this machine, of the one process of the cell with this name. */
  async onlyProcess(name: string): Promise<number> {
    let pids: readonly number[] = [];
    await waitFor(`the process ${name}`, () => {
      pids = processesNamed(name, this.cell.rootPid);
      return pids.length === 1;
    });
    return pids[0] ?? 0;
  }
}
