import type { CellIdentity } from '../model/cell-identity.ts';
import { isAppOrTask } from '../model/garden.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { AccountRow } from '../model/ledger.ts';
import type { ContainerView, SensorView } from '../model/report-view.ts';
import type { ByteString } from '../model/ids.ts';
import type { ExplainView, RepLog } from '../model/answers.ts';
import type { ContainerReport } from '../model/report.ts';
import type { EventView } from '../model/agent-state.ts';
import { oneLine, textOfBytes } from '../model/text.ts';
import { adviceOn } from './advice/advice.ts';
import { sensorMark } from './ledgers.ts';
import { isPlainName } from './names.ts';
import { containerJson } from './report-json.ts';

const MAX_PROPERTIES = 64;
const MAX_VALUE = 1024;

/** What is known about one container beyond its entry in the report. */
export interface Explained {
  readonly container: ContainerReport;
  /** What to type for each other container of the cell that has a finding. */
  readonly otherFindings: readonly string[];
  /** The cell as BOSH names it; null outside BOSH. */
  readonly bosh: CellIdentity | null;
  readonly hierarchies: readonly {
    readonly controllers: readonly ControllerName[];
    readonly mountPoint: ByteString;
    readonly path: ByteString | null;
    readonly inode: number | null;
    readonly pids: readonly number[];
  }[];
  /** Null if the ledgers were not read. */
  readonly ledgers: AccountRow | null;
  readonly sensors: readonly SensorView[];
  /** Null if Garden has none; undefined if Garden did not say. */
  readonly properties: Readonly<Record<string, string>> | null | undefined;
  /** What the agent logged about it, newest first; null if it was not asked, or does not answer. */
  readonly events: readonly EventView[] | null;
  /** The time of the agent's report in the capture that is replayed; null: there is none. */
  readonly agentOfCapture: string | null;
  /** Null if it was not read, or cannot be. */
  readonly repLog: RepLog | null;
}

/** The command that finds out more about whose container it is. Null: no command does, or it is known. */
export function commandOfWhose(
  { handle, app, kind }: ContainerReport,
  repLog: RepLog | null,
): string | null {
  const id = app === null ? (repLog?.appId ?? '') : app.name === null ? (app.id ?? '') : '';
  if (isPlainName(id)) return `cf curl '/v3/apps/${id}?include=space.organization'`;
  return app === null && isPlainName(handle) && isAppOrTask(kind) && repLog === null
    ? `zgrep -l ${handle} /var/vcap/sys/log/rep/rep.stdout.log*`
    : null;
}

/** The container as in a report, with the advice of `explain`. */
export const containerOf = ({
  container,
  otherFindings,
  bosh,
  repLog,
}: Explained): ContainerView => ({
  ...containerJson(container, bosh),
  advice: adviceOn(container, {
    cell: bosh,
    explained: { command: commandOfWhose(container, repLog), otherFindings },
  }),
});

/** `silentAgent` as for `explainDocument`: without it, an empty list would say that nothing happened. */
export const explainJson = (explained: Explained, silentAgent: string | null): ExplainView => ({
  schemaVersion: 1,
  ...containerOf(explained),
  hierarchies: explained.hierarchies.map(({ controllers, mountPoint, path, inode, pids }) => ({
    controllers,
    mount: textOfBytes(mountPoint),
    path: path === null ? null : textOfBytes(path),
    inode,
    pids,
  })),
  ledgers: explained.ledgers,
  sensors: explained.sensors.map((sensor) => {
    const { handle, pids } = explained.container;
    return { name: sensor.name, mark: sensorMark(sensor, handle, pids > 0), seesBy: sensor.seesBy };
  }),
  properties: boundedProperties(explained.properties),
  events: explained.events ?? [],
  repLog: explained.repLog,
  agent: {
    asked: explained.agentOfCapture === null && (explained.events !== null || silentAgent !== null),
    silent: silentAgent,
    captured: explained.agentOfCapture,
  },
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
