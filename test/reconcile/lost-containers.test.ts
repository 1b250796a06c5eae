import { expect } from 'chai';
import type { ContainerReport } from '../../src/model/report.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { A, G, firstOf, reportAfter, type CellText } from './cell-builder.ts';
import { expectAsked, expectRows } from './cell-rows.ts';

const SHIM = {
  pid: 150,
  comm: 'containerd-shim',
  launched: { by: 'containerd-shim', namespace: 'garden', id: A, address: null },
} as const;

const init = { pid: 200, parentPid: 1, namespacePids: [200, 1], comm: 'garden-init' };
const app = { pid: 201, parentPid: 150, namespacePids: [201, 7], comm: 'app' };

const listed: CellText = { trees: { memory: `${G}: 100\n${G}/garden/${A}: 200 201` }, listed: [A] };
const lost: CellText = { ...listed, listed: [], processes: [init, app], ancestors: { 200: [] } };
const byContainerd: CellText = {
  ...lost,
  processes: [{ ...init, parentPid: 150 }, app],
  ancestors: { 200: [SHIM] },
};
const withPids = (cell: CellText, members: string): CellText => ({
  ...cell,
  trees: { memory: `${G}: 100\n${G}/garden/${A}${members}` },
});

/** After Garden listed it, so that it is known to be an app instance. */
const lostContainer = (cell: CellText): ContainerReport =>
  firstOf(reportAfter([listed, cell]).report);

describe('a container that Garden lost', () => {
  it('is a warning that says so if only garden-init is left', () => {
    const container = lostContainer(withPids(byContainerd, ': 200'));
    expect(container).to.deep.include({ status: 'untracked', severity: 'warning', pids: 1 });
    expect(containerSentence(container)).to.equal(
      'Garden does not list it, and of the container itself only its init process (garden-init) ' +
        "still runs: it is in one of Garden's cgroup directories.",
    );
  });

  const before = 'garden/A: 200 201';
  const none = 'lists -; processes 200/1=garden-init 201/7=app';
  expectRows(`
is a warning if its Envoy outlived the app | ${before} > garden/A: 200, garden/A/A-envoy: 300; ${none} | A untracked unknown-to-garden warning (1) with A-envoy (garden-init) (runc)
is critical while anything else runs in it | ${before} > garden/A: 200 201; ${none} | A untracked unknown-to-garden critical (2) (runc)
is critical without its init | ${before} > garden/A: 201; ${none} | A untracked unknown-to-garden critical (1)
is critical while a part of it is hidden, and its Envoy is left | ${before} > garden/A:, garden/A/A-envoy: 300; ${none}; unreadable garden/A | A untracked unknown-to-garden critical (0) with A-envoy (hidden)
is critical while a part of it is hidden, and its init is left | ${before} > garden/A: 200, garden/A/x:; ${none}; unreadable garden/A/x | A untracked unknown-to-garden critical (1) (runc)
is critical where its only process is one of the host | ${before} > garden/A: 200; lists -; processes 200=garden-init | A untracked unknown-to-garden critical (1)
is critical where its only process is the init of an inner namespace | ${before} > garden/A: 200; lists -; processes 200/9/1=garden-init | A untracked unknown-to-garden critical (1)
is critical where somebody runs it by hand in Garden's directory | ${before} > garden/A: 200; lists -; processes 200/1=sleep | A untracked unknown-to-garden critical (1) (runc)
`);

  it('runs twice where runc started it: the signals of Diego had no effect, and 404 is deleted', () => {
    expect(containerSentence(lostContainer(lost))).to.contain(
      'Diego considers it gone and starts a replacement: the app runs twice.',
    );
    const task = { [A]: { kind: 'task' as const, app: null } };
    const reported = lostContainer(lost);
    expect(containerSentence({ ...reported, ...task[A] }), 'a task').not.to.contain('twice');
  });

  it('is only said to run if containerd, or an unknown runtime, started it', () => {
    for (const cell of [byContainerd, { ...lost, processes: [app] }]) {
      const sentence = containerSentence(lostContainer(cell));
      expect(sentence).to.contain('2 processes run in its cgroup');
      expect(sentence).not.to.contain('twice');
    }
    const reparented = { ...lost, processes: [{ ...init, parentPid: 77 }, app] };
    expect(containerSentence(lostContainer(reparented))).not.to.contain('twice');
  });

  it('gets the advice of a running one where it hides what runs in it', () => {
    const hiding = withPids({ ...lost, unreadable: [`${G}/garden/${A}`] }, ':');
    const container = lostContainer(hiding);
    expect(container.explanation).to.include({ left: 'hidden' });
    expect(whatToDo(container)).to.equal(whatToDo(lostContainer(lost)));
    const left = lostContainer(withPids(byContainerd, ': 200'));
    expect(whatToDo(left)).to.contain('when convenient');
  });

  const lostNow = `${before} > garden/A: 200 201; ${none}`;
  expectAsked(`
is asked for the parent of its init | ${lostNow} | ancestors 200
is not if Garden lists it | ${lostNow}; lists A; unowned A | ancestors -
`);
});
