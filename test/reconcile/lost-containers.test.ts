import { expect } from 'chai';
import type { ContainerReport } from '../../src/model/report.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { whatToDo } from '../../src/present/reason-texts.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, G, firstOf, passOf, reportAfter, type CellText } from './cell-builder.ts';

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

  it('is also a warning if its Envoy outlived the app', () => {
    const cell = withPids(byContainerd, `: 200\n${G}/garden/${A}/${A}-envoy: 300`);
    expect(lostContainer(cell)).to.deep.include({ severity: 'warning', pids: 1 });
  });

  it('is critical while anything else runs in it', () => {
    expect(lostContainer(byContainerd).severity).to.equal('critical');
    const child = withPids({ ...lost, processes: [app] }, ': 201');
    expect(lostContainer(child), 'without its init').to.include({ severity: 'critical', pids: 1 });
  });

  it('is critical while a part of it is hidden, whatever else is left', () => {
    const own = `${G}/garden/${A}`;
    const withPea = withPids({ ...byContainerd, unreadable: [own] }, `:\n${own}/${A}-envoy: 300`);
    const withInit = withPids({ ...byContainerd, unreadable: [`${own}/x`] }, `: 200\n${own}/x:`);
    expect(lostContainer(withPea)).to.deep.include({ severity: 'critical', pids: 0 });
    expect(lostContainer(withPea).explanation).to.include({ left: 'hidden' });
    expect(lostContainer(withInit)).to.deep.include({ severity: 'critical', pids: 1 });
  });

  it('is critical where the only process is not the init that Garden starts', () => {
    const host = { ...init, namespacePids: [200] };
    const inner = { ...init, namespacePids: [200, 9, 1] };
    // A container that somebody runs by hand in Garden's directory.
    const another = { ...init, comm: 'sleep' };
    for (const process of [host, inner, another]) {
      const cell = withPids({ ...lost, processes: [process] }, ': 200');
      expect(lostContainer(cell).severity).to.equal('critical');
    }
  });

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

  it('is asked for the parent of its init, and a listed one is not', () => {
    const { memory } = reportAfter([listed]);
    const asked = (cell: CellText): readonly number[] =>
      questionsOf(passOf({ ...cell, ancestors: {} }, memory)).ancestors;
    expect(asked(lost)).to.deep.equal([200]);
    expect(asked({ ...lost, listed: [A], properties: { [A]: null } })).to.deep.equal([]);
  });
});
