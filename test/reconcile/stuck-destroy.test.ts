import { expect } from 'chai';
import { asProcessFacts, type DestroyEvidence, type HostProcess } from '../../src/model/destroy.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { whatToDo } from '../present/advised.ts';
import { containerJson } from '../../src/present/report-json.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { reread } from '../parse/reread-memory.ts';
import {
  complete,
  bpmRep,
  firstOf,
  passOf,
  passWith,
  hostProcess,
  reportAfter,
  type CellText,
} from './cell-builder.ts';
import { app, cell, GARDEN, loseProperties, withProperties, type Cell } from './cell.ts';
import { check, onlyContainer, questions, saidOf } from './shown.ts';

const billing = app('billing');
const stuck: Cell = cell({ listed: [billing], cgroups: { [GARDEN]: [] } });

const runc = hostProcess({
  pid: 812,
  comm: 'runc',
  name: 'runc delete',
  part: 'names',
  state: 'D',
  startedAt: '2026-01-01T00:00:00.000Z',
  command: `runc delete --force ${billing.handle}`,
});
const evidence: DestroyEvidence = {
  at: '2026-01-01T02:00:00.000Z',
  processes: [runc],
  omitted: 0,
  hasWorked: false,
  isCut: false,
  pipesRead: false,
  mounts: 1,
};

const containerIn = (cells: readonly CellText[], settle = 0): ContainerReport =>
  firstOf(reportAfter(cells, settle).report);

const handlesAsked = (one: CellText, memory: Memory): readonly string[] =>
  questionsOf(passOf(one, memory)).destroys?.handles ?? [];

describe('A container whose destroy does not finish', () => {
  it('names the processes still working on it, with state and age, and what is mounted', () => {
    expect(
      containerSentence(containerIn([{ ...stuck, destroys: { [billing.handle]: evidence } }], 1)),
    ).to.equal(
      'Garden still lists this container, but nothing runs in it. ' +
        'Host processes that name the container: runc delete (process 812, in uninterruptible ' +
        'sleep, started 2 h ago). ' +
        "The container's root filesystem is still mounted: see /proc/$(pidof -s gdn)/mountinfo. " +
        'The destroy fails, and rep retries it. ' +
        'If rep restarts, it exits at each start until this container is destroyed. ' +
        'Only a difference that lasts becomes a finding.',
    );
  });

  it('does not name what looks for it, as rollcall explain HANDLE does: that began just now', () => {
    const explain = hostProcess({
      pid: 813,
      comm: 'node',
      part: 'names',
      startedAt: '2026-01-01T01:59:01.000Z',
    });
    const both = { [billing.handle]: { ...evidence, processes: [runc, explain] } };
    const container = containerIn([{ ...stuck, destroys: both }]);
    expect(containerSentence(container)).to.contain('that name the container: runc delete (');
    expect(containerSentence(container)).not.to.contain('813');
    expect(container.processes.map(({ pid }) => pid)).to.deep.equal([812]);
  });

  it('states the consequence if no process works on it', () => {
    const nothing = { [billing.handle]: { ...evidence, processes: [], mounts: 0 } };
    const sentence = containerSentence(containerIn([{ ...stuck, destroys: nothing }]));
    expect(sentence).not.to.contain('name it');
    expect(sentence).not.to.contain('mounted');
    expect(sentence).to.contain('If rep restarts, it exits at each start');
  });

  describe('says who destroys it, and advises so', () => {
    const rep = (startTicks: number, startedAt?: string) => [bpmRep(startTicks, startedAt)];
    const under = (before: Cell, startTicks: number): Cell => ({
      ...before,
      reps: rep(startTicks),
    });
    const withoutRep: Cell = { ...loseProperties(stuck, billing), reps: [] };
    const lost = loseProperties(stuck, billing);
    const plugin = hostProcess({
      pid: 813,
      parentPid: 100,
      comm: 'network-plugin',
      startedAt: '2026-01-01T01:58:00.000Z',
      command: `network-plugin down --handle ${billing.handle}`,
    });
    const STOPS = 'If rep restarts, it exits at each start';
    const FAILS = `The destroy fails, and rep retries it. ${STOPS}`;
    const said = (one: Cell): string => saidOf(onlyContainer(check(one)));
    const expectNobody = (one: Cell): void => {
      expect(said(one)).to.contain('Nobody tries to destroy it again.').and.contain('-X DELETE');
      expect(said(one)).not.to.contain(STOPS);
    };

    // gdn started at tick 1000.
    it('rep, while it runs and the container has an owner', () => {
      const text = said(under(stuck, 900));
      expect(text).to.contain(FAILS).and.contain('Do not restart rep.');
    });

    it('nobody, where its properties are lost and rep is newer than gdn', () => {
      expectNobody(under(lost, 1001));
    });

    it('nobody, where rep does not run', () => {
      expectNobody(withoutRep);
    });

    it('nobody, where another client made it: rep destroys only containers with its owner', () => {
      expectNobody(under(withProperties(stuck, billing, { 'a:b': 'c' }), 900));
    });

    it('perhaps rep, where gdn died in the middle of it under an older rep', () => {
      const text = said(under(lost, 900));
      expect(text).to.contain(
        'gdn has died since the container was made, perhaps in the middle of the destroy.',
      );
      expect(text).to.contain('Look again a minute later.').and.contain('-X DELETE');
      expect(text).not.to.contain(STOPS);
    });

    it('without a DELETE where a process uses its root filesystem', () => {
      const used = { ...withoutRep, rootMounts: { [billing.handle]: [77] } };
      expect(said(used)).not.to.contain('DELETE');
    });

    it('without a DELETE where no process was searched for that uses it', () => {
      const text = said({ ...withoutRep, unsearched: [billing.handle] });
      expect(text).to.contain(`bin/rollcall explain ${billing.handle}`);
      expect(text).not.to.contain('DELETE');
    });

    it('nobody as long as a plugin hangs, whoever knows it', () => {
      const destroys = { [billing.handle]: { ...evidence, processes: [plugin] } };
      const container = containerIn([{ ...stuck, reps: rep(900), destroys }]);
      expect(containerSentence(container)).to.contain(
        'gdn waits for network-plugin (process 813, started 2 min ago). So the destroy hangs, ' +
          'and no other attempt begins.',
      );
      expect(whatToDo(container)).to.contain('Look at every process that gdn waits for.');
    });

    it('nobody, where the agent knew it before rep started', () => {
      const cells = [
        { ...lost, reps: rep(900) },
        { ...lost, at: 60_000, reps: rep(900, new Date(1.8e12 + 30_000).toISOString()) },
      ];
      expect(containerSentence(containerIn(cells))).to.contain('Nobody tries to destroy it again.');
    });

    it('not as hanging for a plugin that has just started, or a process of another parent', () => {
      const young = { ...plugin, startedAt: '2026-01-01T01:59:50.000Z' };
      const foreign: HostProcess = { ...plugin, parentPid: 1, part: 'names' };
      for (const one of [young, foreign]) {
        const destroys = { [billing.handle]: { ...evidence, processes: [one] } };
        const sentence = containerSentence(containerIn([{ ...stuck, reps: rep(900), destroys }]));
        expect(sentence).to.contain('The destroy fails, and rep retries it.');
      }
    });
  });

  it('is not said to hang in the runc that gdn keeps to watch the container', () => {
    const events = hostProcess({ ...runc, parentPid: 100, name: 'runc events', part: 'stays' });
    const destroys = { [billing.handle]: { ...evidence, processes: [events] } };
    const sentence = containerSentence(containerIn([{ ...stuck, reps: [bpmRep(900)], destroys }]));
    expect(sentence).to.contain('runc events (process 812, ');
    expect(sentence).to.contain('The destroy fails, and rep retries it.');
    expect(sentence).not.to.contain('hangs');
  });

  it('shows those processes as its evidence, and keeps them in memory', () => {
    const cells = [
      { ...stuck, destroys: { [billing.handle]: evidence } },
      { ...stuck, at: 1000 },
    ];
    const { report, memory } = reportAfter(cells, 0);
    expect(report.containers[0]?.processes).to.deep.equal([asProcessFacts(runc)]);
    expect(containerSentence(containerIn(cells))).to.contain('runc delete (process 812, ');
    const [remembered] = reread(memory).containers.values();
    expect(remembered?.destroy).to.deep.equal(evidence);
  });

  for (const [what, now] of [
    ['have ended', null],
    ['have ended and left their pid to another process', { ...runc, startTicks: 5000 }],
  ] as const) {
    it(`no longer names processes that ${what}, and shows them as ended`, () => {
      const { memory } = reportAfter([{ ...stuck, destroys: { [billing.handle]: evidence } }]);
      const later = { ...stuck, at: 1000 };
      expect(questionsOf(passWith(later, memory, { processes: new Map() })).processes).to.include(
        runc.pid,
      );
      const pass = passWith(later, memory, { processes: new Map([[runc.pid, now]]) });
      const container = firstOf(complete(pass, gracePeriodsOfCheck(0)).report);
      expect(containerSentence(container)).not.to.contain('name it');
      const { processes } = containerJson(container, null);
      expect(processes.map(({ pid, ended }) => [pid, ended])).to.deep.equal([[runc.pid, true]]);
    });
  }

  it('forgets them when it is over', () => {
    const over = { ...cell({ containers: [billing] }), at: 1000 };
    const { memory } = reportAfter(
      [{ ...stuck, destroys: { [billing.handle]: evidence } }, over],
      0,
    );
    expect([...memory.containers.values()][0]?.destroy).to.equal(null);
  });

  it('is checked in every pass while pending, and in one of 20 once reported', () => {
    expect(handlesAsked(stuck, EMPTY_MEMORY)).to.deep.equal([billing.handle]);
    const seen = { ...stuck, destroys: { [billing.handle]: evidence } };
    const once = reportAfter([seen], 60_000).memory;
    expect(handlesAsked({ ...stuck, at: 1000 }, once)).to.deep.equal([billing.handle]);
    const passes = Array.from({ length: 41 }, (_, n) => ({ ...seen, at: n * 40_000 }));
    const asked = passes.map((_, n) => {
      const { memory } = reportAfter(passes.slice(0, n + 1), 30_000);
      return handlesAsked({ ...stuck, at: (n + 1) * 40_000 }, memory).length;
    });
    // Reported at the second pass; the passes 21 and 41 look again.
    expect(asked.flatMap((count, n) => (count > 0 ? [n + 1] : []))).to.deep.equal([1, 20, 40]);
  });

  it('is one of at most 16 per pass, unchecked ones first', () => {
    const many = Array.from({ length: 40 }, (_, n) => `handle-${String(n).padStart(2, '0')}`);
    const crowd = { ...stuck, listed: many };
    const first = handlesAsked(crowd, EMPTY_MEMORY);
    expect(first).to.deep.equal(many.slice(0, 16));
    const destroys = Object.fromEntries(first.map((handle) => [handle, evidence]));
    const { memory } = reportAfter([{ ...crowd, destroys }], 60_000);
    expect(handlesAsked({ ...crowd, at: 1000 }, memory)).to.deep.equal(many.slice(16, 32));
    const pass = passOf({ ...crowd, destroys }, EMPTY_MEMORY);
    expect(questionsOf(pass).destroys, 'once a pass').to.equal(null);
  });

  it('is not checked if a process of it runs', () => {
    expect(questions(cell({ containers: [billing] })).destroys?.handles ?? []).to.deep.equal([]);
  });

  it('is not checked before such processes were searched for', () => {
    const unsearched = { ...stuck, unsearched: [billing.handle] };
    expect(questions(unsearched).destroys?.handles ?? []).to.deep.equal([]);
  });
});
