import type { ByteString } from './ids.ts';

/** What a pass reads although nothing has changed; all else may be as old as rereads.ts says. */
export type MustRead =
  | 'everything'
  | {
      /** Cgroups of the primary hierarchy, with everything below them. */
      readonly directories: ReadonlySet<ByteString>;
      /** The same, by the name of the highest of them. */
      readonly names: ReadonlySet<ByteString>;
      readonly pids: ReadonlySet<number>;
    };
