import { expect } from 'chai';
import { explained } from '../../../src/cf-plugin/cloud-controller/apps.ts';
import type { UntrackedInstance } from '../../../src/cf-plugin/foundation/cell-status.ts';
import { within } from '../../../src/cf-plugin/http/client.ts';
import { asHandle } from '../../../src/model/ids.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { rowsOf } from '../../rows.ts';
import { cell, seriesOf } from '../standin/fleet.ts';
import { clientOf, type Fault, type StandInApp } from '../standin/foundation.ts';
import { withHeldDeadlines } from '../standin/held-deadlines.ts';
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

it('apps are shown by GUID where the API names no Cloud Controller', async () => {
  const { client } = await clientOf({ series: [] });
  const { missing } = await explained(client, null, 'bearer t', [finding(guid(1))]);
  expect(missing).to.contain('names no Cloud Controller');
});

const WIDE = tokenWith('openid', 'cloud_controller.global_auditor');

/** What holds | what Diego says | the app, if the user sees it | what is found of it, and by whom. */
const SAYS = `
is one of the app | counted | {"instances":["${OTHER}","${INSTANCE}"]}
stops just now | counted | {"instances":["${INSTANCE}"],"isStopped":true}
is one of another process | counted | {"workers":["${INSTANCE}"]}
is one of a process beside one that does not answer | counted | {"instances":["${INSTANCE}"],"workers":null}
is none of the app's | replaced | {}
is none of any process | replaced | {"workers":["${OTHER}"]}
is of a stopped app | app-stopped | {"instances":[],"isStopped":true}
is of a deleted app | app-deleted |
is of an app that the user may not see | unknown | | | ${tokenWith('cloud_controller.read')}
is of an app that is not shown, to a token that cannot be read | unknown | | | bearer opaque
may be one of a process that does not answer | unknown | {"workers":null}
may be a task | unknown | {} | ${TASK}
may be one that the Cloud Controller does not name yet | unknown | {"instances":[null]}
`;

describe('what Diego says of an instance', () => {
  for (const [title, says, of = '', handle = '', token = ''] of rowsOf(SAYS))
    it(`is ${says} where it ${title}`, async () => {
      const apps = of === '' ? [] : [app(1, JSON.parse(of) as Partial<StandInApp>)];
      const found = [finding(guid(1), handle === '' ? INSTANCE : handle)];
      const { untracked } = await reported(apps, found, { token: token === '' ? WIDE : token });
      expect(untracked[0]?.diego).to.equal(says);
    });

  it('is unknown of an instance without an app', async () => {
    const none = [finding(null), finding('not a guid')];
    const { untracked } = await reported([app(1)], none, { token: WIDE });
    expect(untracked.map(({ diego }) => diego)).to.deep.equal(['unknown', 'unknown']);
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
