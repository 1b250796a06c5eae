import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KnownFailure } from '../model/failure.ts';

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`./recorded/${name}`, import.meta.url));

/** The same story, recorded by tools/record-story.ts: for machines where no cell can be built. */
export interface RecordedStory {
  readonly captures: { readonly healthy: string; readonly broken: string };
  /** Containers seen through the mount that a rule takes. */
  readonly seen: Readonly<Record<string, number>>;
}

/** @throws KnownFailure DEMO_RECORDING where the bundle stands without the folder that belongs to it */
export function recordedStory(): RecordedStory {
  const parsed: unknown = JSON.parse(textOf(fileOf('seen.json')));
  const seen: Record<string, number> = {};
  if (typeof parsed === 'object' && parsed !== null) {
    for (const [rule, count] of Object.entries(parsed)) {
      if (typeof count === 'number') seen[rule] = count;
    }
  }
  return {
    captures: { healthy: fileOf('healthy.json.gz'), broken: fileOf('broken.json.gz') },
    seen,
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KnownFailure(
      'DEMO_RECORDING',
      `The recorded cell ${file} cannot be read: keep the folder recorded/ beside the program, or run the demo as root on Linux.`,
      { cause },
    );
  }
}
