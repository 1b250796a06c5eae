import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';

export interface ToolRun {
  readonly succeeded: boolean;
  readonly output: string;
}

/**
 * Runs a JavaScript program of node_modules with the node that runs us, at the top of the checkout.
 * @param minutes after which it is stopped and has failed, so that a hang does not hang the whole run
 */
export async function runTool(
  script: string,
  args: readonly string[],
  stop: AbortSignal,
  minutes = 10,
): Promise<ToolRun> {
  const result = await execa(process.execPath, [script, ...args], {
    cwd: root,
    all: true,
    stdin: 'ignore',
    reject: false,
    cancelSignal: stop,
    timeout: minutes * 60_000,
  });
  const output = result.timedOut
    ? `${result.all}\nstopped: still running after ${minutes} minutes`
    : result.all;
  return { succeeded: !result.failed, output };
}
