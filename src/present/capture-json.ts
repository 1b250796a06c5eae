import type { Capture } from '../model/snapshot.ts';

/** The text of a capture file before compression. A Map becomes the list of its entries. */
export const captureText = (capture: Capture): string =>
  JSON.stringify(capture, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
