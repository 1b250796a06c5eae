import type { AgentKnowledge } from '../model/agent-state.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import type { ContainerReport } from '../model/report.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { containerJson } from './report-json.ts';

const MAX_PROPERTIES = 64;
const MAX_VALUE = 1024;

/** What is known of one container beyond its entry in the report. */
export interface Explained {
  readonly container: ContainerReport;
  readonly hierarchies: readonly {
    readonly controllers: readonly ControllerName[];
    readonly mountPoint: ByteString;
    readonly path: ByteString | null;
    readonly inode: number | null;
    readonly pids: readonly number[];
  }[];
  /** Null: Garden has none; undefined: Garden did not say. */
  readonly properties: Readonly<Record<string, string>> | null | undefined;
  /** What the running agent remembers; null: it was not asked, or does not answer. */
  readonly agent: AgentKnowledge | null;
}

/**
 * With what a pass of one's own cannot know: whose it was before Garden forgot it, and since when it is untracked. That pass knows
 * only when it began itself, which is no answer.
 */
export function withAgentKnowledge({ container, agent }: Explained): ContainerReport {
  const isUntracked = container.status === 'untracked';
  return {
    ...container,
    app: container.app ?? agent?.app ?? null,
    since: isUntracked ? (agent?.untrackedSince ?? null) : null,
  };
}

/** `silentAgent`: why it did not answer, so that no events are not taken for nothing that happened; null as for `explainText`. */
export const explainJson = (explained: Explained, silentAgent: string | null) => ({
  ...containerJson(withAgentKnowledge(explained)),
  hierarchies: explained.hierarchies.map(({ controllers, mountPoint, path, inode, pids }) => ({
    controllers,
    mount: textOfBytes(mountPoint),
    path: path === null ? null : textOfBytes(path),
    inode,
    pids,
  })),
  properties: boundedProperties(explained.properties),
  events: explained.agent?.events ?? [],
  agent: { asked: explained.agent !== null || silentAgent !== null, silent: silentAgent },
});

/** At most 64 properties of 1,024 characters each. */
export const boundedProperties = (
  properties: Explained['properties'],
): Record<string, string> | null =>
  properties === null || properties === undefined
    ? null
    : Object.fromEntries(
        Object.entries(properties)
          .slice(0, MAX_PROPERTIES)
          .map(([key, value]) => [oneLine(key, 256), oneLine(value, MAX_VALUE)]),
      );
