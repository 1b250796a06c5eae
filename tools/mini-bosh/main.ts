// `npm run mini-bosh`: the release on a cell in a box, installed and started as a Director and its agents would. Prints each step;
// exits 1 when one is not as it should be, and 2 where the machine cannot do it.
import { EXIT_FAILED, finish } from '../../src/terminal/failing.ts';
import { untilInterrupted } from '../../src/terminal/interrupt.ts';
import { processIo } from '../../src/terminal/io.ts';
import type { CellOptions } from '../../src/demo-cell/cell-options.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { root } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { makeParts } from './parts.ts';
import { whyNoMiniBosh } from './requirements.ts';
import { setStage } from './stage.ts';
import { STEPS } from './steps/all-steps.ts';
import { takeStep } from './steps/take-step.ts';
import { tracesHere, tracesOf } from './traces.ts';
import { Vm } from './vm.ts';

const say = (line: string): void => processIo.stdout(`${line}\n`);
const sayBelow = (line: string): void => say(`    ${line}`);

process.exitCode = await finish(() => untilInterrupted(miniBosh), processIo);

async function miniBosh(stop: AbortSignal): Promise<number> {
  const { v2 } = typedOptions({ v2: { type: 'boolean', default: false } });
  const obstacle = whyNoMiniBosh();
  if (obstacle !== null) {
    processIo.stderr(`rollcall: ${obstacle}\n`);
    return EXIT_FAILED;
  }
  const started = performance.now();
  try {
    await play(v2 ? 'v2' : 'auto', stop);
  } catch (error) {
    if (stop.aborted) return 130;
    if (!(error instanceof KnownFailure)) throw error;
    processIo.stderr(`rollcall: ${error.message}\n`);
    return 1;
  }
  say(`All as it should be, in ${Math.round((performance.now() - started) / 1000)} seconds.`);
  return 0;
}

/** Every step in its order. When it is interrupted the VM ends at once, and with it the step that is under way. */
async function play(mode: CellOptions['mode'], stop: AbortSignal): Promise<void> {
  await makeParts();
  stop.throwIfAborted();
  const before = tracesHere();
  const vm = await Vm.start(mode);
  const end = (): void => void vm.stop().catch(() => undefined);
  stop.addEventListener('abort', end);
  try {
    stop.throwIfAborted();
    say('The release is compiled, rendered and installed');
    const stage = await setStage(vm, root, sayBelow);
    for (const step of STEPS) {
      stop.throwIfAborted();
      say(step.title);
      await takeStep(step, stage);
    }
  } finally {
    stop.removeEventListener('abort', end);
    await vm.stop();
  }
  say('The VM is gone');
  tracesOf(vm.cell.runId, before).forEach(sayBelow);
}
