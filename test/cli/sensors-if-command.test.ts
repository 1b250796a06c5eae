import { expect } from 'chai';
import type { SensorsIfView } from '../../src/model/answers.ts';
import { capturedCell, handleOf } from './captured-cell.ts';
import { typed } from './rollcall.ts';

const UNIT = '/system.slice/garden.service';

const BOTH = [handleOf(0), handleOf(1)];

/** Cgroups of an app; Falco takes its id from the first one that gives it any. */
const memoryAlone = (below: string) => ({ memory: `${UNIT}/${below}` });
const cpusetFirst = (below: string) => ({ cpuset: `/${below}`, ...memoryAlone(below) });

/** A captured cell with cgroup v1 on which two apps run. */
const cellWithApps = (
  cgroupsOf: (below: string) => Readonly<Record<string, string>>,
  directory = 'garden',
): string =>
  capturedCell({
    trees: {
      memory: [
        `${UNIT}: 100`,
        ...[0, 1].map((n) => `${UNIT}/${directory}/${handleOf(n)}: ${200 + n}`),
      ].join('\n'),
    },
    listed: BOTH,
    memberships: Object.fromEntries(
      [0, 1].map((n) => [200 + n, cgroupsOf(`${directory}/${handleOf(n)}`)]),
    ),
    processes: [],
  });

async function answerOf(capture: string, mode: string) {
  const args = ['sensors', '--tool', 'falco@0.44', '--if', mode, '--capture', capture, '--json'];
  const { code, stdout } = await typed(args);
  return { code, view: JSON.parse(stdout) as SensorsIfView };
}

describe('rollcall sensors --if', () => {
  it('says what a sensor would gain, and exits 0', async () => {
    const { code, view } = await answerOf(cellWithApps(memoryAlone), 'v2');
    expect(code).to.equal(0);
    expect(view).to.include({ if: 'v2', alreadySo: false, containers: 2, cgroupMode: 'v1' });
    expect(view.changes.map(({ gains }) => gains)).to.deep.equal([BOTH]);
  });

  it('counts the containers that a sensor would only misname otherwise, and says why', async () => {
    const throttled = cellWithApps(memoryAlone, 'garden/good');
    const { code, view } = await answerOf(throttled, 'v2');
    expect(code).to.equal(0);
    const [change] = view.changes;
    expect(change).to.include({ seenNow: 0, seenThen: 0, misnamedNow: 2, misnamedThen: 2 });
    expect(change?.renames).to.deep.equal(BOTH);
    const { stdout } = await typed(['sensors', '--if', 'v2', '--capture', throttled]);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).to.contain('now: Falco would give 2 of 2 containers the same id: garden.servi.');
    expect(text).to.contain('the same id: good/aaaaaaa.');
  });

  it('exits 0 where a sensor would lose every container', async () => {
    const { code, view } = await answerOf(cellWithApps(cpusetFirst), 'throttled');
    expect(code).to.equal(0);
    expect(view.changes.map(({ loses }) => loses)).to.deep.equal([BOTH]);
  });

  it('says that the cell has that mode already', async () => {
    const capture = cellWithApps(memoryAlone, 'garden/good');
    const { code, view } = await answerOf(capture, 'throttled');
    expect(code).to.equal(0);
    expect(view).to.deep.include({ alreadySo: true, changes: [] });
    const { stdout } = await typed(['sensors', '--if', 'throttled', '--capture', capture]);
    expect(stdout).to.contain("already has Garden's CPU throttling");
  });

  it('exits 2 with the reason where no container can be compared', async () => {
    const unread = capturedCell({ listed: null });
    const { code, stdout, stderr } = await typed(['sensors', '--if', 'v2', '--capture', unread]);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^rollcall: .*Garden's list cannot be read/);
    const empty = capturedCell({ trees: { memory: `${UNIT}: 100` }, listed: [], processes: [] });
    const ran = await typed(['sensors', '--if', 'v2', '--capture', empty]);
    expect([ran.code, ran.stdout]).to.deep.equal([2, '']);
  });
});
