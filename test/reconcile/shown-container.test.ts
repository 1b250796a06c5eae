import { expect } from 'chai';
import { containerSentence } from '../../src/present/sentence.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import {
  A,
  B,
  G,
  P,
  firstOf,
  passWith,
  reportAfter,
  snapshotOf,
  type CellText,
} from './cell-builder.ts';

const inAll = (path: string) => ({ memory: path, pids: path, cpu: path });

/** A process of the privileged container P is in a directory that it made in one hierarchy. */
const made: CellText = {
  trees: {
    memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/${P}: 300\n/garden-x/${B}: 301`,
    pids: `${G}: 100\n${G}/garden/${A}: 200\n${G}/${P}: 300 301`,
    cpu: `${G}: 100\n${G}/garden/${A}: 200\n${G}/${P}: 300 301`,
  },
  listed: [A, P],
  memberships: {
    200: inAll(`${G}/garden/${A}`),
    300: inAll(`${G}/${P}`),
    301: { ...inAll(`${G}/${P}`), memory: `/garden-x/${B}` },
  },
  images: { 301: P },
};

const severityOf = (cell: CellText, before: readonly CellText[] = []) =>
  firstOf(reportAfter([...before, cell]).report);

describe('a live directory in a Garden directory that Garden does not list', () => {
  it('is a warning that says so if only its name and its place suggest a container', () => {
    for (const images of [{ 301: P }, { 301: null }]) {
      const found = severityOf({ ...made, images });
      expect(found).to.include({ handle: B, reason: 'unknown-to-garden', severity: 'warning' });
      expect(containerSentence(found)).to.match(
        /^1 process runs in its cgroup, but Garden does not list it: only its name and its place, in one of Garden's cgroup directories, suggest a container\. /,
      );
    }
  });

  const other: CellText = { ...made, images: { 301: null } };
  for (const [what, cell] of Object.entries<CellText>({
    'a process has its root filesystem': { ...made, images: { 301: B } },
    'a process descends from its helper': {
      ...other,
      ancestors: { 301: [{ comm: 'dadoo', launched: { by: 'dadoo', id: B, depot: '/depot' } }] },
    },
    'most of the other hierarchies name it': {
      ...other,
      memberships: { ...made.memberships, 301: { ...inAll(`/x/${B}`), memory: `/garden-x/${B}` } },
    },
    'that could not be read': { ...other, memberships: {} },
  })) {
    it(`is critical if ${what}`, () => {
      expect(severityOf(cell)).to.include({ handle: B, severity: 'critical' });
    });
  }

  it('is critical if Garden listed it before', () => {
    const before = { ...made, listed: [A, B, P], images: { 301: B } };
    expect(severityOf(made, [before])).to.include({ handle: B, severity: 'critical' });
  });

  it('is a warning if another root filesystem speaks against all hierarchies', () => {
    const everywhere = { ...made.memberships, 301: inAll(`/garden-x/${B}`) };
    const found = severityOf({ ...made, memberships: everywhere });
    expect(found).to.include({ handle: B, severity: 'warning' });
  });

  it('is critical if a process of another container joined it', () => {
    const members = { memory: `${made.trees['memory'] ?? ''} 302` };
    const images = { 301: P, 302: B };
    const found = severityOf({ ...made, trees: { ...made.trees, ...members }, images });
    expect(found).to.include({ handle: B, severity: 'critical' });
  });

  it('is asked about only until it is known', () => {
    const open = { rootImages: new Map(), ancestors: new Map(), memberships: new Map() };
    const asked = questionsOf(passWith(made, EMPTY_MEMORY, open));
    expect(asked.rootImages).to.include(301).and.not.include(200);
    expect(asked.ancestors).to.include(301).and.not.include(200);
    expect(asked.memberships).to.include(301);
    const { rootImages, memberships } = snapshotOf(made).answers;
    const ancestors = new Map([[301, []]]);
    const known = questionsOf(passWith(made, EMPTY_MEMORY, { rootImages, memberships, ancestors }));
    expect([...known.rootImages, ...known.ancestors]).not.to.include(301);
  });
});
