import * as v from 'valibot';
import { KnownFailure } from '../../model/failure.ts';
import { gobString, type GobType } from '../gob/gob-type.ts';
import { RUN_AGAIN } from '../run-again.ts';
import { pluginMetadata } from './metadata-type.ts';
import type { PluginMetadata } from './plugin-metadata.ts';
import { RpcClient } from './rpc-client.ts';

/**
 * What cf answers to its plugin. Every call may fail with a KnownFailure: CF_REFUSED (cf answered with an error:
 * CallRefused), CF_CLOSED, CF_TIMEOUT, and CF_ANSWER or GOB_* where cf does not keep to the protocol.
 */
export interface CliConnection {
  isLoggedIn(): Promise<boolean>;
  hasApiEndpoint(): Promise<boolean>;
  apiEndpoint(): Promise<string>;
  /** With "bearer " in front. cf refreshes it when less than a minute of its life is left, so ask anew before each use. */
  accessToken(): Promise<string>;
  isSslDisabled(): Promise<boolean>;
  username(): Promise<string>;
  isMinCliVersion(version: string): Promise<boolean>;
  setPluginMetadata(metadata: PluginMetadata): Promise<boolean>;
  close(): void;
}

/**
 * Connects to the cf that started this plugin.
 * @param port the first argument that cf gives a plugin
 * @param options.deadlineMilliseconds for the connection and for each call; 30 s where left out: with a token at its end
 *   cf asks UAA for another one
 * @throws KnownFailure CF_UNREACHABLE
 */
export async function connectToCli(
  port: number,
  options: { readonly deadlineMilliseconds: number } = { deadlineMilliseconds: 30_000 },
): Promise<CliConnection> {
  const client = await RpcClient.connect(port, options.deadlineMilliseconds);

  async function ask<A, R>(
    method: string,
    reply: v.GenericSchema<unknown, R>,
    type: GobType<A>,
    argument: A,
  ): Promise<R> {
    const body = await client.call(`CliRpcCmd.${method}`, type, argument);
    const parsed = v.safeParse(reply, body);
    if (parsed.success) return parsed.output;
    throw new KnownFailure(
      'CF_ANSWER',
      `cf answered ${method} with a value of another type: ${RUN_AGAIN}`,
    );
  }
  // Most methods ignore their argument; it is there because net/rpc wants one.
  const flag = (method: string, argument = '') => ask(method, v.boolean(), gobString, argument);
  const text = (method: string) => ask(method, v.string(), gobString, '');

  return {
    isLoggedIn: () => flag('IsLoggedIn'),
    hasApiEndpoint: () => flag('HasAPIEndpoint'),
    apiEndpoint: () => text('ApiEndpoint'),
    accessToken: () => text('AccessToken'),
    isSslDisabled: () => flag('IsSSLDisabled'),
    username: () => text('Username'),
    isMinCliVersion: (version) => flag('IsMinCliVersion', version),
    setPluginMetadata: (metadata) =>
      ask('SetPluginMetadata', v.boolean(), pluginMetadata, metadata),
    close: () => client.close(),
  };
}
