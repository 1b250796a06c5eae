import * as v from 'valibot';
import { KnownFailure } from '../../model/failure.ts';
import { GobDecoder } from '../gob/gob-decoder.ts';
import type { GobValue } from '../gob/gob-value.ts';
import { MessageSplitter } from '../gob/message-splitter.ts';
import { RUN_AGAIN } from '../run-again.ts';
import { rpcResponse, type RpcResponse } from './rpc-messages.ts';

export interface RpcReply {
  readonly response: RpcResponse;
  /** After an error too, and then without meaning. */
  readonly body: GobValue;
}

/** Puts the replies together from what arrives on a connection, however it is cut. */
export class ResponseReader {
  readonly #splitter = new MessageSplitter();
  readonly #decoder = new GobDecoder();
  /** A response whose body has not come yet. */
  #response: RpcResponse | null = null;

  /** @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE, GOB_TYPE, CF_ANSWER; then the connection is of no use any more */
  push(piece: Uint8Array): readonly RpcReply[] {
    return this.#splitter.push(piece).flatMap((content) => {
      const message = this.#decoder.read(content);
      return message.kind === 'value' ? this.#take(message.value) : [];
    });
  }

  #take(value: GobValue): readonly RpcReply[] {
    const response = this.#response;
    if (response !== null) {
      this.#response = null;
      return [{ response, body: value }];
    }
    const parsed = v.safeParse(rpcResponse, value);
    if (!parsed.success)
      throw new KnownFailure(
        'CF_ANSWER',
        `cf sent something else than a response of net/rpc: ${RUN_AGAIN}`,
      );
    this.#response = parsed.output;
    return [];
  }
}
