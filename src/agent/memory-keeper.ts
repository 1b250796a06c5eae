import type { Handle } from '../model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../model/memory.ts';
import { isStoredAlike, parseMemory, memoryText } from '../parse/memory-file.ts';
import { rememberedFindings } from '../reconcile/container-report.ts';
import { heldByRemembered } from '../reconcile/held.ts';
import { plural } from '../present/quantities.ts';
import { readMemoryFile, ReplacedFile } from '../probe/own-files.ts';

export type MemoryError =
  | { readonly kind: 'set-aside'; readonly why: string; readonly aside: string | null }
  /** `again`: how many findings the next agent would report again. */
  | { readonly kind: 'not-written'; readonly errno: string; readonly again: number };

export const memorySentence = (error: MemoryError, path: string): string =>
  error.kind === 'set-aside'
    ? `The memory file ${path} cannot be used (${error.why}); ` +
      `${error.aside === null ? 'it could not be set aside' : `it was set aside as ${error.aside}`}. ` +
      'The agent starts with an empty memory.'
    : `The memory file ${path} cannot be written (${error.errno}): a restart would lose what has been reported${
        error.again === 0 ? '' : `, and report ${plural(error.again, 'finding')} again`
      }.`;

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
      return { memory: EMPTY_MEMORY, error: { kind: 'set-aside', why: parsed.why, aside } };
    }
    this.#reported = reportedIn(parsed.memory);
    const containers = rememberedFindings(parsed.memory.containers);
    const held = heldByRemembered(containers);
    const lastShown = { ...EMPTY_MEMORY.lastShown, containers, held };
    return { memory: { ...EMPTY_MEMORY, ...parsed.memory, lastShown }, error: null };
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
      return { kind: 'not-written', errno, again };
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
