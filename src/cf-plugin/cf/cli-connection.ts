import { KnownFailure } from '../../model/failure.ts';
import { RUN_AGAIN, textMessage } from './gob.ts';
import { metadataMessages, type PluginMetadata } from './plugin-metadata.ts';
import { RpcClient } from './rpc-client.ts';

/**
 * What cf answers to its plugin. Every call may fail with a KnownFailure: CF_REFUSED (cf answered
 * with an error: CallRefused), CF_CLOSED, CF_TIMEOUT, and CF_ANSWER or GOB_* where cf does not keep
 * to the protocol.
 */
export interface CliConnection {
  isLoggedIn(): Promise<boolean>;
  hasApiEndpoint(): Promise<boolean>;
  apiEndpoint(): Promise<string>;
  /** With its "bearer ". cf refreshes it in the last minute of its life: ask before each use. */
  accessToken(): Promise<string>;
  isSslDisabled(): Promise<boolean>;
  username(): Promise<string>;
  isMinCliVersion(version: string): Promise<boolean>;
  setPluginMetadata(metadata: PluginMetadata): Promise<boolean>;
  close(): void;
}

/** With a token at its end cf asks UAA for another one. */
const DEADLINE_MILLISECONDS = 30_000;

/**
 * Connects to the cf that started this plugin.
 * @param port the first argument that cf gives a plugin
 * @param deadlineMilliseconds for the connection and for each call
 * @throws KnownFailure CF_UNREACHABLE
 */
export async function connectToCli(
  port: number,
  deadlineMilliseconds: number = DEADLINE_MILLISECONDS,
): Promise<CliConnection> {
  const client = await RpcClient.connect(port, deadlineMilliseconds);
  const otherType = (method: string): KnownFailure =>
    new KnownFailure(
      'CF_ANSWER',
      `cf answered ${method} with a value of another type: ${RUN_AGAIN}`,
    );
  // Most methods ignore their argument; it is there because net/rpc wants one.
  const flag = async (method: string, argument = textMessage('')): Promise<boolean> => {
    const body = await client.call(`CliRpcCmd.${method}`, argument);
    if (typeof body !== 'boolean') throw otherType(method);
    return body;
  };
  const line = async (method: string): Promise<string> => {
    const body = await client.call(`CliRpcCmd.${method}`, textMessage(''));
    if (typeof body !== 'string') throw otherType(method);
    return body;
  };
  return {
    isLoggedIn: () => flag('IsLoggedIn'),
    hasApiEndpoint: () => flag('HasAPIEndpoint'),
    apiEndpoint: () => line('ApiEndpoint'),
    accessToken: () => line('AccessToken'),
    isSslDisabled: () => flag('IsSSLDisabled'),
    username: () => line('Username'),
    isMinCliVersion: (version) => flag('IsMinCliVersion', textMessage(version)),
    setPluginMetadata: (metadata) => flag('SetPluginMetadata', metadataMessages(metadata)),
    close: () => client.close(),
  };
}
