import { KernelReader } from '../../src/probe/kernel-reader.ts';

/** Counts the lines that are read of mount tables. */
export class CountingReader extends KernelReader {
  taken = 0;

  override *lines(path: string, limit: number) {
    for (const line of super.lines(path, limit)) {
      this.taken += 1;
      yield line;
    }
  }
}
