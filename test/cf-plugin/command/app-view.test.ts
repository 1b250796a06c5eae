import { expect } from 'chai';
import { containers, LOST, PARTIAL, PENDING } from '../../present/agent-state-builder.ts';
import { cell, sensorLines, seriesOf, type StandInCell } from '../standin/fleet.ts';
import type { StandInApp, StandInOptions } from '../standin/foundation.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';

const OTHER = '8a37cb6f-385b-4dd3-732c-34d6';
const app = (change: Partial<StandInApp> = {}): StandInApp => ({
  guid: '00000000-0000-4000-8000-000000000001',
  name: 'checkout',
  space: 'production',
  organization: 'shop',
  instances: [LOST.handle],
  ...change,
});

const series = seriesOf(
  cell(0, { moreLines: sensorLines('falco', { seen: 20, unseen: 0, expectedUnseen: 0 }) }),
  cell(1, { moreLines: sensorLines('falco', { seen: 0, unseen: 20, expectedUnseen: 0 }) }),
);

type InstanceVerdict = 'tracked' | 'untracked' | 'pending' | 'unknown' | 'not-running';

interface Instance {
  /** How its cell differs from a healthy one. */
  readonly ofCell?: Partial<StandInCell>;
  readonly ofApp?: Partial<StandInApp>;
  readonly verdict: InstanceVerdict;
}

const WITH_ONE_LOST: Partial<StandInCell> = { containers: containers(19, LOST) };

const INSTANCES: Readonly<Record<string, Instance>> = {
  'is tracked where all containers of its cell are': { verdict: 'tracked' },
  'is untracked where its cell names it': { ofCell: WITH_ONE_LOST, verdict: 'untracked' },
  'is tracked beside others that are untracked': {
    ofCell: WITH_ONE_LOST,
    ofApp: { instances: [OTHER] },
    verdict: 'tracked',
  },
  'is unknown beside untracked ones if the Cloud Controller does not give its GUID': {
    ofCell: WITH_ONE_LOST,
    ofApp: { instances: [null] },
    verdict: 'unknown',
  },
  'is unknown where its cell does not name all that are untracked': {
    ofCell: { ...WITH_ONE_LOST, isNamed: false },
    verdict: 'unknown',
  },
  'is pending where its cell has a pending container': {
    ofCell: { containers: containers(20, PENDING) },
    verdict: 'pending',
  },
  'is pending if it started after the last pass': { ofApp: { uptime: 8 }, verdict: 'pending' },
  'is unknown on a cell that is silent': {
    ofCell: { sampleAge: 200, passAge: 205 },
    verdict: 'unknown',
  },
  'is unknown on a cell without rollcall': { ofCell: { isCovered: false }, verdict: 'unknown' },
  'is unknown on a cell that nobody knows': {
    ofApp: { hosts: ['10.9.9.9'] },
    verdict: 'unknown',
  },
  'is pending while it starts': { ofApp: { state: 'STARTING' }, verdict: 'pending' },
  'is unknown in a state that nobody knows': { ofApp: { state: 'PAUSED' }, verdict: 'unknown' },
  'does not run where Diego says so': { ofApp: { state: 'CRASHED' }, verdict: 'not-running' },
  'does not run where it has no cell': {
    ofApp: { state: 'DOWN', hosts: [''] },
    verdict: 'not-running',
  },
};

describe('cf rollcall-status --app', () => {
  it('shows the cell and verdict of each instance, and which sensors see it', async () => {
    const apps = [
      app({ instances: [LOST.handle, OTHER], hosts: ['10.0.4.10', '10.0.4.11'], workers: [null] }),
    ];
    const { stdout, code } = await ranPlugin({ series, apps }, ['--app', 'checkout']);
    expect(stdout.replaceAll(/ {2,}/g, '  ').split('\n').slice(0, 6)).to.deep.equal([
      'org  space  app  process  instance  state  cell  verdict  sensors',
      'shop  production  checkout  web  0  running  10.0.4.10  tracked  falco sees it',
      'shop  production  checkout  web  1  running  10.0.4.11  tracked  falco blind',
      'shop  production  checkout  worker  0  running  10.0.4.10  tracked  falco sees it',
      '',
      'No earlier run on this machine with this API and user is known: a cell that was lost ' +
        'more than 15m ago would be missing. Use --expect-cells N to notice.',
    ]);
    expect(stdout).to.contain('\n3 instances: 3 tracked.\n');
    expect(code).to.equal(0);
  });

  // A process with this GUID once ended the command with a URIError.
  it('does not know the instances of a process whose GUID is not well-formed text', async () => {
    const { guid } = app();
    const relationships = { app: { data: { guid } } };
    const resources = [{ guid: 'x\ud800', type: 'web', instances: 1, relationships }];
    const { stdout, code } = await ranPlugin(
      {
        series,
        apps: [app()],
        fault: ({ pathname }) =>
          pathname === '/v3/processes'
            ? { kind: 'answer', status: 200, body: JSON.stringify({ resources }) }
            : null,
      },
      ['--app', 'checkout'],
    );
    expect(stdout).to.contain('The Cloud Controller did not return all instances');
    expect(code).to.equal(1);
  });

  // 800 of them once became 25,600 rows.
  it('shows an app once that the Cloud Controller lists twice', async () => {
    const status = await statusOf({ series, apps: [app(), app()] }, '--app', 'checkout');
    expect(status.app).to.have.length(1);
  });

  it('does not know what a sensor sees that has decided about no container yet', async () => {
    const moreLines = sensorLines('falco', { seen: 0, unseen: 0, expectedUnseen: 0 });
    const undecided = seriesOf(cell(0, { moreLines }));
    const status = await statusOf({ series: undecided, apps: [app()] }, '--app', 'checkout');
    expect(status.app?.[0]?.sensors).to.deep.equal({ falco: null });
  });

  for (const [title, { ofCell, ofApp, verdict }] of Object.entries(INSTANCES))
    it(`says that an instance ${title}`, async () => {
      const foundation = { series: seriesOf(cell(0, ofCell)), apps: [app(ofApp)] };
      const status = await statusOf(foundation, '--app', 'checkout');
      expect(status.app?.map((one) => one.verdict)).to.deep.equal([verdict]);
      const isGood = verdict === 'tracked' || verdict === 'not-running';
      const ofNoFinding = isGood ? 'all-tracked' : 'unknown';
      expect(status.verdict).to.equal(verdict === 'untracked' ? verdict : ofNoFinding);
      expect(status.complete).to.equal(isGood || verdict === 'untracked');
    });

  it('judges an instance by the cell that has its address now', async () => {
    const before = { ip: '10.0.4.10', sampleAge: 200, passAge: 205, repSampleAge: null };
    const both = [...series, ...seriesOf(cell(7, before))];
    const { app: instances } = await statusOf({ series: both, apps: [app()] }, '--app', 'checkout');
    expect(instances?.[0]?.verdict).to.equal('tracked');
  });

  it('lists untracked containers of the app, also one that Diego does not count', async () => {
    const left = { ...LOST, app: { ...LOST.app, id: app().guid } } as typeof LOST;
    const foundation = {
      series: seriesOf(cell(0, { containers: containers(19, left, PARTIAL) })),
      apps: [app({ instances: [OTHER] })],
    };
    const { stdout, code } = await ranPlugin(foundation, ['--app', 'checkout']);
    expect(stdout)
      .to.match(/^unknown-to-garden +critical .*23d64653.* replaced +shop +production +checkout$/m)
      .and.not.to.match(/^partial/m);
    expect(stdout).to.contain('\n1 instance: 1 tracked.\n');
    expect(code).to.equal(1);
  });

  it('shows only the app of this org and space', async () => {
    const apps = [
      app(),
      app({ guid: 'b', space: 'test' }),
      app({ guid: 'c', organization: 'lab' }),
    ];
    const seen = async (...typed: string[]) =>
      (await statusOf({ series, apps }, '--app', 'checkout', ...typed)).app?.map(
        (one) => `${one.app.organization}/${one.app.space}`,
      );
    expect(await seen()).to.deep.equal(['shop/production', 'shop/test', 'lab/production']);
    expect(await seen('--org', 'lab')).to.deep.equal(['lab/production']);
    expect(await seen('--org=shop', '--space=test')).to.deep.equal(['shop/test']);
  });

  const failure = (options: Partial<StandInOptions>, ...typed: string[]) => {
    const foundation = { series, apps: [app()], ...options };
    return ranPlugin(foundation, ['--app', 'checkout', ...typed]);
  };

  it('fails for an app that this user does not see, and if the Cloud Controller fails', async () => {
    const none = await failure({}, '--space', 'no\u001bwhere');
    expect(none.stderr).to.equal(
      'This user sees no app checkout in space no\\u{1b}where: check cf apps.\n',
    );
    const fault = ({ pathname }: URL) =>
      pathname === '/v3/apps' ? ({ kind: 'answer', status: 500, body: 'no' } as const) : null;
    expect((await failure({ fault })).stderr).to.equal(
      'The Cloud Controller answers 500: no. Try again.\n',
    );
    expect((await failure({ links: { cloud_controller_v3: null } })).stderr).to.contain(
      'names no Cloud Controller',
    );
  });

  it('says that instances may be missing where a process did not answer', async () => {
    const { stdout, code } = await failure({ apps: [app({ workers: null })] });
    expect(stdout)
      .to.contain('did not return all instances')
      .and.to.contain('1 instance: 1 tracked.');
    expect(code).to.equal(1);
  });

  it('is incomplete where the answer about a process lacks instances', async () => {
    const fault = ({ pathname }: URL) =>
      pathname.endsWith('/stats')
        ? ({ kind: 'answer', status: 200, body: '{"resources":[]}' } as const)
        : null;
    const { stdout, code } = await failure({ fault });
    expect(stdout).to.contain('did not return all instances').and.to.contain('0 instances.');
    expect(code).to.equal(1);
  });

  it('lists the instances for a user without the scope, and names it', async () => {
    const fault = ({ pathname }: URL) =>
      pathname.startsWith('/api/') ? ({ kind: 'answer', status: 404, body: '' } as const) : null;
    const { stdout, code } = await failure({ fault });
    expect(stdout).to.match(/^shop +production +checkout +web +0 +running +10\.0\.4\.10 +unknown/m);
    expect(stdout).to.contain('doppler.firehose').and.to.contain('1 instance: 1 unknown.');
    expect(code).to.equal(1);
  });
});
