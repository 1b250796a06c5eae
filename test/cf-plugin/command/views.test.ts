import { expect } from 'chai';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, leftoverLines, sensorLines, seriesOf, warningLine } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const wellCell = cell(0, {
  moreLines:
    leftoverLines({ address: 0, policy: 0 }) + sensorLines('falco', { seen: 20, unseen: 0 }),
});
const troubledCell = cell(1, {
  containers: containers(19, LOST),
  moreLines:
    leftoverLines({ address: 3, overlay: 0, policy: 2 }) +
    warningLine('no-rep') +
    sensorLines('falco', { seen: 17, unseen: 3, expectedUnseen: 1 }),
});
const silentCell = cell(2, { sampleAge: 200, passAge: 205 });
const well = seriesOf(wellCell);
const bad = seriesOf(wellCell, troubledCell, silentCell);
const blocksOf = async (typed: readonly string[], series: readonly Series[] = bad) => {
  const { stdout, code } = await ranPlugin({ series }, typed);
  return { blocks: stdout.split('\n\n'), code };
};

describe('cf rollcall-status --wide', () => {
  it('has columns for what is stuck, what is left over, and each warning', async () => {
    const { blocks } = await blocksOf(['--wide']);
    const [titles = '', ...rows] = blocks[0]?.split('\n') ?? [];
    expect(titles.split(/ {3,}/).slice(9)).to.deep.equal([
      'sensors',
      'stuck',
      'leftovers',
      'warnings',
      'cgroups',
      'garden',
      'age',
      'version',
    ]);
    const untracked = rows.find((row) => row.includes('untracked')) ?? '';
    expect(untracked.split(/ {3,}/).slice(9, 14)).to.deep.equal([
      'falco 17/20',
      '0',
      'address 3, cgroup 1, policy 2',
      'no-rep',
      'v1',
    ]);
  });

  it('escapes the text of a label', async () => {
    const series = well.map((one) => ({
      ...one,
      labels: { ...one.labels, cgroup_mode: '\u001b[2J' },
    }));
    const { stdout } = await ranPlugin({ series }, ['--wide']);
    expect(stdout).to.contain('\\u{1b}[2J').and.not.to.contain('\u001b');
  });

  it('reads leftovers only where they are asked for, and for one cell', async () => {
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

  it('exits 0 where each sensor sees everything, and 1 where a cell is not known', async () => {
    const { blocks, code } = await blocksOf(['--sensors'], well);
    expect(code).to.equal(0);
    expect(blocks[0]).to.equal(
      'Sensors: falco. None is known to miss a container that it is expected to see.',
    );
    const silent = seriesOf(wellCell, silentCell);
    expect((await blocksOf(['--sensors'], silent)).code).to.equal(1);
    expect((await blocksOf(['--sensors'], seriesOf(cell(0)))).blocks[0]).to.equal(
      'No cell has a sensor that rollcall is configured to compare.',
    );
  });
});
