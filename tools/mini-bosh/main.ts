// `npm run tool -- mini-bosh`: installs and starts the release on a cell in a box, as a Director and its
// agents would, and runs test/live/mini-bosh.test.ts for one cgroup mode. Exits with 1 if a test
// fails, and with 2 if this machine cannot run them.
import { execa } from 'execa';
import { untilInterrupted } from '../../src/terminal/io.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { print, runTool } from '../tool.ts';
import { whyStandIn, whyNoMiniBosh } from './bpm.ts';

const MOCHA = ['node_modules/mocha/bin/mocha.js', 'test/live/mini-bosh.test.ts'];

await runTool({ v2: { type: 'boolean', default: false } }, ({ v2 }) => {
  const mode = v2 ? 'v2' : 'auto';
  const obstacle = whyNoMiniBosh(mode);
  if (obstacle !== null) throw new ToolFailure('MINI_BOSH_FAILED', obstacle);
  const why = whyStandIn();
  print(`The job is started by ${why === null ? 'bpm itself' : `a stand-in for bpm: ${why}`}.`);
  return untilInterrupted(async (stop) => {
    const command = [...MOCHA, '--fgrep', `cgroup mode ${mode}`];
    // Not cancelled by a signal: mocha gets Ctrl-C, too, and ends the cell.
    const { exitCode, stdout } = await execa(process.execPath, command, {
      cwd: root,
      reject: false,
      stdin: 'inherit',
      stdout: ['inherit', 'pipe'],
      stderr: 'inherit',
    });
    if (stop.aborted) return 130;
    if (exitCode !== 0) return 1;
    if (/^ +[1-9]\d* passing/m.test(stdout)) return 0;
    throw new ToolFailure('MINI_BOSH_FAILED', 'no test ran');
  });
});
