import { expect } from 'chai';
import { explained } from '../../../src/cf-plugin/cloud-controller/apps.ts';
import type { UntrackedInstance } from '../../../src/cf-plugin/foundation/cell-status.ts';
import { within } from '../../../src/cf-plugin/http/client.ts';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import { clientOf, type Fault, type StandInApp } from '../standin/foundation.ts';
import { withHeldDeadlines } from '../standin/held-deadlines.ts';
import { ranPlugin, statusOf, tokenWith } from '../standin/ran-plugin.ts';

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

const finding = (id: string | null, handle = INSTANCE): UntrackedInstance => ({
  handle,
  reason: 'unowned',
  severity: 'critical',
  since: null,
  drill: false,
  acknowledged: false,
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

const WIDE = tokenWith('openid', 'cloud_controller.global_auditor');

describe('what Diego says of an instance', () => {
  const saysOf = async (
    apps: readonly StandInApp[],
    one: UntrackedInstance,
    token = WIDE,
  ): Promise<string | undefined> => (await reported(apps, [one], { token })).untracked[0]?.diego;

  it('is counted where it is one of the app, also of one that stops just now', async () => {
    expect(await saysOf([app(1, { instances: [OTHER, INSTANCE] })], finding(guid(1)))).to.equal(
      'counted',
    );
    const stopping = app(1, { instances: [INSTANCE], isStopped: true });
    expect(await saysOf([stopping], finding(guid(1)))).to.equal('counted');
  });

  it('is one of any process of the app', async () => {
    expect(await saysOf([app(1, { workers: [INSTANCE] })], finding(guid(1)))).to.equal('counted');
    const web = app(1, { instances: [INSTANCE], workers: null });
    expect(await saysOf([web], finding(guid(1)))).to.equal('counted');
  });

  it('is replaced where the processes of the app have others', async () => {
    expect(await saysOf([app(1)], finding(guid(1)))).to.equal('replaced');
    expect(await saysOf([app(1, { workers: [OTHER] })], finding(guid(1)))).to.equal('replaced');
  });

  it('is of a stopped or a deleted app', async () => {
    const stopped = app(1, { instances: [], isStopped: true });
    expect(await saysOf([stopped], finding(guid(1)))).to.equal('app-stopped');
    expect(await saysOf([], finding(guid(1)))).to.equal('app-deleted');
  });

  it('is not known where it could be otherwise', async () => {
    const at = finding(guid(1));
    // The user may not see the app.
    expect(await saysOf([], at, tokenWith('cloud_controller.read'))).to.equal('unknown');
    expect(await saysOf([], at, 'bearer opaque')).to.equal('unknown');
    // It may be an instance of a process that is not told, or a task.
    expect(await saysOf([app(1, { workers: null })], at)).to.equal('unknown');
    expect(await saysOf([app(1)], finding(guid(1), TASK))).to.equal('unknown');
    // A Cloud Controller that does not name instances yet.
    expect(await saysOf([app(1, { instances: [null] })], at)).to.equal('unknown');
    expect(await saysOf([app(1)], finding(null))).to.equal('unknown');
    expect(await saysOf([app(1)], finding('not a guid'))).to.equal('unknown');
  });

  it('is asked once for each app', async () => {
    const apps = [app(1), app(2)];
    const twice = [finding(guid(1)), finding(guid(1), OTHER), finding(guid(2))];
    const { untracked, requests } = await reported(apps, twice, { token: WIDE });
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
      { cf: { accessToken: () => Promise.resolve(WIDE) } },
    );
    const { untracked } = JSON.parse(stdout) as { untracked: UntrackedInstance[] };
    expect(untracked.map(({ diego }) => diego)).to.deep.equal(['app-deleted', 'replaced']);
  });
});

describe('the names of apps', () => {
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

  it('are bounded', async () => {
    const said = await reported(
      APPS,
      APPS.map((one) => finding(one.guid)),
    );
    expect(named(said)).to.equal(500);
    expect(said.missing).to.equal('Only 500 of 600 apps are shown by name.');
  });

  it('do not make a deleted app of one that was not asked for', async () => {
    const all = APPS.slice(0, 501).map((one) => finding(one.guid));
    const { untracked } = await reported(APPS.slice(1), all, { token: WIDE });
    expect(untracked[0]?.diego).to.equal('app-deleted');
    expect(untracked[500]?.diego).to.equal('unknown');
  });

  it('are missing for apps that the user may not see, and that is said', async () => {
    const said = await reported(APPS, [finding(guid(1)), finding(guid(9999))]);
    expect(said.missing).to.match(/^The Cloud Controller does not show 1 of 2 apps: /);
  });

  const FAULTS: readonly (readonly [Fault, string])[] = [
    [{ kind: 'answer', status: 401, body: '{"errors":[]}' }, 'answers 401: {"errors":[]}'],
    [{ kind: 'answer', status: 200, body: '{"resources":[{}]}' }, 'an unexpected form'],
    [{ kind: 'reset' }, 'cannot be reached (ECONNRESET)'],
  ];
  for (const [fault, said] of FAULTS) {
    it(`are missing, and nothing worse, when the Cloud Controller ${said}`, async () => {
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
    const status = await withHeldDeadlines(async ({ set, pass }) => {
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
