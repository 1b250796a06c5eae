import { expect } from 'chai';
import type { ProcessFacts, ProcessStart } from '../../src/model/process.ts';
import { app, cell, dadooOf, gardenInit, privileged, withCgroups, type Cell } from './cell.ts';
import { check, expectShown, questions } from './shown.ts';

/*
 * billing runs, and beside its cgroup there is one that is called like its Envoy. Anybody who
 * creates a container chooses its handle, so that one may be a container that Garden lost.
 */

const billing = app('billing');
const BESIDE = `${billing.cgroup}-envoy`;
const ENVOY = { handle: `${billing.handle}-envoy` };
const beside = cell({ containers: [billing], cgroups: { [BESIDE]: [300, 301] } });

const ofRoot = privileged('billing');
const besidePrivileged = cell({
  containers: [ofRoot],
  cgroups: { [`${ofRoot.cgroup}-envoy`]: [300, 301] },
});

const startedAs = (pid: number, innerPid: number): ProcessStart => ({
  startTicks: 1,
  namespacePids: [pid, innerPid],
});
/** Neither is the init of a pid namespace: Garden started both in the namespace of billing. */
const asPea = { starts: { 300: startedAs(300, 26), 301: startedAs(301, 27) } };
const withOwnInit = { starts: { 300: startedAs(300, 1), 301: startedAs(301, 7) } };
const parentsOf300 = (...parents: readonly Partial<ProcessFacts>[]) => ({
  ancestors: { 300: parents, 301: [] },
});

const AS_PEA = 'billing: tracked, 1 process, with billing-envoy';
const TRACKED = 'billing: tracked, 1 process';
const AS_CONTAINER = 'billing-envoy: untracked critical unknown-to-garden, 2 processes';

describe('A cgroup beside a container that is named like its Envoy', () => {
  it('is its Envoy if none of its processes is the init of a pid namespace', () => {
    expectShown(check({ ...beside, ...asPea }), AS_PEA);
  });

  it('is the Envoy of a privileged container in the same way', () => {
    expectShown(
      check({ ...besidePrivileged, ...asPea }),
      'billing: tracked, 1 process, privileged, in GDN/billing, with billing-envoy',
    );
  });

  it('is a container if it has an init that its own helper started', () => {
    const own = { ...beside, ...withOwnInit, ...parentsOf300(dadooOf(ENVOY, '/depot')) };
    expectShown(check(own), AS_CONTAINER, TRACKED);
  });

  it('is a container if it has an init that nobody started', () => {
    const own = { ...beside, ...withOwnInit, ...parentsOf300() };
    expectShown(check(own), AS_CONTAINER, TRACKED);
  });

  it("is a container outside Garden's directories, too", () => {
    const own = {
      ...besidePrivileged,
      ...withOwnInit,
      ...parentsOf300(dadooOf(ENVOY, '/depot')),
      processes: [gardenInit(300)],
    };
    expectShown(
      check(own),
      `${AS_CONTAINER}, privileged, in GDN/billing-envoy, started by runc`,
      `${TRACKED}, privileged, in GDN/billing`,
    );
  });

  it("is a container outside Garden's directories if Garden listed it before", () => {
    const listed = {
      ...besidePrivileged,
      ...asPea,
      listed: [ofRoot.handle, ENVOY.handle],
    };
    expectShown(
      check(listed, { ...listed, listed: [ofRoot.handle] }),
      `${AS_CONTAINER}, privileged, in GDN/billing-envoy`,
      `${TRACKED}, privileged, in GDN/billing`,
    );
  });

  it('stays an Envoy if a privileged container moved its own init there', () => {
    const moved = {
      ...beside,
      ...withOwnInit,
      ...parentsOf300(dadooOf(billing, '/depot')),
      images: { 300: billing.handle },
    };
    expectShown(check(moved), AS_PEA);
  });

  it('stays an Envoy while its processes end', () => {
    expectShown(check({ ...beside, starts: { 300: null, 301: null } }), AS_PEA);
  });

  describe('with more processes than are read', () => {
    const pids = Array.from({ length: 20 }, (_, n) => 300 + n);
    /** The second one has these parents, and the others have none. */
    const startedBy = (...parents: readonly Partial<ProcessFacts>[]): Cell => ({
      ...withCgroups(beside, { [BESIDE]: pids }),
      starts: Object.fromEntries(pids.map((pid) => [pid, startedAs(pid, 26)])),
      ancestors: Object.fromEntries(pids.map((pid) => [pid, pid === 301 ? parents : []])),
    });

    it('is an Envoy if the helper of one of them says so', () => {
      expectShown(check(startedBy(dadooOf(billing, '/depot'))), AS_PEA);
    });

    it('is a container if the helper of one of them says so', () => {
      expectShown(
        check(startedBy(dadooOf(ENVOY, '/depot'))),
        'billing-envoy: untracked critical unknown-to-garden, 20 processes',
        TRACKED,
      );
    });

    it('is pending without a helper', () => {
      expectShown(
        check(startedBy(), startedBy()),
        'billing-envoy: pending, 20 processes, undecided because nothing shows whether this is ' +
          'a side process of another container',
        TRACKED,
      );
    });
  });

  describe('has the starts of its processes read', () => {
    const unread = { ...beside, open: ['starts'] };
    const known = { ...beside, starts: { 300: startedAs(300, 26), 301: startedAs(301, 26) } };

    it('in the first pass', () => {
      expect(questions(unread).starts).to.deep.equal([300, 301]);
    });

    it('only once', () => {
      expect(questions(known, unread).starts).to.deep.equal([]);
    });

    it('again if another process is its first', () => {
      const other = withCgroups(unread, { [BESIDE]: [299, 300] });
      expect(questions(known, other).starts).to.deep.equal([299, 300]);
    });
  });
});
