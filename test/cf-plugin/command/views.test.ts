import { expect } from 'chai';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, fleet, seriesOf } from '../standin/fleet.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const TROUBLE = `rollcall_leftovers{ledger="address"} 3
rollcall_leftovers{ledger="overlay"} 0
rollcall_leftovers{ledger="policy"} 2
rollcall_cell_warning{reason="no-rep"} 1
rollcall_sensor_up{sensor="falco"} 1
rollcall_sensor_silent{sensor="falco"} 0
rollcall_sensor_containers{sensor="falco",state="seen"} 17
rollcall_sensor_containers{sensor="falco",state="unseen"} 3
rollcall_sensor_containers{sensor="falco",state="expected_unseen"} 1
`;
const WELL = `rollcall_leftovers{ledger="address"} 0
rollcall_sensor_up{sensor="falco"} 1
rollcall_sensor_silent{sensor="falco"} 0
rollcall_sensor_containers{sensor="falco",state="seen"} 20
rollcall_sensor_containers{sensor="falco",state="unseen"} 0
`;
const well = seriesOf(cell(0, { more: WELL }));
const bad = [
  ...well,
  ...seriesOf(cell(1, { more: TROUBLE, containers: containers(19, LOST) })),
  ...seriesOf(cell(2, { scraped: 200, reconciled: 205 })),
];
const blocksOf = async (typed: readonly string[], series: readonly Series[] = bad) => {
  const { stdout, code } = await ranPlugin({ series }, typed);
  return { blocks: stdout.split('\n\n').slice(1), code };
};

describe('cf rollcall-status --wide', () => {
  it('has a column for what rep counts, what is left over, and each warning', async () => {
    const { blocks } = await blocksOf(['--wide']);
    const [titles = '', ...rows] = blocks[0]?.split('\n') ?? [];
    expect(titles.split(/ {3,}/).slice(9)).to.deep.equal(
      'sensors rep room stuck leftovers warnings cgroups garden age version'.split(' '),
    );
    const untracked = rows.find((row) => row.includes('untracked')) ?? '';
    expect(untracked.split(/ {3,}/).slice(9, 16)).to.deep.equal([
      'falco 17/20',
      '20',
      '230',
      '0',
      'address 3, cgroup 1, policy 2',
      'no-rep',
      'v1',
    ]);
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
      'Sensors: falco. 1 time one does not see all that it is expected to see.',
    );
  });

  it('exits 0 where each sees everything, and 1 where a cell is not known', async () => {
    const { blocks, code } = await blocksOf(['--sensors'], well);
    expect(code).to.equal(0);
    expect(blocks[0]).to.equal('Sensors: falco. Each sees all that it is expected to see.');
    const silent = [...well, ...seriesOf(cell(2, { scraped: 200, reconciled: 205 }))];
    expect((await blocksOf(['--sensors'], silent)).code).to.equal(1);
    expect((await blocksOf(['--sensors'], fleet(1).flatMap(seriesOf))).blocks[0]).to.equal(
      'No cell has a sensor that rollcall is configured to compare.',
    );
  });
});

describe('cf rollcall-status --preflight', () => {
  it('adds up what would hang, wait or be lost, and names the cells', async () => {
    const { blocks, code } = await blocksOf(['--preflight']);
    expect(code).to.equal(1);
    const [lines = ''] = blocks;
    expect(
      lines.split('\n').map((line) => line.split('). ')[0]?.replace(/\/\w{8}/, '/ID')),
    ).to.deep.equal([
      'waits    policy-entry: 2 on 1 cell (diego_cell/ID',
      'lost     no-rep: 1 cell (diego_cell/ID',
      'lost     unknown-to-garden: 1 on 1 cell (diego_cell/ID',
      'unknown  unknown-cell: 1 cell (diego_cell/ID',
    ]);
    expect(lines).to.contain('nothing moves it, and it ends with the VM.');
    const { preflight } = await statusOf({ series: bad }, '--preflight');
    expect(
      preflight?.map(({ effect, cause, count }) => `${effect} ${cause} ${count}`),
    ).to.deep.equal([
      'waits policy-entry 2',
      'lost no-rep null',
      'lost unknown-to-garden 1',
      'unknown unknown-cell null',
    ]);
    expect((await statusOf({ series: bad })).preflight).to.equal(null);
  });

  it('exits 0 where nothing would', async () => {
    const quiet = seriesOf(cell(0, { more: `${WELL}rollcall_cell_warning{reason="no-rep"} 0\n` }));
    const { blocks, code } = await blocksOf(['--preflight'], quiet);
    expect({ code, said: blocks[0] }).to.deep.equal({
      code: 0,
      said: 'Found nothing that would hang, wait or be lost if a cell were drained or recreated.',
    });
  });

  it('does not know a cell whose agent sends no warnings', async () => {
    const old = seriesOf(cell(0)).filter(({ name }) => name !== 'rollcall_cell_warning');
    expect((await blocksOf(['--preflight'], old)).code).to.equal(1);
  });
});

describe('cf rollcall-status --output csv', () => {
  it('has a line per cell, and nothing that a spreadsheet runs', async () => {
    for (const first of ['=', '+', '-', '@', '\t']) {
      const nasty = cell(1, { job: `${first}cmd|'/c calc'!A0,"x"` });
      const { stdout } = await ranPlugin({ series: [...well, ...seriesOf(nasty)] }, [
        '--output=csv',
      ]);
      const [titles, ...rows] = stdout.split('\r\n');
      expect(titles).to.match(/^deployment,instance_group,index,ip,verdict,why,listed,/);
      expect(rows).to.have.length(3);
      const shown = first === '\t' ? '\\t' : `'${first}`;
      expect(stdout).to.contain(`cf,"${shown}cmd|'/c calc'!A0,""x""",`);
    }
  });

  it('is for the table of cells, once', async () => {
    for (const other of ['--watch', '--sensors', '--preflight']) {
      const { stderr, code } = await ranPlugin({ series: well }, ['--output=csv', other]);
      expect(code).to.equal(1);
      expect(stderr).to.match(
        /^Incorrect Usage: --output csv is only for the table of cells, once\./,
      );
    }
    const { stderr } = await ranPlugin({ series: well }, ['--sensors', '--preflight']);
    expect(stderr).to.match(/^Incorrect Usage: --sensors and --preflight exclude each other\./);
  });
});
