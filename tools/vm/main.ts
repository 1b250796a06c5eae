// `npm run tool -- vm [TESTS…]`: runs live tests on a virtual machine whose pid 1 is systemd and whose
// cgroups are those of a current cell. Exits with the exit code of the tests, and with 2 if no
// machine can be built or booted.
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { print } from '../tool.ts';
import { testFiles } from './arguments.ts';
import { vmImage } from './image.ts';
import { runInVm } from './machine.ts';
import { whyNoVm } from './requirements.ts';

process.exitCode = await finish(() => untilInterrupted(vm), processIo);

async function vm(stop: AbortSignal): Promise<number> {
  const tests = testFiles(process.argv.slice(2), root);
  const obstacle = whyNoVm();
  if (obstacle !== null) throw new ToolFailure('VM_FAILED', obstacle);
  const say = (line: string): void => print(`vm: ${line}`);
  const image = await vmImage(stop, say);
  if (image === null || stop.aborted) return 130;
  const exitCode = await runInVm({ image, tests, stop, say, print });
  return stop.aborted ? 130 : exitCode;
}
