import { MEMORY_SCHEMA_VERSION, type Memory } from '../model/memory.ts';

/**
 * The text of the memory file. The time of the last pass matters only while a difference lasts: leaving it out otherwise lets a
 * quiet cell write nothing.
 */
export function memoryText(memory: Memory, writtenAt: string): string {
  const { bootId, anchor, gardenUnavailableSince, troubleTold, lastLook, containers } = memory;
  const isDiffering = [...containers.values()].some(({ reason }) => reason !== null);
  return JSON.stringify({
    schemaVersion: MEMORY_SCHEMA_VERSION,
    writtenAt,
    bootId,
    anchor,
    gardenUnavailableSince,
    troubleTold,
    lastLook: isDiffering ? lastLook : null,
    containers: Object.fromEntries(containers),
  });
}
