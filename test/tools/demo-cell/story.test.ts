import { expect } from 'chai';
import { recordedScenes } from '../../../tools/demo-cell/scenes.ts';
import { BREAKS } from '../../../tools/demo-cell/story-cell.ts';
import { tellStory, type Scenes } from '../../../tools/demo-cell/story.ts';
import { colors } from '../../../src/present/color.ts';
import { displayWidth } from '../../../src/present/display-width.ts';

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
  return { isAsExpected, acts: text.split(/^(?=\d\. rollcall )/m) };
}

const recorded = recordedScenes({ columns: COLUMNS, isColored: false });

describe('the recorded story', () => {
  let story: Reported;

  before(async () => {
    story = await reported(recorded);
  });

  it('begins with a cell of cgroup v2, and ends with another, whose mounts mislead Tracee 0.19', () => {
    const { isAsExpected, acts } = story;
    expect(isAsExpected).to.equal(true);
    const [opening = '', mounts = '', sensors = '', healthy = '', broken = '', ...rest] = acts;
    const [leaked = '', reversed = ''] = rest;
    expect(acts).to.have.length(7);
    expect(opening).to.match(/^A recorded Diego cell\. 7 containers run on it/);
    expect(mounts)
      .to.include('cgroup v2, read in the initial cgroup namespace')
      .and.include('One hierarchy: v2, mounted at /sys/fs/cgroup\n');
    expect(sensors).to.match(/^Tracee +up to v0\.18 .* 0 of 7 /m);
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
      'image directory',
    ]);
    expect(leaked).to.match(/^96b4ab9e +- +✓ +- +- +✓ +✓ +✓ +✓ +-$/m);
    expect(reversed).to.match(/^Tracee +v0\.19 .*\/cpuset +0 of 7 /m);
  });

  it('fits the terminal', () => {
    for (const line of story.acts.join('').split('\n')) {
      expect(displayWidth(line), line).to.be.at.most(COLUMNS);
    }
  });
});

describe('the story', () => {
  const gives = (exitCode: number) => Promise.resolve({ output: 'output\n', exitCode });
  /** The exit code of each command. */
  const EXPECTED = { mounts: 0, sensors: 0, 'healthy check': 0, 'broken check': 1, ledgers: 1 };
  const scenesWith = (codes: Readonly<Record<string, number>> = EXPECTED): Scenes => ({
    ...recorded,
    run: (state, word = '') => gives(codes[word] ?? codes[`${state} ${word}`] ?? 2),
    sensorsOfReversed: () => gives(codes['reversed'] ?? 0),
  });
  const scenes = scenesWith();

  it('begins with the sensors on a cell with cgroup v1, and has no other cell', async () => {
    const { isAsExpected, acts } = await reported({ ...scenes, hasV2Alone: false });
    expect(isAsExpected).to.equal(true);
    expect(acts).to.have.length(5);
    expect(acts[1]).to.match(/^1\. rollcall sensors/);
  });

  it('goes on to the end if a command gives another result than expected', async () => {
    expect((await reported(scenes)).isAsExpected).to.equal(true);
    for (const [command, exitCode] of Object.entries({ ...EXPECTED, reversed: 0 })) {
      const { isAsExpected, acts } = await reported(
        scenesWith({ ...EXPECTED, [command]: 1 - exitCode }),
      );
      expect(isAsExpected, command).to.equal(false);
      expect(acts).to.have.length(7);
    }
  });

  it('has no act about ledgers on a cell without networks', async () => {
    const { isAsExpected, acts } = await reported({ ...scenes, leak: null });
    expect([isAsExpected, acts.length]).to.deep.equal([true, 6]);
  });
});
