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
export function gdnMountsReader(reader: KernelReader, pass: PassUnderWay) {
  let kept: { pid: number; readIn: number; bytes: Buffer; mounts: Mounts } | null = null;

  /** The same value while the table is the same; null if it cannot be read. */
  return (pid: number): Mounts | null => {
    const last = kept?.pid === pid ? kept : null;
    const readIn = pass.number;
    if (last?.readIn === readIn) return last.mounts;
    const bytes = readBytes(reader, `/proc/${pid}/mountinfo`);
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) return null;
    if (last?.bytes.equals(bytes) === true) {
      last.readIn = readIn;
      return last.mounts;
    }
    const text = textOf(bytes);
    const mounts = { overlays: [...overlaysOf(text).keys()], namespaces: namespaceMountsOf(text) };
    kept = { pid, readIn, bytes: Buffer.from(bytes), mounts };
    return mounts;
  };
}
