import os from 'node:os';

/** What the numbers depend on; nothing that names this machine. */
export interface MachineFacts {
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
  readonly date: string;
}

export function machineFacts(): MachineFacts {
  return {
    // Without what a vendor appends.
    kernel: /^\d+(?:\.\d+)*/.exec(os.release())?.[0] ?? os.release(),
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    processors: os.availableParallelism(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}
