import { expect } from 'chai';
import type { ContainerReport } from '../../../src/model/report.ts';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const NASTY = 'x\u001b]0;owned\u0007\n\u202e\u009b31m';
const GUID = 'deadbeef-0001-4002-8003-abcdabcdabcd';

const nasty: ContainerReport = {
  ...LOST,
  handle: asHandle(NASTY),
  app: LOST.app === null ? null : { ...LOST.app, id: GUID },
};
const series = seriesOf(
  cell(0, {
    deployment: NASTY,
    job: NASTY,
    ip: NASTY,
    version: NASTY,
    containers: containers(3, nasty),
  }),
  cell(1, { deployment: 'd'.repeat(5000), sampleAge: 100, passAge: 100 }),
);
const apps = [
  { guid: GUID, name: `${NASTY}${'n'.repeat(300)}`, space: NASTY, organization: NASTY },
];

describe('untrusted text', () => {
  it('cannot control the terminal from the table, and stays within its column', async () => {
    const { stdout } = await ranPlugin({ series, apps });
    expect(stdout).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stdout).to.contain('x\\u{1b}]0;owned\\u{7}\\n\\u{202e}\\u{9b}31m');
    expect(stdout).not.to.contain('d'.repeat(60));
    // Two cells, one instance, their two headings and title, three lines of advice, why one is
    // overdue, two notes, verdict, five empty lines.
    expect(stdout.split('\n')).to.have.length(18);
  });

  it('survives in the JSON, and cannot control the terminal from there', async () => {
    const { stdout } = await ranPlugin({ series, apps }, ['--output', 'json']);
    expect(stdout).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const status = JSON.parse(stdout) as {
      untracked: { app: { name: string; space: string } }[];
    };
    expect(status.untracked[0]?.app.space).to.equal(NASTY);
  });

  it('is not sent on where it is not a GUID', async () => {
    const [first] = containers(1);
    const strange = {
      ...LOST,
      app: { ...(first?.app ?? LOST.app), id: 'a,b&x=y' },
    } as ContainerReport;
    const { standIn } = await ranPlugin({
      series: seriesOf(cell(0, { containers: [strange] })),
    });
    expect(standIn.requests.map(({ pathname }) => pathname)).not.to.include('/v3/apps');
  });

  it('is not a cell where it comes from an app whose name is the source id', async () => {
    const { app } = LOST;
    const ofApp = seriesOf(cell(2, { containers: containers(5, LOST) })).map((one) => ({
      ...one,
      labels: {
        ...one.labels,
        app_name: one.labels['source_id'] ?? '',
        source_id: app?.id ?? '',
      },
    }));
    const { stdout } = await ranPlugin({ series: [...seriesOf(cell(1)), ...ofApp] }, [
      '--output',
      'json',
    ]);
    const status = JSON.parse(stdout) as { cells: { ip: string }[]; untracked: unknown[] };
    expect(status.cells.map(({ ip }) => ip)).to.deep.equal(['10.0.4.11']);
    expect(status.untracked).to.deep.equal([]);
  });
});
