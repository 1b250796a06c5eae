import { gobMessage, int, struct, text, uint } from './gob.ts';

/** Major, minor and build. */
type Version = readonly [number, number, number];

/** What cf learns about a plugin at its installation. */
export interface PluginMetadata {
  readonly name: string;
  readonly version: Version;
  /** cf rejects a plugin with a major version above 1. */
  readonly libraryVersion: Version;
  readonly minCliVersion: Version;
  /** As `cf plugins` lists it; `usage` follows cf's own heading in the help. */
  readonly command: {
    readonly name: string;
    readonly alias: string;
    readonly helpText: string;
    readonly usage: string;
    /** By option, without its first dash: cf prints `-output` as `--output`. */
    readonly options: Readonly<Record<string, string>>;
  };
}

/**
 * Go's definitions of the argument of SetPluginMetadata and of its parts, as types 66 to 71. gob
 * matches fields by name, so the names are those in cf. In order: PluginMetadata, its versions,
 * []Command, Command, its usage, map[string]string.
 */
const TYPES = Buffer.from(
  [
    '67ff830301010e506c7567696e4d6574616461746101ff8400010501044e616d65010c00010756657273696f6e01ff8600010e4c69627261727956657273696f6e01ff8600010d4d696e436c6956657273696f6e01ff86000108436f6d6d616e647301ff88000000',
    '37ff850301010b56657273696f6e5479706501ff8600010301054d616a6f7201040001054d696e6f7201040001054275696c640104000000',
    '0dff87020102ff880001ff8a0000',
    '47ff8903010107436f6d6d616e6401ff8a00010401044e616d65010c000105416c696173010c00010848656c7054657874010c00010c557361676544657461696c7301ff8c000000',
    '2aff8b03010105557361676501ff8c00010201055573616765010c0001074f7074696f6e7301ff8e000000',
    '0eff8d040102ff8e00010c010c0000',
  ].join(''),
  'hex',
);
const METADATA_ID = 66;

/** A zero is not sent, but a struct within a struct always is. */
const versionOf = (version: Version): Buffer =>
  struct(...version.map((part) => (part === 0 ? null : int(part))));

/** The argument of SetPluginMetadata as gob messages, including its types. No text may be empty. */
export function metadataMessages({ command, ...plugin }: PluginMetadata): Buffer {
  const options = Object.entries(command.options);
  const pairs = options.flatMap(([option, about]) => [text(option), text(about)]);
  const usage = struct(text(command.usage), Buffer.concat([uint(options.length), ...pairs]));
  const only = struct(text(command.name), text(command.alias), text(command.helpText), usage);
  const metadata = struct(
    text(plugin.name),
    versionOf(plugin.version),
    versionOf(plugin.libraryVersion),
    versionOf(plugin.minCliVersion),
    Buffer.concat([uint(1), only]),
  );
  return Buffer.concat([TYPES, gobMessage(int(METADATA_ID), metadata)]);
}
