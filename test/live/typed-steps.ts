import { expect } from 'chai';
import { execa } from 'execa';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inside, type containerOf } from './rollcall.ts';

const PATH =
  '/var/vcap/jobs/rollcall/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a cell in a box lacks; of these, only the syntax for the shell is checked. */
const OF_FOUNDATION = /^(?:bosh|cf) |cfdot/;
/** Also the logs of a Garden and a rep that are not the real ones. */
const PRINTS_NOTHING = /^sudo (?:kill|grep -r?h)/;
/**
 * Of a container that a step before has ended, or that a check of its own does not see for long
 * enough.
 */
const EXPLAINED = /^(?:untracked|pending), |No container /m;
/** Of a cell in BOSH, for its commands. */
export const IDENTITY = {
  deployment: 'cf',
  group: 'diego_cell',
  index: 0,
  id: '4b8a6a52-9a0f-4d6e-a5a7-2d7a1c1f0e11',
  az: 'z1',
  ip: '10.0.16.4',
};

/** Types the commands of a finding. Resolves with them. */
export async function takeSteps(
  cell: Cell,
  { advice }: ReturnType<typeof containerOf>,
): Promise<readonly string[]> {
  const commands = (advice?.steps ?? []).flatMap(({ command }) => command ?? []);
  expect(commands).not.to.deep.equal([]);
  for (const command of commands) await take(cell, command);
  return commands;
}

/** Types a command as it is printed. Resolves with its output; empty for one of the foundation. */
export async function take(cell: Cell, command: string): Promise<string> {
  expect(command).not.to.match(/HANDLE|PID|DEPLOYMENT|INDEX/);
  if (OF_FOUNDATION.test(command)) {
    await execa('sh', ['-n', '-c', command]);
    return '';
  }
  // The folder is the machine's, too, and the machine may have no time for half a minute.
  const typed = command.replace('--settle 30s /tmp/', `--settle 100ms ${temporaryFolder()}/`);
  const { exitCode, stdout, stderr } = await inside(cell, ['sh', '-c', typed], { PATH });
  const text = `$ ${command}\n${stdout}${stderr}`;
  if (command.includes(' explain ')) {
    expect(text).to.match(EXPLAINED);
    return stdout;
  }
  expect(exitCode, text).to.equal(0);
  if (!PRINTS_NOTHING.test(command)) expect(stdout, text).not.to.equal('');
  return stdout;
}
