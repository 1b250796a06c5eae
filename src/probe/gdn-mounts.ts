import type { ByteString } from '../model/ids.ts';
import { namespaceMountsOf } from '../parse/ledger-files.ts';
import { overlaysOf } from '../parse/root-images.ts';
import { readBytes, textOf, type KernelReader } from './kernel-reader.ts';
import type { PassUnderWay } from './rereads.ts';

interface Mounts {
  /** The images of its overlays. */
  readonly overlays: readonly ByteString[];
  /** Inodes of network namespaces, by handle. */
  readonly namespaces: ReadonlyMap<ByteString, number>;
}

/** What gdn has mounted for containers: two ledgers, of one reading of its table in a pass. */
export class GdnMounts {
  readonly #reader: KernelReader;
  readonly #pass: PassUnderWay;
  #last: { pid: number; readIn: number; bytes: Buffer; mounts: Mounts } | null = null;

  constructor(reader: KernelReader, pass: PassUnderWay) {
    this.#reader = reader;
    this.#pass = pass;
  }

  /** The same value while the table is the same; null if it cannot be read. */
  read(pid: number): Mounts | null {
    const last = this.#last?.pid === pid ? this.#last : null;
    const readIn = this.#pass.number;
    if (last?.readIn === readIn) return last.mounts;
    const bytes = readBytes(this.#reader, `/proc/${pid}/mountinfo`);
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) return null;
    if (last?.bytes.equals(bytes) === true) {
      last.readIn = readIn;
      return last.mounts;
    }
    const text = textOf(bytes);
    const mounts = { overlays: [...overlaysOf(text).keys()], namespaces: namespaceMountsOf(text) };
    this.#last = { pid, readIn, bytes: Buffer.from(bytes), mounts };
    return mounts;
  }
}
