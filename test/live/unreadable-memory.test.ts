import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { kill } from '../../src/demo-cell/cgroups/processes.ts';
import { LATE_COMMAND } from '../../src/model/process.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { inCell, needsCell, processesNamed } from './cells.ts';
import { processOf } from './container-processes.ts';
import { check, containerOf, statuses, type ReportJson } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';

const SOURCE = fileURLToPath(new URL('unreadable-memory.c', import.meta.url));
const H = 'aaaaaaaa-0000-4000-8000-000d';
/** At most 15 bytes: the name by which the test finds it. */
const SERVER = `fuse-${process.pid}`;
const PID_FILE = '/var/vcap/data/agent/pid';

/** Nothing here may read the command lines of other processes, as `pgrep -f` and `ps` do. */
describe('a process whose memory the kernel cannot deliver', function () {
  before(async function () {
    needsCell(this);
    if (!fs.existsSync('/dev/fuse')) skip(this, 'needs /dev/fuse');
    const { exitCode } = await execa('gcc', ['--version'], { reject: false });
    if (exitCode !== 0) skip(this, 'needs gcc');
  });

  // A container can wait as long as it likes in a page fault: whoever read its command line hung in
  // the kernel with it, without an answer to TERM.
  it('hangs neither a check nor the agent, and a report says what it lacks', async () => {
    await inCell({}, (cell) =>
      withUnreadable(cell, 3, async () => {
        const started = performance.now();
        const { report, exitCode, stderr } = await check(cell, ['--settle', '100ms']);
        expect([exitCode, stderr]).to.deep.equal([1, '']);
        expect(performance.now() - started).to.be.below(15_000);
        expectFact(report);

        const agent = new RunningAgent(cell, ['sh', '-c', `echo $$ >${PID_FILE}; exec "$@"`, 'sh']);
        await agent.prepare({});
        agent.start();
        try {
          let shown = '';
          await waitFor('the finding', async () => {
            shown = await agent.get('/v1/report');
            return shown.includes('"status":"untracked"');
          });
          expectFact(JSON.parse(shown) as ReportJson);
          await agent.until('cell.warning hanging-reads');
          const pid = fs.readFileSync(cell.outside(PID_FILE), 'utf8').trim();
          const asked = performance.now();
          await agent.run(['kill', '-TERM', pid]);
          expect(await agent.untilEnd()).to.equal(0);
          expect(performance.now() - asked).to.be.below(5000);
        } finally {
          const pid = fs.readFileSync(cell.outside(PID_FILE), 'utf8').trim();
          await agent.run(['kill', '-KILL', pid]);
        }
      }),
    );
  });
});

function expectFact(report: ReportJson): void {
  expect(statuses(report)).to.deep.equal({ [H]: 'untracked unknown-to-garden' });
  const commands = containerOf(report, H).processes.map(({ command }) => command);
  // Once two reads hang, those of other processes are not made.
  expect(commands.filter((command) => command === LATE_COMMAND)).to.have.length.at.least(3);
  expect(report.cell.warnings.map(({ reason }) => reason)).to.deep.equal(['hanging-reads']);
}

/** A container that Garden has forgotten, with so many such processes in its cgroups. */
async function withUnreadable(cell: Cell, count: number, use: () => Promise<void>): Promise<void> {
  await cell.create({ handle: H, kind: 'app' });
  const lists = listsOf(cell, processOf(cell, H, 'garden-init'));
  const folder = temporaryFolder();
  const program = join(folder, 'unreadable-memory');
  const mount = join(folder, 'mount');
  fs.mkdirSync(mount);
  await execa('gcc', ['-O1', '-pthread', '-o', program, SOURCE]);
  const command = [program, SERVER, mount, String(count), ...lists];
  // With mounts of its own, and in the pid namespace of the cell.
  const enter = ['-m', 'nsenter', '-t', String(cell.rootPid), '-p', ...command];
  const started = spawn('unshare', enter, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await waitFor(
      'the processes',
      () => members(lists).filter((pid) => isUnreadable(Number(pid))).length === count,
    );
    await cell.forget(H);
    await use();
  } finally {
    // Not those of another run on this machine.
    const ours = [started.pid ?? 0, cell.rootPid].flatMap((of) => processesNamed(SERVER, of));
    for (const pid of ours) kill(pid);
    started.kill('SIGKILL');
  }
}

/** The lists of members of a process's cgroups, as paths of the machine. */
function listsOf(cell: Cell, pid: number): readonly string[] {
  const lines = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  return cell.hierarchies.flatMap(({ version, controllers, name, root }) => {
    const key = version === 2 ? '' : name === null ? controllers.join(',') : `name=${name}`;
    const [, , path] = lines.map((line) => line.split(':')).find(([, one]) => one === key) ?? [];
    // The cell's own cgroup is at the top of the machine's hierarchy.
    const above = root.slice(0, root.lastIndexOf('/'));
    return path === undefined ? [] : [`${above}${path}/cgroup.procs`];
  });
}

/** Whether the thread waits that wants to change the memory. */
const isUnreadable = (pid: number): boolean =>
  fs
    .globSync(`/proc/${pid}/task/*/status`)
    .some((file) => /^Name:\tchange\n[^]*^State:\tD/m.test(fs.readFileSync(file, 'utf8')));

const members = ([list = '']: readonly string[]): readonly string[] =>
  fs.readFileSync(list, 'utf8').trim().split('\n');
