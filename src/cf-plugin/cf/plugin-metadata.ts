import { gobMessage, int, struct, text, uint } from './gob.ts';

/** A version as cf counts it. cf refuses a plugin whose `libraryVersion` has a major above 1. */
export interface PluginVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** One command as cf lists it in `cf plugins` and prints it for `cf help COMMAND` and `--help`. */
export interface PluginCommand {
  readonly name: string;
  /** Empty where there is none. */
  readonly alias: string;
  readonly helpText: string;
  /** What follows cf's own heading "USAGE:". */
  readonly usage: string;
  /** By option without its first dash: cf prints `-output` as `--output`. */
  readonly options: Readonly<Record<string, string>>;
}

/** What a plugin tells cf at installation. */
export interface PluginMetadata {
  readonly name: string;
  readonly version: PluginVersion;
  readonly libraryVersion: PluginVersion;
  readonly minCliVersion: PluginVersion;
  readonly commands: readonly PluginCommand[];
}

/**
 * Go's definitions of the argument of SetPluginMetadata and of its parts, as types 66 to 71. gob
 * matches fields by their names, which are those of cf.
 */
const TYPES = Buffer.from(
  [
    // PluginMetadata {Name, Version, LibraryVersion, MinCliVersion, Commands}
    '67ff830301010e506c7567696e4d6574616461746101ff8400010501044e616d65010c00010756657273696f6e01ff8600010e4c69627261727956657273696f6e01ff8600010d4d696e436c6956657273696f6e01ff86000108436f6d6d616e647301ff88000000',
    // VersionType {Major, Minor, Build}
    '37ff850301010b56657273696f6e5479706501ff8600010301054d616a6f7201040001054d696e6f7201040001054275696c640104000000',
    // []Command
    '0dff87020102ff880001ff8a0000',
    // Command {Name, Alias, HelpText, UsageDetails}
    '47ff8903010107436f6d6d616e6401ff8a00010401044e616d65010c000105416c696173010c00010848656c7054657874010c00010c557361676544657461696c7301ff8c000000',
    // Usage {Usage, Options}
    '2aff8b03010105557361676501ff8c00010201055573616765010c0001074f7074696f6e7301ff8e000000',
    // map[string]string
    '0eff8d040102ff8e00010c010c0000',
  ].join(''),
  'hex',
);
const METADATA_ID = 66;

/** A zero value is not sent, except that a struct within a struct always is. */
const textField = (value: string): Buffer | null => (value === '' ? null : text(value));
const intField = (value: number): Buffer | null => (value === 0 ? null : int(value));
const many = (elements: readonly Buffer[], count = elements.length): Buffer | null =>
  elements.length === 0 ? null : Buffer.concat([uint(count), ...elements]);

const versionOf = ({ major, minor, build }: PluginVersion): Buffer =>
  struct(intField(major), intField(minor), intField(build));

function commandOf({ name, alias, helpText, usage, options }: PluginCommand): Buffer {
  const entries = Object.entries(options);
  const pairs = entries.flatMap(([option, about]) => [text(option), text(about)]);
  const details = struct(textField(usage), many(pairs, entries.length));
  return struct(textField(name), textField(alias), textField(helpText), details);
}

/** The argument of SetPluginMetadata as gob messages, with its types. */
export const metadataMessages = (metadata: PluginMetadata): Buffer =>
  Buffer.concat([
    TYPES,
    gobMessage(
      int(METADATA_ID),
      struct(
        textField(metadata.name),
        versionOf(metadata.version),
        versionOf(metadata.libraryVersion),
        versionOf(metadata.minCliVersion),
        many(metadata.commands.map(commandOf)),
      ),
    ),
  ]);
