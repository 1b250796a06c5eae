import { expect } from 'chai';
import { explained } from '../../../src/cf-plugin/cloud-controller/apps.ts';
import type { UntrackedInstance } from '../../../src/cf-plugin/foundation/cell-status.ts';
import { within } from '../../../src/cf-plugin/http/client.ts';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import { clientOf, type Fault, type StandInApp } from '../standin/foundation.ts';
import { withStoppedDeadlines } from '../standin/stopped-deadlines.ts';
import { ranPlugin, statusOf } from '../standin/ran-plugin.ts';
import { tokenWith } from '../standin/tokens.ts';

const guid = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const INSTANCE = '23d64653-5079-4858-b990-e374';
const OTHER = '8a37cb6f-385b-4dd3-732c-34d6';
const TASK = guid(77);

const app = (number: number, change: Partial<StandInApp> = {}): StandInApp => ({
  guid: guid(number),
  name: `app-${number}`,
  space: number % 2 === 0 ? 'production' : 'staging',
  organization: `org-${number % 3}`,
  instances: [OTHER],
  ...change,
});

/** A finding of which only the app is known. */
const finding = (id: string | null, handle = INSTANCE): UntrackedInstance => ({
  handle,
  reason: 'unowned',
  severity: 'critical',
  since: null,
  drill: false,
  cell: { deployment: '', instanceGroup: '', index: '', ip: '' },
  app: id === null ? null : { id, name: null, space: null, organization: null },
  diego: 'unknown',
});

const reported = async (
  apps: readonly StandInApp[],
  untracked: readonly UntrackedInstance[],
  { fault = () => null, token = 'bearer t' }: { fault?: (url: URL) => Fault; token?: string } = {},
) => {
  const {
    client,
    foundation: { origin, requests },
  } = await clientOf({ series: [], apps, fault });
  const url = new URL(`${origin}/v3`);
  return { ...(await explained(within(client, 60_000, '60 s'), url, token, untracked)), requests };
};

const SEES_ALL = tokenWith('openid', 'cloud_controller.global_auditor');

/** An instance of the app 1, by what the Cloud Controller says about that app. */
interface AskedInstance {
  /** Left out: the Cloud Controller does not show the app. */
  readonly ofApp?: Partial<StandInApp>;
  /** Left out: that of an instance. */
  readonly handle?: string;
  /** Left out: one that sees all apps. */
  readonly token?: string;
  readonly diego: UntrackedInstance['diego'];
}

const INSTANCES: Readonly<Record<string, AskedInstance>> = {
  'counted where it is one of the app': {
    ofApp: { instances: [OTHER, INSTANCE] },
    diego: 'counted',
  },
  'counted where its app was just stopped and it still runs': {
    ofApp: { instances: [INSTANCE], isStopped: true },
    diego: 'counted',
  },
  'counted where it is one of another process of the app': {
    ofApp: { workers: [INSTANCE] },
    diego: 'counted',
  },
  'counted beside a process that does not answer': {
    ofApp: { instances: [INSTANCE], workers: null },
    diego: 'counted',
  },
  'replaced where it is none of the app': { ofApp: {}, diego: 'replaced' },
  'replaced where it is none of any process': {
    ofApp: { workers: [OTHER] },
    diego: 'replaced',
  },
  'app-stopped where its app is stopped': {
    ofApp: { instances: [], isStopped: true },
    diego: 'app-stopped',
  },
  'app-deleted where its app is not there': { diego: 'app-deleted' },
  'unknown where the user may not see all apps': {
    token: tokenWith('cloud_controller.read'),
    diego: 'unknown',
  },
  'unknown where the app is not shown to a token that cannot be read': {
    token: 'bearer opaque',
    diego: 'unknown',
  },
  'unknown where it may be one of a process that does not answer': {
    ofApp: { workers: null },
    diego: 'unknown',
  },
  'unknown where it may be a task': { ofApp: {}, handle: TASK, diego: 'unknown' },
  'unknown where it may be one that the Cloud Controller does not name yet': {
    ofApp: { instances: [null] },
    diego: 'unknown',
  },
};

describe('what Diego says of an instance', () => {
  for (const [title, { ofApp, handle, token = SEES_ALL, diego }] of Object.entries(INSTANCES))
    it(`is ${title}`, async () => {
      const apps = ofApp === undefined ? [] : [app(1, ofApp)];
      const { untracked } = await reported(apps, [finding(guid(1), handle)], { token });
      expect(untracked[0]?.diego).to.equal(diego);
    });

  it('is unknown of an instance without an app', async () => {
    const none = [finding(null), finding('not a guid')];
    const { untracked } = await reported([app(1)], none, { token: SEES_ALL });
    expect(untracked.map(({ diego }) => diego)).to.deep.equal(['unknown', 'unknown']);
  });

  it('is asked once for each app', async () => {
    const apps = [app(1), app(2)];
    const twice = [finding(guid(1)), finding(guid(1), OTHER), finding(guid(2))];
    const { untracked, requests } = await reported(apps, twice, { token: SEES_ALL });
    expect(untracked.map(({ diego }) => diego)).to.deep.equal(['replaced', 'counted', 'replaced']);
    expect(requests.map(({ pathname }) => pathname)).to.have.members([
      '/v3/apps',
      '/v3/processes',
      `/v3/processes/web-${guid(1)}/stats`,
      `/v3/processes/web-${guid(2)}/stats`,
    ]);
  });

  it('puts the code of a deleted app first', async () => {
    const of = (number: number, since: string) => ({
      ...LOST,
      handle: asHandle(`${INSTANCE.slice(0, -1)}${number}`),
      since,
      app: LOST.app === null ? null : { ...LOST.app, id: guid(number) },
    });
    const lost = [of(1, '2026-03-02T10:00:00Z'), of(2, '2026-03-02T10:10:00Z')];
    const { stdout } = await ranPlugin(
      { series: seriesOf(cell(0, { containers: containers(3, ...lost) })), apps: [app(1)] },
      ['--output', 'json'],
      { cf: { accessToken: () => Promise.resolve(SEES_ALL) } },
    );
    const { untracked } = JSON.parse(stdout) as { untracked: UntrackedInstance[] };
    expect(untracked.map(({ diego }) => diego)).to.deep.equal(['app-deleted', 'replaced']);
  });
});

describe('the names of apps', () => {
  it('are missing where the API names no Cloud Controller', async () => {
    const { client } = await clientOf({ series: [] });
    const { missing } = await explained(client, null, 'bearer t', [finding(guid(1))]);
    expect(missing).to.contain('names no Cloud Controller');
  });

  const APPS = Array.from({ length: 600 }, (_, index) => app(index));
  const named = ({ untracked }: { untracked: readonly UntrackedInstance[] }): number =>
    untracked.filter((one) => typeof one.app?.name === 'string').length;

  it('come with space and organization, 50 at a time, and Diego is asked 50 times at most', async () => {
    const all = APPS.slice(0, 120).map((one) => finding(one.guid));
    const said = await reported(APPS, all);
    expect(named(said)).to.equal(120);
    expect(said.untracked[4]?.app).to.deep.equal({
      id: guid(4),
      name: 'app-4',
      space: 'production',
      organization: 'org-1',
    });
    expect(said.missing).to.equal(null);
    expect(said.requests).to.have.length(3 + 3 + 50);
    for (const { search } of said.requests) expect(search.length).to.be.lessThan(2100);
  });

  it('are shown for at most 500 apps', async () => {
    const said = await reported(
      APPS,
      APPS.map((one) => finding(one.guid)),
    );
    expect(named(said)).to.equal(500);
    expect(said.missing).to.equal('Only 500 of 600 apps are shown by name.');
  });

  it('say nothing about an app that was not asked for: it is not called deleted', async () => {
    const all = APPS.slice(0, 501).map((one) => finding(one.guid));
    const { untracked } = await reported(APPS.slice(1), all, { token: SEES_ALL });
    expect(untracked[0]?.diego).to.equal('app-deleted');
    expect(untracked[500]?.diego).to.equal('unknown');
  });

  it('are missing for apps that the user may not see, as a note says', async () => {
    const said = await reported(APPS, [finding(guid(1)), finding(guid(9999))]);
    expect(said.missing).to.match(/^The Cloud Controller does not show 1 of 2 apps: /);
  });

  const FAULTS: readonly (readonly [Fault, string])[] = [
    [{ kind: 'answer', status: 401, body: '{"errors":[]}' }, 'answers 401: {"errors":[]}'],
    [
      { kind: 'answer', status: 200, body: '{"resources":[{}]}' },
      'sent an answer of an unexpected form',
    ],
    [{ kind: 'reset' }, 'cannot be reached (ECONNRESET)'],
  ];
  for (const [fault, said] of FAULTS) {
    it(`are missing, and nothing else is, when the Cloud Controller ${said}`, async () => {
      const { untracked, missing } = await reported(APPS, [finding(guid(1))], {
        fault: () => fault,
      });
      expect(untracked).to.deep.equal([finding(guid(1))]);
      expect(missing)
        .to.contain(said)
        .and.to.match(/: apps are shown by GUID\.$/);
    });
  }

  it('do not keep the rest waiting when the Cloud Controller hangs', async () => {
    const status = await withStoppedDeadlines(async ({ set, pass }) => {
      const answer = await statusOf({
        series: seriesOf(cell(0, { containers: containers(3, LOST) })),
        fault: ({ pathname }) => {
          if (!pathname.startsWith('/v3/')) return null;
          pass();
          return { kind: 'hang' };
        },
      });
      expect(set()).to.deep.equal([60_000, 3_000]);
      return answer;
    });
    expect(status.verdict).to.equal('untracked');
    expect(status.untracked[0]).to.include({ handle: LOST.handle, diego: 'unknown' });
    expect(status.notes.at(-1)).to.match(/does not answer in time .*: apps are shown by GUID\.$/);
  });
});
