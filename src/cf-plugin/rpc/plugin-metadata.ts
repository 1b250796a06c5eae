/** A version as cf counts it. `libraryVersion` of a plugin must keep its major at 0 or 1, or cf refuses the plugin. */
export interface PluginVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** One command as cf lists it in `cf plugins` and prints it for `cf help COMMAND`; cf answers --help itself, from this. */
export interface PluginCommand {
  readonly name: string;
  /** Empty where there is none. */
  readonly alias: string;
  readonly helpText: string;
  /** What follows cf's own heading "USAGE:". */
  readonly usage: string;
  /** Option → what it does. The key stands without its first dash: `-output, -o` is printed as `--output, -o`. */
  readonly options: Readonly<Record<string, string>>;
}

/** What a plugin tells cf at installation. cf wants a name and at least one command. */
export interface PluginMetadata {
  readonly name: string;
  readonly version: PluginVersion;
  readonly libraryVersion: PluginVersion;
  readonly minCliVersion: PluginVersion;
  readonly commands: readonly PluginCommand[];
}
