import fs from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import { kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { commandsOf } from '../present/advised.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ancestryOf, handlesOf, cellFor } from './cells.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { check, containerOf, SHORT, statuses } from './rollcall.ts';
import { startAgent, VERIFYING } from './running-agent.ts';
import { waitFor } from '../wait-for.ts';
import { listsOf } from './container-processes.ts';
import { needsSilentFuse, startSilentFuse } from './silent-fuse.ts';

const [A, B] = ['aaaaaaaa-0000-4000-8000-000a', 'bbbbbbbb-0000-4000-8000-000b'];

describe('a container whose processes wait for a FUSE server that does not answer', () => {
  for (const mode of ['v1', 'v2'] as const) {
    it(`is stuck three minutes after SIGKILL, until that server is given up (${mode})`, async function () {
      const cell = await cellFor(this, { mode });
      await needsSilentFuse(this);
      for (const handle of [A, B]) await cell.create({ handle, kind: 'app' });
      const waiting = await startSilentFuse(cell, A, 'read', { count: 3, waits: isReading });
      const agent = await startAgent(
        cell,
        { reconcile: { intervalSeconds: 60 } },
        MOVABLE_CLOCK,
        VERIFYING,
      );
      await agent.until('started');
      const afterAMinute = async () => {
        await agent.moveClock();
        await agent.afterPass();
        return statuses(await agent.report());
      };
      await agent.afterPass();
      expect(statuses(await agent.report())).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });

      // As runc does it, which then gives up.
      const lists = listsOf(cell, waiting[0] ?? 0);
      if (mode === 'v2')
        for (const list of lists) fs.writeFileSync(list.replace(/procs$/, 'kill'), '1');
      else for (const pid of cell.pids(A)) kill(pid);
      expect(await afterAMinute()).to.deep.equal({ [A]: 'pending stuck', [B]: 'tracked' });
      expect(cell.pids(A)).to.have.members(waiting);
      const checked = await check(cell, SHORT);
      expect(statuses(checked.report)).to.deep.equal({ [A]: 'pending stuck', [B]: 'tracked' });
      expect([checked.report.verdict, checked.exitCode]).to.deep.equal(['all-tracked', 0]);
      await afterAMinute();
      expect(await afterAMinute()).to.deep.equal({ [A]: 'pending stuck', [B]: 'tracked' });
      await afterAMinute();
      await agent.until(`container.untracked ${A} stuck`);
      const found = containerOf(await agent.report(), A);
      expect(found).to.include({ status: 'untracked', severity: 'warning', pids: 3 });
      const connection = connectionOf(waiting[0] ?? 0);
      expect(found.sentence).to.contain(
        'and 1 is exiting (SIGKILL has no effect on a process that is exiting)',
      );
      for (const pid of waiting) {
        const inCell = ancestryOf(pid).namespacePids[1];
        const where = `(process ${inCell}, in request_wait_answer)`;
        expect(found.sentence).to.contain(where);
      }
      expect(found.sentence).to.contain(
        `The container has mounts of FUSE (connection ${connection}).`,
      );
      expect(found.sentence).to.contain("The container's root filesystem is still mounted");
      expect(found.advice && commandsOf(found.advice)).to.include(
        `echo 1 | sudo tee /sys/fs/fuse/connections/${connection}/abort`,
      );

      await abort(connection);
      await cell.destroy(A);
      // A pass may still see what is left of it, and the next one is a minute away.
      await waitFor('its end', async () => {
        await agent.afterPass();
        return agent.timeline().includes(`container.gone ${A} stuck`);
      });
      expect(await handlesOf(cell)).to.deep.equal([B]);
      expect(agent.timeline().filter((line) => line.startsWith('reconcile'))).to.deep.equal([]);
    });
  }
});

/** Whether a thread of it waits for the answer to a read. */
const isReading = (pid: number): boolean =>
  fs
    .globSync(`/proc/${pid}/task/*/wchan`)
    .some((file) => fs.readFileSync(file, 'utf8') === 'request_wait_answer');

/** The minor number of the device that its file system has. */
function connectionOf(pid: number): number {
  // Not of the process: its main thread may have ended.
  const thread = fs.readdirSync(`/proc/${pid}/task`).at(-1) ?? '';
  const table = fs.readFileSync(`/proc/${pid}/task/${thread}/mountinfo`, 'utf8');
  return Number(/ 0:(\d+) .* - fuse rollcall-test /.exec(table)?.[1]);
}

/** As the advice says, with the file system that shows the connections mounted only here. */
async function abort(connection: number): Promise<void> {
  const script = 'mount -t fusectl fusectl "$1" && echo 1 >"$1/$2/abort"';
  await execa('unshare', ['-m', 'sh', '-c', script, 'sh', temporaryFolder(), `${connection}`]);
}
