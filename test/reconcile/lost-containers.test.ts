import { expect } from 'chai';
import {
  app,
  appProcess,
  cell,
  end,
  envoyOf,
  gardenInit,
  lose,
  shimOf,
  withCgroups,
  withProperties,
  type Cell,
} from './cell.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { check, expectShown, onlyContainer, questions, saidOf } from './shown.ts';

/** Garden lists billing in the first pass: process 200 is its garden-init, and 201 the app. */
const billing = app('billing', { pids: [200, 201] });
const running = cell({ containers: [billing] });

/** Garden has lost billing, and these processes are known. */
const lostWith = (before: Cell, ...processes: readonly Partial<ProcessFacts>[]): Cell => ({
  ...lose(before, billing),
  processes,
});
const lost = lostWith(running, gardenInit(200), appProcess(201));
const inBilling = (...pids: readonly number[]): Cell =>
  withCgroups(running, { [billing.cgroup]: pids });
const onlyInit = lostWith(inBilling(200), gardenInit(200));

describe('A container that Garden lost', () => {
  it('is a warning if its Envoy outlived the app', () => {
    const withEnvoy = withCgroups(inBilling(200), { [envoyOf(billing)]: [300] });
    expectShown(
      check(running, lostWith(withEnvoy, gardenInit(200))),
      'billing: untracked warning unknown-to-garden, 1 process, with billing-envoy, ' +
        'left: garden-init, started by runc',
    );
  });

  it('is critical while another process than garden-init runs in it', () => {
    expectShown(
      check(running, lost),
      'billing: untracked critical unknown-to-garden, 2 processes, started by runc',
    );
  });

  it('is critical without its garden-init', () => {
    expectShown(
      check(running, lostWith(inBilling(201), appProcess(201))),
      'billing: untracked critical unknown-to-garden, 1 process',
    );
  });

  it('is critical while a part of it is hidden, and its Envoy is left', () => {
    const envoyOnly = withCgroups(inBilling(), { [envoyOf(billing)]: [300] });
    expectShown(
      check(running, { ...lostWith(envoyOnly), unreadable: [billing.cgroup] }),
      'billing: untracked critical unknown-to-garden, 0 processes, with billing-envoy, left: ' +
        'hidden',
    );
  });

  it('is critical while a part of it is hidden, and its garden-init is left', () => {
    const hidden = `${billing.cgroup}/x`;
    const withHidden = withCgroups(inBilling(200), { [hidden]: [] });
    expectShown(
      check(running, { ...lostWith(withHidden, gardenInit(200)), unreadable: [hidden] }),
      'billing: untracked critical unknown-to-garden, 1 process, started by runc',
    );
  });

  it('is critical where its only process is one of the host that is called garden-init', () => {
    const ofHost = { pid: 200, comm: 'garden-init' };
    expectShown(
      check(running, lostWith(inBilling(200), ofHost)),
      'billing: untracked critical unknown-to-garden, 1 process',
    );
  });

  it('is critical where its only process is the init of an inner pid namespace', () => {
    const inner = gardenInit(200, { namespacePids: [200, 9, 1] });
    expectShown(
      check(running, lostWith(inBilling(200), inner)),
      'billing: untracked critical unknown-to-garden, 1 process',
    );
  });

  it("is critical where somebody runs it by hand in Garden's directory", () => {
    const byHand = gardenInit(200, { comm: 'sleep' });
    expectShown(
      check(running, lostWith(inBilling(200), byHand)),
      'billing: untracked critical unknown-to-garden, 1 process, started by runc',
    );
  });

  it('is asked for the parent of its init', () => {
    expect(questions(running, lost).ancestors).to.deep.equal([200]);
  });

  it('is not asked for that parent if Garden lists it and lost only its properties', () => {
    const unowned = { ...lost, listed: [billing.handle], properties: { [billing.handle]: null } };
    expect(questions(running, unowned).ancestors).to.deep.equal([]);
  });
});

describe('The sentence and the advice about a container that Garden lost', () => {
  const said = (...cells: readonly Cell[]): string => saidOf(onlyContainer(check(...cells)));
  const afterParents = (parents: readonly Partial<ProcessFacts>[]): Cell => ({
    ...lost,
    ancestors: { 200: parents },
  });
  const ISOLATE = 'Copy the file off the cell, then isolate the cell. Do not recreate the cell.';

  it('say if only garden-init is left, and that this is not urgent', () => {
    const text = said(running, { ...onlyInit, ancestors: { 200: [shimOf(billing)] } });
    expect(text).to.contain(
      'Garden does not list this container, and only its init process (garden-init) still runs. ' +
        "The container's cgroup is in one of Garden's cgroup directories.",
    );
    expect(text).to.contain('when convenient');
  });

  it('say that the app runs twice where runc started it, because Diego could not end it', () => {
    const text = said(running, afterParents([]));
    expect(text).to.contain(
      'Diego considers this container gone and starts a replacement: the app runs twice.',
    );
    expect(text).to.contain(ISOLATE).and.contain('rep first moves its apps');
  });

  it('do not say that a task runs twice', () => {
    const task = withProperties(running, billing, {
      'executor:owner': 'executor',
      'network.container_workload': 'task',
    });
    expect(said(task, afterParents([]))).not.to.contain('runs twice');
  });

  const ONLY_RUNS = '2 processes run in this container';

  it('say only that it runs if containerd started it', () => {
    const text = said(running, afterParents([shimOf(billing)]));
    expect(text).to.contain(ONLY_RUNS).and.not.contain('the app runs twice');
  });

  it('say only that it runs if an unknown runtime started it', () => {
    const text = said(running, lostWith(running, appProcess(201)));
    expect(text).to.contain(ONLY_RUNS).and.not.contain('the app runs twice');
  });

  it('say only that it runs if another process started it', () => {
    const child = gardenInit(200, { parentPid: 77 });
    const text = said(running, { ...lostWith(running, child), ancestors: { 200: [] } });
    expect(text).to.contain(ONLY_RUNS).and.not.contain('the app runs twice');
  });

  it('say of one that hides what runs in it what they say of a running one', () => {
    const hidden = { ...lostWith(end(running, billing)), unreadable: [billing.cgroup] };
    expect(said(running, hidden)).to.contain(ISOLATE).and.contain('rep first moves its apps');
  });
});
