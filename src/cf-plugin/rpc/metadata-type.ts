import { gobField, gobInt, gobMap, gobSlice, gobString, gobStruct } from '../gob/gob-type.ts';
import type { PluginCommand, PluginMetadata, PluginVersion } from './plugin-metadata.ts';

/*
 * The argument of SetPluginMetadata. The names of the fields are those of cf's Go structs, by which gob matches them; the
 * names of types and the order are free.
 */

const version = gobStruct<PluginVersion>('VersionType', [
  gobField('Major', gobInt, (of) => of.major),
  gobField('Minor', gobInt, (of) => of.minor),
  gobField('Build', gobInt, (of) => of.build),
]);

const usage = gobStruct<PluginCommand>('Usage', [
  gobField('Usage', gobString, (command) => command.usage),
  gobField(
    'Options',
    gobMap('map[string]string', gobString, gobString),
    (command) => new Map(Object.entries(command.options)),
  ),
]);

const command = gobStruct<PluginCommand>('Command', [
  gobField('Name', gobString, (of) => of.name),
  gobField('Alias', gobString, (of) => of.alias),
  gobField('HelpText', gobString, (of) => of.helpText),
  gobField('UsageDetails', usage, (of) => of),
]);

export const pluginMetadata = gobStruct<PluginMetadata>('PluginMetadata', [
  gobField('Name', gobString, (of) => of.name),
  gobField('Version', version, (of) => of.version),
  gobField('LibraryVersion', version, (of) => of.libraryVersion),
  gobField('MinCliVersion', version, (of) => of.minCliVersion),
  gobField('Commands', gobSlice('[]main.Command', command), (of) => of.commands),
]);
