import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import type { CriMethodName, CriResult } from '../../model/agent-state.ts';
import type { CriAnswer, CriCalls } from './cri-calls.ts';
import { criMethods, encoded, type CriMethod } from './cri-methods.ts';
import { RequestRate } from './requests.ts';
import { UnreadBytes } from './unread-bytes.ts';

/** What a client can cost: grpc-js limits the streams of a session only if asked to. */
const MAX_STREAMS = 32;
const MAX_MESSAGE_BYTES = 65_536;

/** Called with each request that is answered. */
export type OnRequest = (method: CriMethodName, result: CriResult) => void;

/** A gRPC server without a listener of its own. */
export interface GrpcServer {
  /** Serves a connection until it ends. */
  readonly serve: (socket: Socket) => void;
  readonly close: () => void;
}

type Outcome =
  | Exclude<CriAnswer<Buffer>, { readonly kind: 'refused' }>
  | { readonly kind: Exclude<CriResult, 'answered' | 'not-found'>; readonly why: string };

const CODE: Readonly<Record<Exclude<CriResult, 'answered'>, status>> = {
  'not-found': status.NOT_FOUND,
  refused: status.INVALID_ARGUMENT,
  overloaded: status.RESOURCE_EXHAUSTED,
  failed: status.INTERNAL,
};

/** `runtime.v1.RuntimeService` of CRI. Every other method is answered with UNIMPLEMENTED. */
export function grpcServer(calls: CriCalls, onRequest: OnRequest): GrpcServer {
  // The library would write to the standard error, which no log collects.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_concurrent_streams': MAX_STREAMS,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.enable_channelz': 0,
  });
  const rate = new RequestRate();
  const unread = new UnreadBytes();

  /** Null: the client does not wait any more. */
  const outcomeOf = async (
    method: CriMethod,
    call: ServerUnaryCall<Buffer, Buffer>,
  ): Promise<Outcome | null> => {
    const wait = rate.waitFor(performance.now());
    if (wait === null) return TOO_MANY_REQUESTS;
    if (wait > 0) await sleep(wait);
    if (call.cancelled) return null;
    // A defect in one answer must not end the agent; its client gets the error.
    const answer = await method.answer(call.request).catch(defect);
    if (call.cancelled) return null;
    if (answer.kind !== 'answered' || unread.holds(call, answer.message.length)) return answer;
    return TOO_MUCH_UNREAD;
  };
  const reply = async (
    method: CriMethod,
    call: ServerUnaryCall<Buffer, Buffer>,
    send: sendUnaryData<Buffer>,
  ): Promise<void> => {
    const outcome = await outcomeOf(method, call);
    if (outcome === null) return;
    if (outcome.kind === 'answered') {
      onRequest(method.name, outcome.isFound ? 'answered' : 'not-found');
      send(null, outcome.message);
      return;
    }
    onRequest(method.name, outcome.kind);
    send({ code: CODE[outcome.kind], details: outcome.why });
  };
  const unary =
    (method: CriMethod): handleUnaryCall<Buffer, Buffer> =>
    (call, send) =>
      void reply(method, call, send);
  for (const method of criMethods(calls))
    server.register(pathOf(method.name), unary(method), unchanged, unchanged, 'unary');

  const events: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    onRequest('GetContainerEvents', 'answered');
    const end = calls.containerEvents((event) => {
      const bytes = encoded('ContainerEventResponse', event);
      // A client that does not read its events loses them.
      if (!unread.holds(call, bytes.length)) return;
      call.write(bytes, () => unread.read(call, bytes.length));
    });
    call.once('cancelled', end);
  };
  server.register(pathOf('GetContainerEvents'), events, unchanged, unchanged, 'serverStream');

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    serve: (socket) => injector.injectConnection(socket),
    close: () => server.forceShutdown(),
  };
}

const TOO_MANY_REQUESTS = {
  kind: 'overloaded',
  why: 'too many requests: ask less often',
} as const;

const TOO_MUCH_UNREAD = {
  kind: 'overloaded',
  why: 'too many answers wait to be read: read them',
} as const;

const defect = (error: unknown): Outcome => ({
  kind: 'failed',
  why: `this is a bug in rollcall; please report it: ${String(error).toWellFormed()}`,
});

const pathOf = (method: string): string => `/runtime.v1.RuntimeService/${method}`;

const unchanged = (bytes: Buffer): Buffer => bytes;
