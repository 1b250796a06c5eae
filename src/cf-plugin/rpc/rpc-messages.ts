import * as v from 'valibot';
import { gobField, gobString, gobStruct, gobUint } from '../gob/gob-type.ts';

/** What stands in front of an argument (net/rpc, type Request). */
export interface RpcRequest {
  /** Service and method: `CliRpcCmd.AccessToken`. */
  readonly method: string;
  /** Given back in the answer; counted from 0 on each connection. */
  readonly sequence: number;
}

export const rpcRequest = gobStruct<RpcRequest>('Request', [
  gobField('ServiceMethod', gobString, (request) => request.method),
  gobField('Seq', gobUint, (request) => request.sequence),
]);

/** What stands in front of a reply (net/rpc, type Response); the sender leaves out what is empty or 0. */
export const rpcResponse = v.object({
  ServiceMethod: v.optional(v.string(), ''),
  Seq: v.optional(v.number(), 0),
  Error: v.optional(v.string(), ''),
});

export type RpcResponse = v.InferOutput<typeof rpcResponse>;
