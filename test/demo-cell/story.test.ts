import { expect } from 'chai';
import { recordedScenes } from '../../src/demo-cell/scenes.ts';
import { BREAKS } from '../../src/demo-cell/story-cell.ts';
import { tellStory, type Scenes } from '../../src/demo-cell/story.ts';
import { colors } from '../../src/present/color.ts';
import { displayWidth } from '../../src/present/display-width.ts';

interface Reported {
  readonly isAsExpected: boolean;
  /** What comes before the first act, and then each act with its title. */
  readonly acts: readonly string[];
}

const COLUMNS = 80;

async function reported(scenes: Scenes): Promise<Reported> {
  let text = '';
  const say = (more: string): void => void (text += more);
  const isAsExpected = await tellStory(scenes, { colors: colors(false), columns: COLUMNS, say });
  return { isAsExpected, acts: text.split(/^(?=\d\. )/m) };
}

const recorded = recordedScenes({ columns: COLUMNS, isColored: false });

describe('the recorded story', () => {
  let story: Reported;

  before(async () => {
    story = await reported(recorded);
  });

  it('begins with a cell of cgroup v2, and ends with the reversed mounts of another', () => {
    const { isAsExpected, acts } = story;
    expect(isAsExpected).to.equal(true);
    const [opening = '', mounts = '', sensors = '', healthy = '', broken = '', ...rest] = acts;
    const [leaked = '', reversed = ''] = rest;
    expect(acts).to.have.length(7);
    expect(opening).to.match(/^A recorded Diego cell\. 7 containers run on it/);
    expect(mounts)
      .to.include('cgroup v2, read in the initial cgroup namespace')
      .and.include('One hierarchy: v2, mounted at /sys/fs/cgroup\n');
    expect(sensors).to.match(/^Tracee +0 to 5 of 7, by version$/m);
    expect(healthy).to.include('All 7 containers that Garden lists run');
    for (const { what, handle, reason } of BREAKS) {
      expect(broken).to.include(`- ${what}\n`);
      expect(broken).to.match(new RegExp(`${handle.slice(0, 8)} .*${reason}$`, 'm'));
    }
    const entries = Array.from(
      leaked.matchAll(/^(\w+ \w+|overlay) +(?:10\.|aa87174d-)/gm),
      ([, kind]) => kind,
    );
    expect(entries).to.deep.equal([
      'host interface',
      'reserved address',
      'policy entry',
      'network namespace',
      'overlay',
    ]);
    expect(leaked).to.match(/^96b4ab9e +- +✓ +– +– +✓ +✓ +✓ +✓ +–$/m);
    expect(reversed)
      .to.match(/These are the\s+mounts\s+of\s+the\s+hierarchy\s+cpuset\./)
      .and.match(/^Tracee +v0\.19 .*\/cpuset +0 of 7 /m);
  });

  it('fits the terminal', () => {
    for (const line of story.acts.join('').split('\n')) {
      expect(displayWidth(line), line).to.be.at.most(COLUMNS);
    }
  });
});

describe('the story', () => {
  const gives = (exitCode: number) => () => Promise.resolve({ output: 'output\n', exitCode });
  const scenes: Scenes = {
    ...recorded,
    mounts: gives(0),
    sensors: gives(0),
    check: (state) => gives(state === 'healthy' ? 0 : 1)(),
    leak: () => Promise.resolve({ what: 'a leak', ledgers: { output: 'output\n', exitCode: 1 } }),
    reversed: { table: recorded.reversed.table, sensors: gives(0) },
  };

  it('begins with the reversed mounts on a cell with cgroup v1, and has no other cell', async () => {
    const { isAsExpected, acts } = await reported({ ...scenes, table: scenes.reversed.table });
    expect(isAsExpected).to.equal(true);
    expect(acts).to.have.length(6);
    expect(acts[1]).to.include('lines, in reverse order');
  });

  it('goes on to the end if a command gives another result than expected', async () => {
    expect((await reported(scenes)).isAsExpected).to.equal(true);
    for (const wrong of [
      { mounts: gives(1) },
      { sensors: gives(1) },
      { check: gives(0) },
      { leak: () => Promise.resolve({ what: '', ledgers: { output: '', exitCode: 0 } }) },
      { reversed: { ...scenes.reversed, sensors: gives(1) } },
    ]) {
      const { isAsExpected, acts } = await reported({ ...scenes, ...wrong });
      expect(isAsExpected, JSON.stringify(Object.keys(wrong))).to.equal(false);
      expect(acts).to.have.length(7);
    }
  });

  it('has no act about ledgers on a cell without networks', async () => {
    const { isAsExpected, acts } = await reported({ ...scenes, leak: null });
    expect([isAsExpected, acts.length]).to.deep.equal([true, 6]);
  });
});
