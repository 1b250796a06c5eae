import process from 'node:process';
import { main } from '../cli/main.ts';
import { GDN_ARGUMENT } from '../demo-cell/entry.ts';
import { runAgent } from './run-agent.ts';

// A bundle is one file, so the gdn of a cell in a box is this program called with an argument of its own.
if (process.argv[2] === GDN_ARGUMENT) {
  const { runGdn } = await import('../demo-cell/gdn.ts');
  await runGdn(process.argv[3] ?? '');
} else await main(runAgent);
