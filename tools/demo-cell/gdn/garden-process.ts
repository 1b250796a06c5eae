import { existsSync, readFileSync } from 'node:fs';
import { until, demoFailed } from '../cgroups/processes.ts';
import type { Fault, GardenState } from '../garden/state.ts';
import { CellProgram, programFile, type StartProcess } from './cell-program.ts';
import { CONTROL_SOCKET, GDN_LOG, type GdnConfiguration } from './config.ts';
import { control, type ControlRequest } from './control.ts';

const START_DEADLINE_MILLISECONDS = 30_000;

/** The cell's gdn from the driver's side: it can be started, killed and started again. */
export class GardenProcess extends CellProgram {
  readonly #configuration: GdnConfiguration;

  /** `ownCgroup`: in the hierarchy in which only dadoo and the shims are below it. */
  constructor(
    start: StartProcess,
    cellRoot: string,
    configuration: GdnConfiguration,
    ownCgroup: string,
  ) {
    super('gdn', ownCgroup, start, cellRoot);
    this.#configuration = configuration;
  }

  async start(): Promise<void> {
    const configuration = JSON.stringify(this.#configuration);
    const command = [process.execPath, programFile('gdn'), configuration];
    const pid = await this.startProcess(GDN_LOG, command);
    await until(async () => {
      if (await this.#answers()) return null;
      const why = `the cell's gdn did not start: ${this.#lastWords()}`;
      if (existsSync(`${this.cellRoot}/proc/${pid}`)) return why;
      throw demoFailed(why);
    }, START_DEADLINE_MILLISECONDS);
  }

  /** As on SIGTERM: it saves its properties, and `start` restores them. */
  async stop(): Promise<void> {
    await this.control({ do: 'save-properties' });
    await this.kill();
  }

  /** Kills and restarts it: the containers keep running, but lose their properties. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  setFault(fault: Fault, on: GardenState['faultOn'] = 'all'): Promise<void> {
    return this.control({ do: 'set-fault', fault, on });
  }

  control(order: ControlRequest, deadlineMilliseconds?: number): Promise<void> {
    return control(this.cellRoot + CONTROL_SOCKET, order, deadlineMilliseconds);
  }

  #answers(): Promise<boolean> {
    return this.control({ do: 'ping' }).then(
      () => true,
      () => false, // not yet
    );
  }

  #lastWords(): string {
    try {
      return readFileSync(this.cellRoot + GDN_LOG, 'utf8')
        .trim()
        .slice(-1000);
    } catch {
      return `it wrote no ${GDN_LOG}`;
    }
  }
}
