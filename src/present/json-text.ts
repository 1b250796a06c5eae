import { MEMORY_SCHEMA_VERSION, type Memory } from '../model/memory.ts';
import type { Capture } from '../model/snapshot.ts';

/** What JSON.stringify leaves as it is but a terminal or a log viewer obeys: C1 controls, format characters, separators. */
const STEERING = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

const escapeUnits = (text: string): string => {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    escaped += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
};

/** A value as JSON for stdout: the same value for a parser, and nothing in it steers a terminal. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(STEERING, escapeUnits);

/** The text of a capture file before compression. A Map becomes the list of its entries. */
export const captureText = (capture: Capture): string =>
  JSON.stringify(capture, (_key, value: unknown) => (value instanceof Map ? [...value] : value));

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
