import type { GobEncoder } from '../../../src/cf-plugin/gob/gob-encoder.ts';
import {
  gobBool,
  gobBytes,
  gobField,
  gobFloat,
  gobInt,
  gobMap,
  gobSlice,
  gobString,
  gobStruct,
  gobUint,
  type GobType,
} from '../../../src/cf-plugin/gob/gob-type.ts';
import { pluginMetadata } from '../../../src/cf-plugin/rpc/metadata-type.ts';
import { rpcRequest } from '../../../src/cf-plugin/rpc/rpc-messages.ts';

/** What makes the bytes of one vector here. */
export type Encoding = (encoder: GobEncoder) => Buffer;

const a = (count: number, character: string): string => character.repeat(count);

const response = gobStruct<{ method: string; sequence: number; error: string }>('Response', [
  gobField('ServiceMethod', gobString, (whole) => whole.method),
  gobField('Seq', gobUint, (whole) => whole.sequence),
  gobField('Error', gobString, (whole) => whole.error),
]);

const inner = gobStruct<{ a: number; b: number }>('inner', [
  gobField('A', gobInt, (whole) => whole.a),
  gobField('B', gobInt, (whole) => whole.b),
]);

const texts = gobSlice('', gobString);
const textMap = gobMap('map[string]string', gobString, gobString);
const mapOfMaps = gobMap('', gobString, gobMap('', gobString, gobInt));

const one =
  <T>(type: GobType<T>, value: T) =>
  (encoder: GobEncoder): Buffer =>
    encoder.encode(type, value);

const request = (method: string, sequence: number) => (encoder: GobEncoder) =>
  Buffer.concat([
    encoder.encode(rpcRequest, { method: `CliRpcCmd.${method}`, sequence }),
    encoder.encode(gobString, ''),
  ]);

/** How the same is encoded here. An id is that of the first type in Go's bytes: Go counts them for the whole program. */
export const encodings: Readonly<Record<string, Encoding>> = {
  true: one(gobBool, true),
  false: one(gobBool, false),
  'int 0': one(gobInt, 0),
  'int -1': one(gobInt, -1),
  'int 63': one(gobInt, 63),
  'int 64': one(gobInt, 64),
  'int 2^53 + 1': one(gobInt, 2n ** 53n + 1n),
  'int max': one(gobInt, 2n ** 63n - 1n),
  'int min': one(gobInt, -(2n ** 63n)),
  'uint 127': one(gobUint, 127),
  'uint 128': one(gobUint, 128),
  'uint 65536': one(gobUint, 65_536),
  'uint max': one(gobUint, 2n ** 64n - 1n),
  'float 0.1': one(gobFloat, 0.1),
  'float -0': one(gobFloat, -0),
  'float 17': one(gobFloat, 17),
  'float +Inf': one(gobFloat, Infinity),
  'text, empty': one(gobString, ''),
  'text, not ASCII': one(gobString, 'Zelle 細胞 🙂'),
  'text of 127 bytes': one(gobString, a(127, 'a')),
  'text of 128 bytes': one(gobString, a(128, 'a')),
  'text of 300 bytes': one(gobString, a(300, 'b')),
  bytes: one(gobBytes, Uint8Array.of(0, 255, 128)),
  texts: one(texts, ['curl', '', '/v3']),
  'no texts': one(texts, []),
  map: one(textMap, new Map([['-k', 'v']])),
  'map of maps': one(mapOfMaps, new Map([['a', new Map([['b', -3]])]])),
  'struct without fields': one(gobStruct('empty', []), {}),
  'struct where nothing is set': one(inner, { a: 0, b: 0 }),
  'two values of one type': (encoder) =>
    Buffer.concat([encoder.encode(inner, { a: 1, b: 0 }), encoder.encode(inner, { a: 0, b: 2 })]),
  request: request('AccessToken', 0),
  'two requests': (encoder) =>
    Buffer.concat([request('IsLoggedIn', 300)(encoder), request('Username', 301)(encoder)]),
  metadata: one(pluginMetadata, {
    name: 'rollcall',
    version: { major: 0, minor: 1, build: 0 },
    libraryVersion: { major: 0, minor: 0, build: 0 },
    minCliVersion: { major: 6, minor: 7, build: 0 },
    commands: [
      {
        name: 'rollcall-status',
        alias: 'rcs',
        helpText: 'Grüße, 細胞 🙂',
        usage: 'cf rollcall-status',
        options: { '-output': 'table or json' },
      },
    ],
  }),
};

/** The names of the recorded vectors, and how the same is encoded here. */
export const recordedEncodings: Readonly<Record<string, Encoding>> = {
  Org: one(
    gobStruct<null>('Org', [
      gobField(
        'OF',
        gobStruct<null>('OF', [
          gobField('Guid', gobString, () => 'g'),
          gobField('Name', gobString, () => 'n'),
        ]),
        () => null,
      ),
    ]),
    null,
  ),
  PluginMetadata: one(pluginMetadata, {
    name: 'p',
    version: { major: 1, minor: 2, build: 3 },
    libraryVersion: { major: 0, minor: 0, build: 0 },
    minCliVersion: { major: 6, minor: 7, build: 0 },
    commands: [{ name: 'c', alias: 'a', helpText: 'h', usage: 'u', options: { '-k': 'v' } }],
  }),
  'Request seq 1 + true': (encoder) =>
    Buffer.concat([
      encoder.encode(rpcRequest, { method: 'CliRpcCmd.DisableTerminalOutput', sequence: 1 }),
      encoder.encode(gobBool, true),
    ]),
  'Request{CliRpcCmd.AccessToken,0}+""': request('AccessToken', 0),
  'Response error + struct{}': (encoder) =>
    Buffer.concat([
      encoder.encode(response, { method: 'CliRpcCmd.X', sequence: 3, error: 'boom' }),
      encoder.encode(gobStruct('', []), {}),
    ]),
  'Response{..,Seq 3}+"tok"': (encoder) =>
    Buffer.concat([
      encoder.encode(response, { method: 'CliRpcCmd.AccessToken', sequence: 3, error: '' }),
      encoder.encode(gobString, 'tok'),
    ]),
  '[]string{curl,/v3}': one(texts, ['curl', '/v3']),
  '[]string{}': one(texts, []),
  'empty string': one(gobString, ''),
  false: one(gobBool, false),
  'float 1.5': one(gobFloat, 1.5),
  'int -129': one(gobInt, -129),
  'int 256': one(gobInt, 256),
  'int 7': one(gobInt, 7),
  'map[string]string': one(textMap, new Map([['-k', 'v']])),
  'string hello': one(gobString, 'hello'),
  true: one(gobBool, true),
  'uint 255': one(gobUint, 255),
};
