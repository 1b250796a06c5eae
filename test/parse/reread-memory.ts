import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';

/** What is in a text that can be read. */
export function memoryIn(text: string): Memory {
  const read = parseMemory(text);
  if (!read.ok) throw new Error(read.why);
  return read.value;
}

/** As a restarted agent reads it. */
export const reread = (memory: Memory): Memory => memoryIn(memoryText(memory, ''));

/** What the file keeps: no times of this process's clock, and of a quiet cell no last pass. */
export function inFile(memory: Memory): Memory {
  const isDiffering = [...memory.containers.values()].some(({ reason }) => reason !== null);
  const unseen = <T extends object>(one: T) => ({ ...one, seenAt: null });
  const { lastReport, signalsReadAt, comparedPasses, peas, vanished, ledgers } = EMPTY_MEMORY;
  const ofProcess = { lastReport, signalsReadAt, comparedPasses, peas, vanished, ledgers };
  return {
    ...memory,
    ...ofProcess,
    lastPass: isDiffering ? memory.lastPass : null,
    rep: memory.rep === null ? null : { ...memory.rep, missingSince: null },
    warnings: new Map([...memory.warnings].map(([reason, one]) => [reason, unseen(one)])),
    gardenDirectory: { ...memory.gardenDirectory, passes: 0 },
    containers: new Map(
      [...memory.containers].map(([handle, one]) => [
        handle,
        unseen({
          ...one,
          clock: one.clock === null ? null : unseen(one.clock),
          escaped: one.escaped.map((each) => unseen(each)),
        }),
      ]),
    ),
  };
}
