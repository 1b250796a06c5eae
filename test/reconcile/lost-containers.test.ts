import { cellOf, expectAsked, expectRows, expectSaid, expectWords } from './cell-rows.ts';
import { firstOf, reportAfter } from './cell-builder.ts';

describe('a container that Garden lost', () => {
  const before = 'garden/A: 200 201';
  const none = 'lists -; processes 200/1=garden-init 201/7=app';
  const lost = `${before} > ${before}; ${none}`;
  const left = `${before} > garden/A: 200; ${none}; from 200=shim:A`;
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

  const ofTask = 'property A executor:owner=executor network.container_workload=task';
  const inCgroup = '2 processes run in this container & not the app runs twice';
  const advice =
    'Copy the file off the cell, then isolate the cell. Do not recreate the cell. & rep moves its apps first';
  expectSaid(`
is a warning that says so if only garden-init is left | ${left} | Garden does not list this container, and only its init process (garden-init) still runs. The container's cgroup is in one of Garden's cgroup directories. & when convenient
runs twice where runc started it: the signals of Diego had no effect, and 404 is deleted | ${lost}; from 200= | Diego considers this container gone and starts a replacement: the app runs twice. & ${advice}
does not run twice if it is a task | ${before}; ${ofTask} > ${before}; ${none}; from 200= | not the app runs twice
is only said to run if containerd started it | ${lost}; from 200=shim:A | ${inCgroup}
is only said to run if an unknown runtime started it | ${before} > ${before}; lists -; processes 201/7=app | ${inCgroup}
gets the advice of a running one where it hides what runs in it | ${before} > garden/A:; ${none}; unreadable garden/A | ${advice}
`);

  it('is only said to run if another process started it', () => {
    const init = { pid: 200, parentPid: 77, namespacePids: [200, 1], comm: 'garden-init' };
    const cells = [
      cellOf(before),
      { ...cellOf(`${before}; lists -; from 200=`), processes: [init] },
    ];
    expectWords(inCgroup, firstOf(reportAfter(cells).report));
  });

  expectAsked(`
is asked for the parent of its init | ${lost} | ancestors 200
is not if Garden lists it | ${lost}; lists A; unowned A | ancestors -
`);
});
