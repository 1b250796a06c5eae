import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { sensedCell } from '../../src/pass/sensed-cell.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { unknownSentence } from '../../src/present/verdict-sentence.ts';
import { A, B, complete, G, passOf, snapshotOf, type CellText } from './cell-builder.ts';

const DIRECTORY = `${G}/garden`;

/**
 * Two apps that run and that Garden lists, with these mounts in the mount of the memory hierarchy.
 */
const cellWith = (...mounts: readonly string[]): CellText => ({
  trees: { memory: `${G}: 100\n${DIRECTORY}: \n${DIRECTORY}/${A}: 200\n${DIRECTORY}/${B}: 300` },
  listed: [A, B],
  mounts,
});

const tmpfsOver = (cgroup: string, hierarchy = 'memory', parent = 30): string =>
  `90 ${parent} 0:90 / /sys/fs/cgroup/${hierarchy}${cgroup} rw - tmpfs t rw`;

/** A mount of the Garden directory on itself, above the mount with this id. */
const itselfOn = (parent: number): string =>
  `91 ${parent} 0:30 ${DIRECTORY} /sys/fs/cgroup/memory${DIRECTORY} rw - cgroup c rw,memory`;

function reportOf(cell: CellText, change: Partial<Snapshot> = {}) {
  const pass = passOf(cell, EMPTY_MEMORY, { ...snapshotOf(cell), ...change });
  const { report } = complete(pass, gracePeriodsOfCheck(0));
  const statuses = report.containers.map(({ handle, status, explanation: { kind } }) => [
    handle,
    `${status} ${kind}`,
  ]);
  return {
    cause: report.unknownCause,
    statuses: Object.fromEntries(statuses) as Record<string, string>,
    sensed: sensedCell(pass),
  };
}

const coveredBy = (path: string, mountPoint = `/sys/fs/cgroup/memory${path}`) => ({
  kind: 'covered',
  path,
  fstype: 'tmpfs',
  mountPoint,
});

const ALL_TRACKED = { [A]: 'tracked tracked', [B]: 'tracked tracked' };

describe('a mount over a part of the cgroups', () => {
  for (const [where, cgroup] of [
    ["over Garden's directory", DIRECTORY],
    ['above it', '/system.slice'],
    ['over the cgroup of one container', `${DIRECTORY}/${A}`],
  ] as const)
    it(`leaves nothing to compare if it is ${where}`, () => {
      const { cause, sensed } = reportOf(cellWith(tmpfsOver(cgroup)));
      expect(cause).to.deep.equal(coveredBy(cgroup));
      expect(sensed, 'nothing is predicted of any sensor').to.equal(null);
    });

  it('leaves nothing to compare if it is over the cgroup of the whole cell', () => {
    const gdn = [{ cgroups: { memory: `/cell${G}` } }];
    const cell = { ...cellWith(tmpfsOver('/cell')), scope: { memory: '/cell' }, gdn };
    const primaryWalk = { kind: 'failed', controller: 'memory', errno: 'ENODEV' } as const;
    expect(reportOf(cell, { primaryWalk }).cause).to.deep.equal(coveredBy('/cell'));
  });

  it('is named alone if other mounts are below it', () => {
    const below = `91 90 0:91 / /sys/fs/cgroup/memory${DIRECTORY}/${A} rw - tmpfs t rw`;
    expect(reportOf(cellWith(tmpfsOver(DIRECTORY), below)).cause).to.deep.equal(
      coveredBy(DIRECTORY),
    );
  });

  it('shows nothing of what is below it, although that looks like cgroups', () => {
    const shown = `91 30 0:30 /other /sys/fs/cgroup/memory${DIRECTORY} rw - cgroup c rw,memory`;
    expect(reportOf(cellWith(shown)).cause).to.deep.equal({
      ...coveredBy(DIRECTORY),
      fstype: 'cgroup',
    });
  });

  it('decides nothing about the one container that has processes below it', () => {
    const leaf = `${DIRECTORY}/${A}/init`;
    const cell = cellWith(tmpfsOver(leaf));
    const memory = `${G}: 100\n${DIRECTORY}/${A}: \n${DIRECTORY}/${B}: 300`;
    const { cause, statuses } = reportOf({ ...cell, trees: { memory } });
    expect(cause).to.equal(null);
    expect(statuses).to.deep.equal({ [A]: 'pending undecided', [B]: 'tracked tracked' });
  });

  it('makes no container partial if it is in another hierarchy', () => {
    const memberships = {
      200: { memory: `${DIRECTORY}/${A}`, pids: '/' },
      300: { memory: `${DIRECTORY}/${B}`, pids: `${DIRECTORY}/${B}` },
    };
    const gdn = [{ cgroups: { memory: G, pids: G } }];
    const cell = { ...cellWith(), memberships, gdn };
    const trees = { ...cell.trees, pids: `${DIRECTORY}: \n${DIRECTORY}/${B}: 300` };
    const uncovered = reportOf({ ...cell, trees });
    expect(uncovered.statuses[A]).to.equal('pending partial');
    const covered = reportOf({ ...cell, trees, mounts: [tmpfsOver(DIRECTORY, 'pids', 31)] });
    expect(covered).to.deep.include({ cause: null, statuses: ALL_TRACKED });
  });

  it('hides nothing if it shows the same cgroups', () => {
    expect(reportOf(cellWith(itselfOn(30)))).to.deep.include({
      cause: null,
      statuses: ALL_TRACKED,
    });
  });

  it('hides nothing if another mount is over it in turn', () => {
    expect(reportOf(cellWith(tmpfsOver(DIRECTORY), itselfOn(90))).cause).to.equal(null);
  });

  it('hides no container of Garden if it is over the session of a user', () => {
    const { cause, statuses } = reportOf(cellWith(tmpfsOver('/user.slice/user-0.slice')));
    expect({ cause, statuses }).to.deep.equal({ cause: null, statuses: ALL_TRACKED });
  });

  it('is said, with what to do', () => {
    const { cause } = reportOf(cellWith(tmpfsOver(DIRECTORY)));
    if (cause === null) throw new Error('it can be compared');
    expect(unknownSentence(cause)).to.equal(
      `Unknown: the tmpfs mount at /sys/fs/cgroup/memory${DIRECTORY} ` +
        `covers the cgroup ${DIRECTORY}, and containers could be in it. ` +
        'Find out who mounted it, then unmount it.',
    );
  });
});
