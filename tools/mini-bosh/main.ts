// `npm run mini-bosh`: installs and starts the release on a cell in a box, as a Director and its
// agents would, and runs test/live/mini-bosh.test.ts for one cgroup mode. Exits with 1 if a test
// fails, and with 2 if this machine cannot run them.
import { join } from 'node:path';
import Mocha from 'mocha';
import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import { ToolFailure } from '../failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root } from '../bootstrap/place.mjs';
import { whyStandIn, whyNoMiniBosh } from './bpm.ts';
import { Vm } from './vm.ts';

process.exitCode = await finish(() => untilInterrupted(miniBosh), processIo);

async function miniBosh(stop: AbortSignal): Promise<number> {
  const { v2 } = typedOptions({ v2: { type: 'boolean', default: false } });
  const mode = v2 ? 'v2' : 'auto';
  const obstacle = whyNoMiniBosh(mode);
  if (obstacle !== null) throw new ToolFailure('MINI_BOSH_FAILED', obstacle);
  const why = whyStandIn();
  processIo.stdout(
    `The job is started by ${why === null ? 'bpm itself' : `a stand-in for bpm: ${why}`}.\n`,
  );
  const stats = await runTests(mode, stop);
  if (stop.aborted) return 130;
  if (stats !== undefined && stats.failures > 0) return 1;
  if (stats !== undefined && stats.passes > 0) return 0;
  throw new ToolFailure('MINI_BOSH_FAILED', 'no test ran');
}

/** On interruption the VM ends at once, and with it the running test. */
async function runTests(mode: CellOptions['mode'], stop: AbortSignal) {
  const mocha = new Mocha({ reporter: 'spec', fgrep: `cgroup mode ${mode}` });
  mocha.addFile(join(root, 'test/live/mini-bosh.test.ts'));
  await mocha.loadFilesAsync();
  const end = (): void => void Vm.endAll().catch(() => undefined);
  try {
    return await new Promise<Mocha.Stats | undefined>((resolve) => {
      const runner = mocha.run(() => resolve(runner.stats));
      stop.addEventListener('abort', () => {
        // A test that ends together with its VM has not failed.
        runner.removeAllListeners('fail');
        runner.abort();
        end();
      });
      if (stop.aborted) runner.abort();
    });
  } finally {
    await Vm.endAll();
  }
}
