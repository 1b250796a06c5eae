import { expect } from 'chai';
import { appNames, type NamesFound } from '../../src/cf-plugin/capi.ts';
import { closeWeb, openWeb } from '../../src/cf-plugin/http/web.ts';
import { startStandIn, type Fault, type StandIn, type StandInApp } from './standin/foundation.ts';

const guid = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const APPS: readonly StandInApp[] = Array.from({ length: 600 }, (_, index) => ({
  guid: guid(index),
  name: `app-${index}`,
  space: index % 2 === 0 ? 'production' : 'staging',
  organization: `org-${index % 3}`,
}));

async function named(
  ids: readonly string[],
  fault: (url: URL) => Fault = () => null,
): Promise<NamesFound & { readonly standIn: StandIn }> {
  const standIn = await startStandIn({ series: [], apps: APPS, fault });
  const web = openWeb({ skipsVerification: false, authorities: null });
  try {
    const found = await appNames(web, new URL(`${standIn.origin}/v3`), 'bearer t', ids);
    return { ...found, standIn };
  } finally {
    closeWeb(web);
    await standIn.close();
  }
}

describe('the names of apps', () => {
  it('come with space and organization, each app asked for once, 50 at a time', async () => {
    const ids = [...APPS.slice(0, 120), ...APPS.slice(0, 10)].map((app) => app.guid);
    const { names, missing, standIn } = await named(ids);
    expect(names.size).to.equal(120);
    expect(names.get(guid(4))).to.deep.equal({
      name: 'app-4',
      space: 'production',
      organization: 'org-1',
    });
    expect(missing).to.equal(null);
    expect(standIn.requests).to.have.length(3);
    for (const { pathname, search } of standIn.requests) {
      expect(pathname).to.equal('/v3/apps');
      expect(search.length).to.be.lessThan(2100);
    }
  });

  it('are bounded', async () => {
    const { names, missing, standIn } = await named(APPS.map((app) => app.guid));
    expect(names.size).to.equal(500);
    expect(standIn.requests).to.have.length(10);
    expect(missing).to.equal('Only 500 of 600 apps are shown by name.');
  });

  it('are missing for apps that are deleted or not visible, and that is said', async () => {
    const { names, missing } = await named([guid(1), guid(9999)]);
    expect([...names.keys()]).to.deep.equal([guid(1)]);
    expect(missing).to.match(/^The Cloud Controller does not show 1 of 2 apps: they are deleted/);
  });

  const FAULTS: readonly (readonly [Fault, string])[] = [
    [{ kind: 'answer', status: 401, body: '{"errors":[]}' }, 'answers 401: {"errors":[]}'],
    [{ kind: 'answer', status: 200, body: '{"resources":[{}]}' }, 'another form than expected'],
    [{ kind: 'reset' }, 'cannot be reached (ECONNRESET)'],
  ];
  for (const [fault, said] of FAULTS) {
    it(`are missing, and nothing worse, when the Cloud Controller ${said}`, async () => {
      const { names, missing } = await named([guid(1)], () => fault);
      expect(names.size).to.equal(0);
      expect(missing)
        .to.contain(said)
        .and.to.match(/: apps are shown by GUID\.$/);
    });
  }

  it('are there as far as they are known when a part of the requests fails', async () => {
    let asked = 0;
    const { names, missing } = await named(
      APPS.slice(0, 100).map((app) => app.guid),
      () => {
        asked += 1;
        return asked === 1 ? { kind: 'reset' } : null;
      },
    );
    expect(names.size).to.equal(50);
    expect(missing).to.contain('ECONNRESET');
  });
});
