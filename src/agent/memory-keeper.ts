import type { Handle } from '../model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../model/memory.ts';
import { isStoredAlike, parseMemory, memoryText } from '../parse/memory-file.ts';
import { rememberedFindings } from '../reconcile/container-report.ts';
import { unaccountedRemembered } from '../reconcile/unaccounted.ts';
import { plural } from '../present/quantities.ts';
import { readMemoryFile, ReplacedFile } from '../probe/own-files.ts';

export interface MemoryError {
  readonly message: 'rollcall.memory.set-aside' | 'rollcall.memory.not-written';
  readonly sentence: string;
  /** How many findings the next agent would report again. */
  readonly again: number;
}

/** The memory file: read once, written whenever something in it changed. */
export class MemoryKeeper {
  readonly #file: ReplacedFile;
  #written = '';
  #saved: Memory | null = null;
  /** The findings that the file names as reported. */
  #reported: ReadonlySet<Handle> = new Set();

  constructor(path: string) {
    this.#file = new ReplacedFile(path);
  }

  /** Sets a file aside that cannot be used; the agent then starts with an empty memory. */
  load(): { readonly memory: Memory; readonly error: MemoryError | null } {
    const stored = readMemoryFile(this.#file.path);
    if (stored.kind === 'none') return { memory: EMPTY_MEMORY, error: null };
    const parsed =
      stored.kind === 'read' ? parseMemory(stored.text) : { ok: false as const, why: stored.why };
    if (!parsed.ok) {
      const aside = this.#file.setAside();
      const done = aside === null ? 'it could not be set aside' : `it was set aside as ${aside}`;
      const sentence = `The memory file ${this.#file.path} cannot be used (${parsed.why}); ${done}. The agent starts with an empty memory.`;
      const error = { message: 'rollcall.memory.set-aside', sentence, again: 0 } as const;
      return { memory: EMPTY_MEMORY, error };
    }
    const memory = parsed.value;
    this.#reported = reportedIn(memory);
    const containers = rememberedFindings(memory.containers);
    const unaccounted = unaccountedRemembered(containers);
    const lastReport = { ...memory.lastReport, containers, unaccounted };
    return { memory: { ...memory, lastReport }, error: null };
  }

  save(memory: Memory, now: string): MemoryError | null {
    // A shortcut: nothing changes in most passes.
    if (this.#saved !== null && isStoredAlike(this.#saved, memory)) return null;
    const content = memoryText(memory, '');
    if (content === this.#written) {
      this.#saved = memory;
      return null;
    }
    const errno = this.#file.replace(memoryText(memory, now));
    const reported = reportedIn(memory);
    if (errno !== null) {
      const again = [...reported].filter((handle) => !this.#reported.has(handle)).length;
      const more = again === 0 ? '' : `, and report ${plural(again, 'finding')} again`;
      const sentence = `The memory file ${this.#file.path} cannot be written (${errno}): a restart would lose what has been reported${more}.`;
      return { message: 'rollcall.memory.not-written', sentence, again };
    }
    this.#written = content;
    this.#saved = memory;
    this.#reported = reported;
    return null;
  }
}

const reportedIn = ({ containers }: Pick<Memory, 'containers'>): ReadonlySet<Handle> =>
  new Set(
    [...containers].flatMap(([handle, { openReport }]) => (openReport === null ? [] : [handle])),
  );
