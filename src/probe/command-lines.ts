import { LATE_COMMAND, type Launched, type ProcessFacts } from '../model/process.ts';
import { launchedBy } from '../parse/process-files.ts';
import { MAX_COMMAND_LINE_BYTES, type ShowsCommand } from '../parse/shown-command.ts';
import type { KernelReader } from './kernel-reader.ts';
import { LATE, TimedReads } from './timed-reads.ts';

/** Garden's server and its helpers. A process of a container can have such a name, too. */
const GARDEN_COMM = /^(?:gdn|dadoo|containerd-shim.*)$/;

/** Of the memory of a process, which can make the reader wait: FUSE mappings, dead NFS servers. */
export class CommandLines {
  readonly #reader: KernelReader;
  readonly #shows: ShowsCommand;
  /** Apart from the others, so that two hostile apps do not keep us from knowing whose a process is. */
  readonly #ofGarden = new TimedReads();
  readonly #others: TimedReads;

  /** @param others for what a process of a container can make hang */
  constructor(reader: KernelReader, shows: ShowsCommand, others = new TimedReads()) {
    this.#reader = reader;
    this.#shows = shows;
    this.#others = others;
  }

  /** Whether reads hang, so that some are made no more. */
  get hasStopped(): boolean {
    return this.#ofGarden.hasStopped || this.#others.hasStopped;
  }

  /** Empty if the process is gone; null if it did not come in time. */
  async textOf({ pid, comm }: Pick<ProcessFacts, 'pid' | 'comm'>): Promise<string | null> {
    const reads = GARDEN_COMM.test(comm) ? this.#ofGarden : this.#others;
    const path = `${this.#reader.root}/proc/${pid}/cmdline`;
    const text = await reads.text(path, MAX_COMMAND_LINE_BYTES);
    if (typeof text === 'string') return text;
    return text.errno === LATE ? null : '';
  }

  /** Which container a helper of Garden serves; null: none, or its command line did not come in time. */
  async launchedBy(helper: Pick<ProcessFacts, 'pid' | 'comm'>): Promise<Launched | null> {
    return launchedBy(helper.comm, (await this.textOf(helper)) ?? '');
  }

  /** The process with its command line; null if another process took its pid during the read. */
  async added<T extends ProcessFacts>(
    facts: T,
  ): Promise<{ readonly process: T; readonly cmdline: string } | null> {
    const text = await this.textOf(facts);
    if (this.#reader.stat(facts.pid)?.startTicks !== facts.startTicks) return null;
    const cmdline = text ?? '';
    const command = text === null ? LATE_COMMAND : this.#shows(text);
    const launched = launchedBy(facts.comm, cmdline);
    return { process: { ...facts, command, launched }, cmdline };
  }
}
