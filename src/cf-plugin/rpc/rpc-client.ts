import type { Socket } from 'node:net';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { GobEncoder } from '../gob/gob-encoder.ts';
import type { GobType } from '../gob/gob-type.ts';
import type { GobValue } from '../gob/gob-value.ts';
import { RUN_AGAIN } from '../run-again.ts';
import { connectLocally } from './local-socket.ts';
import { ResponseReader, type RpcReply } from './response-reader.ts';
import { rpcRequest } from './rpc-messages.ts';

interface PendingCall {
  readonly method: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (body: GobValue) => void;
  readonly reject: (why: KnownFailure) => void;
}

/** cf answered a call with an error. */
export class CallRefused extends KnownFailure {
  /** In cf's own words, one line. */
  readonly said: string;
  constructor(method: string, said: string) {
    super('CF_REFUSED', `cf refused ${method} (${said}): ${RUN_AGAIN}`);
    this.said = said;
  }
}

/** A client of Go's net/rpc over one connection. Calls may overlap: answers are matched by their sequence number. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #deadline: number;
  readonly #encoder = new GobEncoder();
  readonly #reader = new ResponseReader();
  readonly #pending = new Map<number, PendingCall>();
  /** Calls that were given up: their answers may still come. */
  readonly #abandoned = new Set<number>();
  #next = 0;
  /** Why nothing can be asked any more. */
  #ended: KnownFailure | null = null;

  static async connect(port: number, deadlineMilliseconds: number): Promise<RpcClient> {
    return new RpcClient(await connectLocally(port, deadlineMilliseconds), deadlineMilliseconds);
  }

  private constructor(socket: Socket, deadlineMilliseconds: number) {
    this.#socket = socket;
    this.#deadline = deadlineMilliseconds;
    socket.on('data', (piece) => this.#receive(piece));
    socket.on('error', (error) => this.#end(closed(error)));
    socket.on('close', () => this.#end(closed()));
  }

  /**
   * @returns the body of the reply, whatever its type
   * @throws (as a rejection) KnownFailure CF_REFUSED with what cf says; CF_TIMEOUT; CF_CLOSED; GOB_* and CF_ANSWER where cf breaks the protocol
   */
  call<T>(method: string, type: GobType<T>, argument: T): Promise<GobValue> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const sequence = this.#next++;
    // One write, so that request and argument travel together.
    const bytes = Buffer.concat([
      this.#encoder.encode(rpcRequest, { method, sequence }),
      this.#encoder.encode(type, argument),
    ]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#abandon(sequence), this.#deadline);
      this.#pending.set(sequence, { method, timer, resolve, reject });
      this.#socket.write(bytes);
    });
  }

  /** Calls under way fail with CF_CLOSED. */
  close(): void {
    this.#end(new KnownFailure('CF_CLOSED', 'the plugin has closed its connection to cf'));
  }

  #receive(piece: Buffer): void {
    if (this.#ended !== null) return;
    try {
      for (const reply of this.#reader.push(piece)) this.#settle(reply);
    } catch (error) {
      if (!(error instanceof KnownFailure)) throw error;
      this.#end(error);
    }
  }

  #settle({ response, body }: RpcReply): void {
    if (this.#abandoned.delete(response.Seq)) return;
    const call = this.#take(response.Seq);
    if (call === null)
      throw new KnownFailure(
        'CF_ANSWER',
        `cf answered call ${response.Seq}, which nobody made: ${RUN_AGAIN}`,
      );
    if (response.Error === '') call.resolve(body);
    else call.reject(new CallRefused(call.method, oneLine(response.Error, 500)));
  }

  #abandon(sequence: number): void {
    this.#abandoned.add(sequence);
    const call = this.#take(sequence);
    call?.reject(
      new KnownFailure(
        'CF_TIMEOUT',
        `cf did not answer ${call.method} within ${this.#deadline / 1000} s: run the command again, with CF_TRACE=true to see what cf waits for`,
      ),
    );
  }

  #take(sequence: number): PendingCall | null {
    const call = this.#pending.get(sequence) ?? null;
    this.#pending.delete(sequence);
    clearTimeout(call?.timer);
    return call;
  }

  #end(why: KnownFailure): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#socket.destroy();
    for (const sequence of this.#pending.keys()) this.#take(sequence)?.reject(why);
  }
}

function closed(cause?: Error): KnownFailure {
  return new KnownFailure(
    'CF_CLOSED',
    `cf closed its connection to this plugin before it had answered: ${RUN_AGAIN}`,
    { cause },
  );
}
