import { expect } from 'chai';
import type { Unaccounted } from '../../src/model/report.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { unaccountedRemembered } from '../../src/reconcile/unaccounted.ts';
import { bpmRep, outcome, type CellText } from './cell-builder.ts';
import {
  app,
  cell,
  envoyOf,
  GARDEN,
  gardenInit,
  healthCheckOf,
  list,
  loseProperties,
  withFiles,
  type Cell,
} from './cell.ts';
import { checkFor, filesAsked, questions, warned } from './shown.ts';

/*
 * Garden has lost billing, which has an Envoy below and a health check beside it, and the
 * properties of shop; catalog is in order.
 */

const CHARGE = 'memory.usage_in_bytes';
const billing = app('billing', { pids: [200, 201] });
const shop = app('shop', { pids: [300] });
const catalog = app('catalog', { pids: [400] });
const running = cell({
  containers: [shop, catalog],
  lost: [billing],
  cgroups: { [envoyOf(billing)]: [202], [healthCheckOf(billing)]: [203] },
});
const lost = loseProperties(running, shop);

/** What the kernel charges these cgroups, in bytes; null: it has no value. */
const charged = (charges: Readonly<Record<string, number | null>>): Cell =>
  Object.entries(charges).reduce(
    (before, [path, bytes]) => withFiles(before, path, { [CHARGE]: bytes }),
    lost,
  );
const all = charged({
  [billing.cgroup]: 1000,
  [healthCheckOf(billing)]: 200,
  [shop.cgroup]: 30,
  [catalog.cgroup]: 4,
});

const unaccountedAfter = (...cells: readonly Cell[]): Unaccounted =>
  checkFor(1, ...cells).unaccounted;

describe('What lost containers use and Diego does not account for', () => {
  it('is read for what Garden or Diego lost, in its directories and those of its peas', () => {
    expect(filesAsked(questions(lost))).to.deep.equal([
      `GDN/garden/shop of memory: ${CHARGE}`,
      `GDN/garden/billing of memory: ${CHARGE}`,
      `GDN/garden/billing-liveness-healthcheck-0 of memory: ${CHARGE}`,
    ]);
  });

  it('is read once', () => {
    expect(filesAsked(questions(all))).to.deep.equal([]);
  });

  it('is not read where nothing is lost', () => {
    expect(filesAsked(questions(list(running, billing, shop, catalog)))).to.deep.equal([]);
  });

  it('is read from v2, where the file has another name', () => {
    const onV2 = cell({ primary: 'v2', lost: [shop] });
    expect(filesAsked(questions(onV2))).to.deep.equal(['GDN/garden/shop of v2: memory.current']);
  });

  it('is not read from a hierarchy without the controller memory', () => {
    expect(filesAsked(questions(cell({ primary: 'pids', lost: [shop] })))).to.deep.equal([]);
  });

  it('counts for findings only, peas included', () => {
    expect(unaccountedAfter(all)).to.deep.equal({ memoryBytes: 0, pids: 0 });
    expect(unaccountedAfter(all, all)).to.deep.equal({ memoryBytes: 1230, pids: 5 });
  });

  it('is the part that could be read, or null', () => {
    const nothing = charged({ [billing.cgroup]: null });
    expect(unaccountedAfter(nothing, nothing)).to.deep.equal({ memoryBytes: null, pids: 5 });
    const part = charged({ [billing.cgroup]: null, [shop.cgroup]: 30 });
    expect(unaccountedAfter(part, part).memoryBytes).to.equal(30);
  });

  it('is in the sentence of the verdict', () => {
    expect(warned(checkFor(1, all, all))).to.contain(
      '2 of 3 containers are untracked: 1 unknown-to-garden and 1 unowned. These containers ' +
        'have 1.2 KiB of memory and 5 processes (with Envoy and health checks) that Diego does ' +
        'not account for.',
    );
  });

  it('is in the sentence of the verdict as far as it could be read', () => {
    expect(warned(checkFor(1, lost, lost))).to.contain(
      'These containers have 5 processes (with Envoy and health checks) that Diego',
    );
  });

  describe('by an app whose properties Garden lost', () => {
    const unowned: Cell = {
      ...loseProperties(cell({ containers: [app('billing')] }), billing),
      processes: [gardenInit(200, { startTicks: 1000 })],
      numbers: { [`${GARDEN}/${billing.handle}`]: { [CHARGE]: 4096 } },
    };
    const OLDER = [bpmRep(900)];
    const NEWER = [bpmRep(1100)];
    /** After the two minutes that an older rep has to remove it. */
    const reportedUnder = (reps: NonNullable<CellText['reps']>) => {
      const one = { ...unowned, reps };
      return checkFor(120, one, one);
    };

    it('is not counted under an older rep, which still counts it until it is destroyed', () => {
      const report = reportedUnder(OLDER);
      expect(outcome(report)).to.deep.equal([`${billing.handle} untracked unowned`]);
      expect(report.unaccounted).to.deep.equal({ memoryBytes: 0, pids: 0 });
      expect(verdictSentence(report)).not.to.contain('Diego does not account for');
    });

    it('is counted under a newer rep, and without one: Diego takes it for free', () => {
      for (const reps of [NEWER, []]) {
        const report = reportedUnder(reps);
        expect(report.unaccounted).to.deep.equal({ memoryBytes: 4096, pids: 1 });
        expect(verdictSentence(report)).to.contain(
          'This container has 4.0 KiB of memory and 1 process that Diego does not account for.',
        );
      }
    });
  });

  it('is known in part of what an agent remembers from before it started', () => {
    const { containers } = checkFor(1, all, all);
    expect(unaccountedRemembered(containers)).to.deep.equal({ memoryBytes: null, pids: 3 });
    expect(unaccountedRemembered([])).to.deep.equal({ memoryBytes: 0, pids: 0 });
  });
});
