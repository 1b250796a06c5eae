// The plugin as cf starts it: `PORT SendMetadata`, `PORT rollcall-status …` or
// `PORT CLI-MESSAGE-UNINSTALL`, where PORT is cf's own server for its plugins. No top-level await:
// the bundle is a classic script.
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { COMMAND, pluginMetadata } from './command/options.ts';
import { connectToCli } from './cf/cli-connection.ts';
import { oneLine } from '../model/text.ts';

async function main([port, command, ...typed]: readonly string[]): Promise<number> {
  if (port === undefined || !/^\d{1,5}$/.test(port)) {
    process.stderr.write(
      'This cf CLI plugin is not intended to be run on its own: install it with cf install-plugin, then cf rollcall-status.\n',
    );
    return 1;
  }
  if (command === 'SendMetadata') return sendMetadata(Number(port));
  if (command === COMMAND) {
    // Loaded only here, because an installation does not need it.
    const { runAsCommand } = await import('./command/rollcall-status.ts');
    return runAsCommand(Number(port), typed);
  }
  // Its removal leaves nothing to clean up, and it ignores what a later cf may send.
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
