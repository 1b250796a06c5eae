import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`./recorded/${name}`, import.meta.url));

/** The same story, recorded by tools/record-story.ts: for machines where no cell can be built. */
export interface RecordedStory {
  readonly captures: { readonly healthy: string; readonly broken: string };
  /** Containers seen through the mount that a rule takes. */
  readonly seen: Readonly<Record<string, number>>;
}

export function recordedStory(): RecordedStory {
  const parsed: unknown = JSON.parse(readFileSync(fileOf('seen.json'), 'utf8'));
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
