import { expect } from 'chai';
import { seriesIn } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const TROUBLE = 'leftovers=address:3,overlay:0,policy:2 warnings=no-rep:1 sensor=falco:17/3/1';
const WELL = 'leftovers=address:0,policy:0 sensor=falco:20/0';
const well = seriesIn(`0 ${WELL}`);
const bad = seriesIn(`0 ${WELL}; 1 ${TROUBLE} holds=19+LOST; 2 age=200/205`);
const blocksOf = async (typed: readonly string[], series: readonly Series[] = bad) => {
  const { stdout, code } = await ranPlugin({ series }, typed);
  return { blocks: stdout.split('\n\n'), code };
};

describe('cf rollcall-status --wide', () => {
  it('has columns for what is stuck, what is left over, and each warning', async () => {
    const { blocks } = await blocksOf(['--wide']);
    const [titles = '', ...rows] = blocks[0]?.split('\n') ?? [];
    expect(titles.split(/ {3,}/).slice(9)).to.deep.equal(
      'sensors|stuck|leftovers|warnings|cgroups|garden|age|version'.split('|'),
    );
    const untracked = rows.find((row) => row.includes('untracked')) ?? '';
    expect(untracked.split(/ {3,}/).slice(9, 14)).to.deep.equal([
      'falco 17/20',
      '0',
      'address 3, cgroup 1, policy 2',
      'no-rep',
      'v1',
    ]);
  });

  it('shows no text of a label raw', async () => {
    const series = well.map((one) => ({
      ...one,
      labels: { ...one.labels, cgroup_mode: '\u001b[2J' },
    }));
    const { stdout } = await ranPlugin({ series }, ['--wide']);
    expect(stdout).to.contain('\\u{1b}[2J').and.not.to.contain('\u001b');
  });

  it('reads it only where it is asked for, and for one cell', async () => {
    const leftoversFor = async (...typed: string[]) => {
      const { cells } = await statusOf({ series: bad }, ...typed);
      return cells.find(({ ip }) => ip === '10.0.4.11')?.leftovers;
    };
    expect(await leftoversFor()).to.equal(null);
    const all = { address: 3, cgroup: 1, overlay: 0, policy: 2 };
    expect(await leftoversFor('--wide')).to.deep.equal(all);
    expect(await leftoversFor('--cell', '10.0.4.11')).to.deep.equal(all);
  });
});

describe('cf rollcall-status --sensors', () => {
  it('lists each cell where a sensor does not see what it is expected to see', async () => {
    const { blocks, code } = await blocksOf(['--sensors']);
    expect(code).to.equal(1);
    expect(blocks[0]).to.match(/^sensor +cell +state +seen +unseen +expected unseen\n/);
    expect(blocks[0]).to.match(/^falco +diego_cell\/\S+ +up +17 +3 +1$/m);
    expect(blocks[1]).to.equal(
      'Sensors: falco. Above is each that is down, silent or unknown, or that misses containers.',
    );
  });

  it('exits 0 where each sees everything, and 1 where a cell is not known', async () => {
    const { blocks, code } = await blocksOf(['--sensors'], well);
    expect(code).to.equal(0);
    expect(blocks[0]).to.equal(
      'Sensors: falco. None is known to miss a container that it is expected to see.',
    );
    const silent = [...well, ...seriesIn('2 age=200/205')];
    expect((await blocksOf(['--sensors'], silent)).code).to.equal(1);
    expect((await blocksOf(['--sensors'], seriesIn('0'))).blocks[0]).to.equal(
      'No cell has a sensor that rollcall is configured to compare.',
    );
  });
});
