import { asByteString } from '../model/ids.ts';
import type { MountTable } from '../model/mount.ts';
import { SENSOR_COMMS, type SensorInputs, type SensorProcess } from '../model/sensor.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import type { KernelReader } from './kernel-reader.ts';
import type { CommandLines } from './command-lines.ts';
import type { NamedProcesses } from './process-names.ts';
import { factsInCgroups, type FactsInCgroups } from './processes.ts';

/** A real sensor has fewer processes. Further ones with its name are ignored. */
const MAX_PROCESSES = 64;
const MAX_MOUNTINFO_BYTES = 4 * 1024 * 1024;
/** Bytes that identify a mount table: mount ids are unique to a namespace, also in line 1. */
const TABLE_KEY_BYTES = 256;

/** Processes that may be sensors, found whenever gdn is searched for; nothing is read between. */
export function sensorSearch(reader: KernelReader, commands: CommandLines) {
  let found: FactsInCgroups[] = [];
  let isNew = false;

  function search(named: NamedProcesses): void {
    found = [];
    isNew = true;
    for (const [pid, name] of named) {
      if (SENSOR_COMMS.has(name) && found.length < MAX_PROCESSES) add(pid);
    }
  }

  /**
   * What a search since the last call found; null if there was none.
   * @param containerPids one process per container, whose start is read if a process may be a sensor
   */
  async function inputs(containerPids: readonly number[]): Promise<SensorInputs | null> {
    if (!isNew) return null;
    isNew = false;
    const isNeeded = found.length > 0;
    const startTicks = (isNeeded ? containerPids : []).flatMap((pid) => {
      const stat = reader.stat(pid);
      return stat === null ? [] : [[pid, stat.startTicks] as const];
    });
    const processes: SensorProcess[] = [];
    for (const facts of found) {
      const known = await commands.added(facts);
      if (known !== null) processes.push({ ...known.process, table: tableOf(facts.pid) });
    }
    return { processes, startTicks: new Map(startTicks) };
  }

  /** Tenants can name processes like this: one outside the outermost pid namespace is dropped. */
  function add(pid: number): void {
    const process = factsInCgroups(reader, pid);
    if (process?.namespacePids.length === 1) found.push(process);
  }

  function tableOf(pid: number): MountTable | 'cell' | null {
    const text = reader.text(`/proc/${pid}/mountinfo`, MAX_MOUNTINFO_BYTES);
    if (text === null || text === '') return null;
    const cell = reader.text('/proc/1/mountinfo', 2 * TABLE_KEY_BYTES);
    const key = cell?.slice(0, TABLE_KEY_BYTES) ?? '';
    return key !== '' && text.startsWith(key) ? 'cell' : parseMountInfo(asByteString(text));
  }

  return { search, inputs };
}
