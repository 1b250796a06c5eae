// `npm run vm -- [v2|hybrid] [TESTS…]`: runs live tests on a virtual machine whose pid 1 is systemd
// and whose cgroups are those of a current cell. Exits with the exit code of the tests, with 2 if no
// machine can be built or booted, and with 0 if this kernel cannot boot a hybrid machine: skipped.
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { testsAndMode } from './arguments.ts';
import { whyNoHybrid } from './hybrid.ts';
import { vmImage } from './image.ts';
import { runInVms } from './machines.ts';
import { whyNoVm } from './requirements.ts';

process.exitCode = await finish(() => untilInterrupted(vm), processIo);

async function vm(stop: AbortSignal): Promise<number> {
  const { mode, tests } = testsAndMode(process.argv.slice(2), root);
  const obstacle = whyNoVm();
  if (obstacle !== null) throw new ToolFailure('VM_FAILED', obstacle);
  const image = await vmImage(stop, say);
  if (image === null || stop.aborted) return 130;
  if (mode === 'hybrid') {
    const reason = whyNoHybrid(image.kernelConfig);
    if (reason !== null) {
      say(`skipped: ${reason}`);
      return 0;
    }
  }
  const exitCode = await runInVms({ image, mode, tests, stop, say, print });
  return stop.aborted ? 130 : exitCode;
}

function say(line: string): void {
  processIo.stdout(`vm: ${line}\n`);
}

function print(line: string): void {
  processIo.stdout(`${line}\n`);
}
