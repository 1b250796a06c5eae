import { expect } from 'chai';
import { instanceHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor } from './cells.ts';
import { check, inside, rollcall, statuses } from './rollcall.ts';
import { startAgent } from './running-agent.ts';

const HANDLES = [instanceHandle('app'), instanceHandle('other')];

/** Apps on a cell, and where its gdn keeps their cgroups in the hierarchy that rollcall walks. */
async function cellWithApps(context: Mocha.Context, mode: 'v1' | 'v2') {
  const cell = await cellFor(context, { mode }, ...HANDLES);
  const { report } = await check(cell);
  const name = mode === 'v2' ? 'v2' : 'memory';
  const hierarchy = report.cgroups.hierarchies.find(({ version, controllers }) =>
    mode === 'v2' ? version === 2 : controllers.includes('memory'),
  );
  const cgroup = report.containers[0]?.cgroups[name] ?? expect.fail('no container runs');
  const garden = cgroup.slice(0, cgroup.indexOf('/garden/') + '/garden'.length);
  const directory = `${hierarchy?.chosen?.mountPoint ?? ''}${garden}`;
  return {
    cell,
    cover: () => inside(cell, ['mount', '-t', 'tmpfs', 'tmpfs', directory]),
    uncover: () => inside(cell, ['umount', directory]),
  };
}

for (const mode of ['v1', 'v2'] as const)
  describe(`a tmpfs over Garden's cgroups, with cgroup ${mode}`, () => {
    it('leaves a check and the sensors unknown, and nothing else', async function () {
      const { cell, cover, uncover } = await cellWithApps(this, mode);
      await cover();
      const covered = await check(cell);
      expect(covered.exitCode).to.equal(2);
      expect(covered.report).to.include({ verdict: 'unknown' });
      expect(covered.report.why).to.contain('the tmpfs mount at /sys/fs/cgroup');
      const sensors = await rollcall(cell, ['sensors']);
      expect(sensors).to.include({ exitCode: 2, stdout: '' });
      await uncover();
      const { report, exitCode } = await check(cell);
      expect({ exitCode, ...statuses(report) }).to.deep.equal({
        exitCode: 0,
        ...Object.fromEntries(HANDLES.map((handle) => [handle, 'tracked'])),
      });
    });

    it('raises no finding of an agent', async function () {
      const { cell, cover, uncover } = await cellWithApps(this, mode);
      const agent = await startAgent(cell);
      const becomes = (verdict: string) =>
        waitFor(verdict, async () => (await agent.report()).verdict === verdict);
      await becomes('all-tracked');
      await cover();
      await becomes('unknown');
      await uncover();
      await becomes('all-tracked');
      const findings = agent.parsed().filter(({ message }) => /untracked/.test(message));
      expect(findings).to.deep.equal([]);
    });
  });
