import type { PluginMetadata, PluginVersion } from '../rpc/plugin-metadata.ts';
import { VERSION } from '../../terminal/version.ts';
import { OPTIONS, USAGE } from './options.ts';

export const COMMAND = 'rollcall-status';
/** The oldest cf whose side of the protocol was read; it is the last line before v7. */
export const LEAST_CF = { major: 6, minor: 53, build: 0 } as const;

/** What cf keeps of the plugin, and prints for `cf help rollcall-status`. */
export const pluginMetadata: PluginMetadata = {
  name: 'rollcall',
  version: versionOf(VERSION),
  // cf refuses a plugin whose library is newer than 1.
  libraryVersion: { major: 1, minor: 0, build: 0 },
  minCliVersion: LEAST_CF,
  commands: [
    {
      name: COMMAND,
      alias: 'rcs',
      helpText: 'Show every Diego cell, and the instances that nobody tracks',
      usage: USAGE,
      options: Object.fromEntries(
        // cf puts one dash before each key.
        Object.entries(OPTIONS).map(([name, { about }]) => [`-${name}`, about]),
      ),
    },
  ],
};

/** cf knows three numbers, no pre-release. */
function versionOf(text: string): PluginVersion {
  const [major = 0, minor = 0, build = 0] = text.split(/[.+-]/, 3).map(Number);
  return { major, minor, build };
}
