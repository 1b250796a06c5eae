import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect } from 'chai';
import type { WhoseAnswer, WhoseView } from '../../src/model/answers.ts';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { cellFor } from './cells.ts';
import { moveTo, pidInCell, processOf } from './container-processes.ts';
import { APP, createEveryKind, HEALTH_CHECK, OTHER, PRIVILEGED, TASK } from './every-kind.ts';
import { explain, rollcall } from './rollcall.ts';
import { startAgent, STATUS_SOCKET } from './running-agent.ts';
import { waitFor } from '../wait-for.ts';

interface Whose extends WhoseView {
  readonly exitCode: number | undefined;
}

async function whose(cell: Cell, ids: readonly string[]): Promise<Whose> {
  const args = ['whose', '--json', '--status-socket', STATUS_SOCKET, ...ids];
  const { stdout, stderr, exitCode } = await rollcall(cell, args);
  expect(stderr).to.equal('');
  return { ...(JSON.parse(stdout) as WhoseView), exitCode };
}

/** The handle of each id, or why there is none. */
const handlesIn = ({ answers }: Pick<WhoseView, 'answers'>): Readonly<Record<string, string>> =>
  Object.fromEntries(answers.map(({ id, answer, container }) => [id, container?.handle ?? answer]));

/** Everything by which a sensor may name a container that runs. */
async function idsOf(cell: Cell, handle: string): Promise<readonly string[]> {
  const { hierarchies } = await explain(cell, handle);
  const paths = hierarchies.flatMap(({ path }) => path ?? []);
  const inodes = hierarchies.flatMap(({ inode }) => (inode === null ? [] : [`cgroup:${inode}`]));
  const pids = hierarchies.flatMap((one) => one.pids.map(String));
  return [handle, ...new Set([...paths, ...inodes, ...pids])];
}

/** Two hierarchies of v1 may have given one inode to two containers. */
const isAmbiguous = ({ id, answer }: WhoseAnswer): boolean =>
  id.startsWith('cgroup:') && answer === 'ambiguous';

/** Expects that each id is answered with the container that has it. */
function expectNamed(view: WhoseView, ids: ReadonlyMap<string, string>): void {
  const certain = view.answers.filter((one) => !isAmbiguous(one));
  expect(certain.length).to.be.greaterThan(ids.size / 2);
  expect(handlesIn({ answers: certain })).to.deep.equal(
    Object.fromEntries(certain.map(({ id }) => [id, ids.get(id)])),
  );
}

const idsOfSensors = (handle: string): readonly string[] => [
  handle.slice(0, 12),
  ...['good', 'bad', 'garden'].flatMap((directory) => [
    `${directory}/${handle}`,
    `${directory}/${handle}`.slice(0, 12),
  ]),
];

for (const mode of ['v1', 'v2'] as const)
  describe(`rollcall whose, on a cell with cgroup ${mode},`, () => {
    it('names each kind of container by every id, with and without an agent', async function () {
      const cell = await cellFor(this, { mode });
      await createEveryKind(cell);
      const handles = [APP, PRIVILEGED, TASK, HEALTH_CHECK, OTHER];
      const ids = new Map<string, string>();
      for (const handle of handles) for (const id of await idsOf(cell, handle)) ids.set(id, handle);
      for (const id of idsOfSensors(APP)) ids.set(id, APP);
      const alone = await whose(cell, [...ids.keys()]);
      expect(alone.source).to.equal('cell');
      expectNamed(alone, ids);
      await startAgent(cell);
      await waitFor('the agent', async () => (await whose(cell, [APP])).source === 'agent');
      await waitFor('its first pass', async () => (await whose(cell, [APP])).exitCode === 0);
      expectNamed(await whose(cell, [...ids.keys()]), ids);
      const [app] = (await whose(cell, [APP])).answers;
      expect(app?.container).to.include({ app: 'billing', index: 2, kind: 'app-instance' });
      expect(handlesIn(await whose(cell, ['billing/2']))).to.deep.equal({ 'billing/2': APP });
    });

    it('still names a container that has ended, and at once one that is new', async function () {
      const cell = await cellFor(this, { mode }, APP);
      await startAgent(cell);
      await waitFor('its first pass', async () => (await whose(cell, [APP])).exitCode === 0);
      const ids = await idsOf(cell, APP);
      await cell.destroy(APP);
      await cell.create({ handle: OTHER, kind: 'other' });
      const both = await whose(cell, [APP, OTHER]);
      expect([both.source, handlesIn(both)]).to.deep.equal([
        'agent',
        { [APP]: APP, [OTHER]: OTHER },
      ]);
      const endOf = (one: Whose): string | null => one.answers[0]?.container?.ended ?? null;
      await waitFor('its end', async () => endOf(await whose(cell, [APP])) !== null);
      const paths = ids.filter((id) => id.startsWith('/'));
      expect(handlesIn(await whose(cell, paths))).to.deep.equal(
        Object.fromEntries(paths.map((path) => [path, APP])),
      );
    });

    it('stands in the files of an agent that writes them, within seconds of a change', async function () {
      const cell = await cellFor(this, { mode }, APP);
      const names = '/var/vcap/data/agent/memory/names';
      const csv = cell.outside(`${names}/containers.csv`);
      const keys = (): readonly string[] =>
        existsSync(csv)
          ? readFileSync(csv, 'utf8')
              .split('\r\n')
              .map((line) => line.split(',')[0] ?? '')
          : [];
      await startAgent(cell, { names: { directory: names } });
      await waitFor('the table', () => keys().includes(`good/${APP}`));
      await cell.create({ handle: OTHER, kind: 'other' });
      const created = performance.now();
      await waitFor('the new container', () => keys().includes(OTHER));
      expect(performance.now() - created).to.be.below(10_000);
      const { mtimeMs } = statSync(csv);
      await waitFor('a pass that confirms it', () => statSync(csv).mtimeMs > mtimeMs);
    });

    it('names a process that left its container by the finding, with and without an agent', async function () {
      const cell = await cellFor(this, { mode }, APP);
      await cell.others.systemdUnit('cron.service');
      const outside = processOf(cell, APP, 'launcher');
      moveTo(cell, outside, '/system.slice/cron.service');
      const pid = String(pidInCell(outside));
      const named = async () => {
        const { exitCode, source, answers } = await whose(cell, [pid]);
        const [found] = answers;
        return [exitCode, source, found?.answer, found?.by, found?.container?.handle];
      };
      expect(await named()).to.deep.equal([0, 'cell', 'named', 'finding', APP]);
      await startAgent(cell);
      await waitFor(
        'the finding of the agent',
        async () => (await named())[1] === 'agent' && (await named())[0] === 0,
      );
      expect(await named()).to.deep.equal([0, 'agent', 'named', 'finding', APP]);
    });

    it('exits with 1 for what no container has, and with 2 for what may be anybody', async function () {
      const cell = await cellFor(this, { mode }, APP);
      expect(await whose(cell, ['ffffffff', '1'])).to.include({ exitCode: 1 });
      const { answers, exitCode } = await whose(cell, [
        'ffffffff',
        'garden.servi',
        APP,
        '--',
        '-x',
      ]);
      expect(answers.map(({ answer }) => answer)).to.deep.equal([
        'not-found',
        'unnameable',
        'named',
        'not-found',
      ]);
      expect(exitCode).to.equal(2);
    });
  });
