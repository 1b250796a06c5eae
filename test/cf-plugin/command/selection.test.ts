import { expect } from 'chai';
import {
  isSelected,
  type FoundationStatus,
} from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { cell, seriesIn } from '../standin/fleet.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const foundation = {
  series: seriesIn('0-2; 3 deployment=iso holds=4+LOST; 4 deployment=iso'),
};

async function chosen(...typed: readonly string[]) {
  const { stdout, code } = await ranPlugin(foundation, [...typed, '--output', 'json']);
  const status = JSON.parse(stdout) as FoundationStatus;
  return { ips: status.cells.map(({ ip }) => ip), code, status };
}

describe('what cf rollcall-status is asked for', () => {
  it('--cell takes what BOSH calls the instance', async () => {
    const { index, ip } = cell(1);
    expect((await chosen('--cell', `diego_cell/${index}`)).ips).to.deep.equal([ip]);
  });

  it('--deployment takes the whole name, and the verdict is about its cells', async () => {
    expect((await chosen('--deployment', 'cf')).code).to.equal(0);
    const { ips, code, status } = await chosen('--deployment', 'iso');
    expect(ips).to.deep.equal(['10.0.4.13', '10.0.4.14']);
    expect(code).to.equal(1);
    expect(status.untracked).to.have.length(1);
  });

  it('--untracked lists fewer, and judges all', async () => {
    const { ips, status } = await chosen('--untracked');
    expect(ips).to.deep.equal(['10.0.4.13']);
    expect(status.summary.cells).to.equal(5);
  });

  it('--expect-cells reports when fewer report, and then fails', async () => {
    const few = await chosen('--deployment', 'cf', '--expect-cells', '4');
    expect(few.code).to.equal(1);
    expect(few.status.verdict).to.equal('unknown');
    expect(few.status.notes).to.include('Only 3 of 4 expected cells report.');
    const more = await chosen('--deployment', 'cf', '--expect-cells', '2');
    expect(more.code).to.equal(0);
    expect(more.status.notes).to.include('3 cells report, 2 were expected.');
    expect((await chosen('--deployment', 'cf', '--expect-cells', '3')).code).to.equal(0);
  });
});

describe('a cell that is asked for', () => {
  it('is found by the beginning of its index, and by that of its group only with a slash', () => {
    const location = {
      deployment: 'cf',
      instanceGroup: 'diego_cell',
      index: '0aaa',
      ip: '10.0.4.1',
    };
    const isFound = (given: string): boolean =>
      isSelected(location, { cell: given, deployment: null });
    for (const given of '0 0aaa 10.0.4.1 diego_cell/ diego_cell/0a diego_cell/0aaa'.split(' '))
      expect(isFound(given), given).to.equal(true);
    for (const given of 'd diego_cell 10.0.4 cell/0aaa diego_cell/1 aaa'.split(' '))
      expect(isFound(given), given).to.equal(false);
  });
});
