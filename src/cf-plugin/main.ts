// The plugin as cf starts it: `PORT SendMetadata`, `PORT rollcall-status …`, `PORT CLI-MESSAGE-UNINSTALL`, where PORT is
// cf's own server for its plugins. No await at the top: the bundle is a classic script, which has none.
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { oneLine } from '../model/text.ts';
import { COMMAND, pluginMetadata } from './command/plugin-metadata.ts';
import { connectToCli } from './rpc/cli-connection.ts';

async function main([port, command, ...typed]: readonly string[]): Promise<number> {
  if (port === undefined || !/^\d{1,5}$/.test(port)) {
    process.stderr.write(
      'This cf CLI plugin is not intended to be run on its own: install it with cf install-plugin, then cf rollcall-status.\n',
    );
    return 1;
  }
  if (command === 'SendMetadata') return sendMetadata(Number(port));
  if (command === COMMAND) {
    // Loaded only here: an installation needs none of it.
    const { runAsCommand } = await import('./command/run.ts');
    return runAsCommand(Number(port), typed);
  }
  // At its removal the plugin has nothing to clean up; what a later cf may send is none of its business either.
  return 0;
}

async function sendMetadata(port: number): Promise<number> {
  const cf = await connectToCli(port);
  try {
    await cf.setPluginMetadata(pluginMetadata);
    return 0;
  } finally {
    cf.close();
  }
}

async function run(): Promise<void> {
  // Also of a run that ends without an answer nobody may believe that all is well.
  process.exitCode = 1;
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    process.stderr.write(`${oneLine(error.message, 600)}\n`);
  }
}

void run();
