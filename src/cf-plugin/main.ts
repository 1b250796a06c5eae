// The plugin as cf starts it: `PORT SendMetadata`, `PORT rollcall-status …` or
// `PORT CLI-MESSAGE-UNINSTALL`, where PORT is cf's own server for its plugins. No top-level await:
// the bundle is a classic script.
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { COMMAND, pluginMetadata } from './cf/options.ts';
import { connectToCli } from './cf/cli-connection.ts';
import { oneLine } from '../model/text.ts';
import { hasProxyEnv } from './node-version.ts';

async function main([port, command, ...typed]: readonly string[]): Promise<number> {
  const { node } = process.versions;
  if (!hasProxyEnv(node)) {
    process.stderr.write(
      `The rollcall plugin needs Node 22 (22.21 or newer) or Node 24.5 or newer on the PATH, and this is ${node}. Install a newer one (macOS: brew install node), or the plugin that brings its own (Linux, Windows).\n`,
    );
    return 1;
  }
  if (port === undefined || !/^\d{1,5}$/.test(port)) {
    process.stderr.write(
      'This cf CLI plugin is not intended to be run on its own: install it with cf install-plugin, then cf rollcall-status.\n',
    );
    return 1;
  }
  if (command === 'SendMetadata') {
    const cf = await connectToCli(Number(port));
    await cf.setPluginMetadata(pluginMetadata).finally(cf.close);
  }
  if (command === COMMAND) {
    // Loaded only here, because an installation does not need it.
    const { runAsCommand } = await import('./command/rollcall-status.ts');
    return runAsCommand(Number(port), typed);
  }
  // An upgrade uninstalls, too, so what earlier runs saw stays. Messages of a later cf are ignored.
  return 0;
}

async function run(): Promise<void> {
  // A run that ends without an answer must not look like a success.
  process.exitCode = 1;
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    process.stderr.write(`${oneLine(error.message, 600)}\n`);
  }
}

void run();
