import process from 'node:process';
import type { Drill, DrillProgress, AgentEvent } from '../model/agent-state.ts';
import { drillEvents } from '../present/events.ts';

/** At most one drill at a time; it ends by itself. */
export class RunningDrill {
  readonly #emit: (event: AgentEvent) => void;
  readonly #changed: (drill: Drill | null) => void;
  #drill: DrillProgress | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param changed called when a drill starts, and with null when it ends */
  constructor(emit: (event: AgentEvent) => void, changed: (drill: Drill | null) => void) {
    this.#emit = emit;
    this.#changed = changed;
  }

  /** Ends the previous one. */
  start(seconds: number): DrillProgress {
    this.end();
    const now = Date.now();
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    const drill = {
      handle: `drill-${randomBytes(4).toString('hex')}`,
      since: new Date(now).toISOString(),
      until: new Date(now + seconds * 1000).toISOString(),
      scrapes: 0,
      lastScraped: null,
    };
    this.#drill = drill;
    this.#timer = setTimeout(() => this.end(), seconds * 1000);
    this.#emit(drillEvents(drill).begin);
    this.#changed(drill);
    return drill;
  }

  /** For when the agent stops: nothing more is logged about the drill. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  running(): DrillProgress | null {
    return this.#drill;
  }

  /** The metrics that somebody just read have it. */
  scraped(): void {
    if (this.#drill === null) return;
    const scrapes = this.#drill.scrapes + 1;
    this.#drill = { ...this.#drill, scrapes, lastScraped: new Date().toISOString() };
  }

  /** The drill that was running; null: none was. */
  end(): DrillProgress | null {
    const drill = this.#drill;
    if (drill === null) return null;
    this.close();
    this.#emit({ ...drillEvents(drill).end, at: new Date().toISOString() });
    this.#drill = null;
    this.#changed(null);
    return drill;
  }
}
