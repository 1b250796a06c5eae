import { GobDecoder, type GobMessage } from '../../../src/cf-plugin/gob/gob-decoder.ts';
import { MessageSplitter } from '../../../src/cf-plugin/gob/message-splitter.ts';

/** All messages of a stream of its own. */
export function decoded(bytes: Uint8Array | string): readonly GobMessage[] {
  const stream = typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : bytes;
  const decoder = new GobDecoder();
  return new MessageSplitter().push(stream).map((content) => decoder.read(content));
}
