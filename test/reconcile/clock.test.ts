import { expect } from 'chai';
import { EMPTY_MEMORY, type Clock, type Memory } from '../../src/model/memory.ts';
import type { CompletedPass } from '../../src/pass/complete-pass.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { gapSince, mayBeIntermittent, timeByClock } from '../../src/reconcile/clock.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';
import { reread } from '../parse/reread-memory.ts';
import { complete, passOf } from './cell-builder.ts';
import {
  app,
  cell,
  CRON,
  gardenAway,
  imageOf,
  lose,
  loseProperties,
  outside as outsideOf,
  refuseProperties,
  withCgroups,
  withoutCreatedList,
  type Cell,
} from './cell.ts';
import { inRuns, times } from './shown.ts';

/*
 * An agent makes a pass every 15 seconds, with a grace period of 30. What a pass can see of billing
 * is a function, which gets the number of the pass. shop is always tracked.
 */

const INTERVAL = 15_000;
const periods = gracePeriodsOfAgent(30_000, INTERVAL);
const DADOO = { pid: 150, comm: 'dadoo', parentPid: 100 };

const billing = app('billing');
const shop = app('shop', { pids: [300] });
const healthy = cell({
  containers: [billing, shop],
  hierarchies: { cpu: { [billing.cgroup]: [200], [shop.cgroup]: [300] } },
  roots: { [shop.cgroup]: imageOf(shop) },
});
const withoutCgroup: Cell = cell({
  listed: [billing, shop],
  containers: [shop],
  hierarchies: { cpu: { [shop.cgroup]: [300] } },
  roots: { [shop.cgroup]: imageOf(shop) },
});
/** A process of billing is in the cgroup of cron, in both hierarchies. */
const outside = (pid: number) =>
  outsideOf(pid, billing, CRON, { cgroups: { memory: CRON, cpu: CRON } });
const missingInCpu: Cell = {
  ...cell({
    containers: [billing, shop],
    hierarchies: { cpu: { [shop.cgroup]: [300] } },
    roots: { [shop.cgroup]: imageOf(shop) },
  }),
  memberships: { 200: { memory: billing.cgroup, cpu: '/' } },
};

type Sight = (pass: number) => Cell;
const clean: Sight = () => healthy;
/** A process is outside, another one in each pass. */
const escaped: Sight = (pass) => ({ ...healthy, suspects: [outside(400 + pass)] });
/** Garden has just started it. */
const starting: Sight = (pass) => ({ ...escaped(pass), ancestors: { [400 + pass]: [DADOO] } });
/** It has ended before its parents are read. */
const startingUnread: Sight = (pass) => ({
  ...healthy,
  suspects: [{ ...outside(400 + pass), parentPid: 150 }],
});
/** Garden started it, and it stays. */
const startedToStay: Sight = () => ({
  ...healthy,
  suspects: [outside(399)],
  ancestors: { 399: [DADOO] },
});
const unlisted: Sight = () => lose(healthy, billing);
/** Garden has forgotten billing, and all of it is outside. */
const unlistedOutside: Sight = (pass) => ({
  ...lose(withoutCgroup, billing),
  suspects: [outside(400 + pass)],
});
/** billing is neither listed nor seen. */
const vanished: Sight = () => lose(withoutCgroup, billing);
/** It is missing in the hierarchy cpu. */
const partial: Sight = () => missingInCpu;
const unowned: Sight = () => loseProperties(healthy, billing);
const partialUnowned: Sight = () => loseProperties(missingInCpu, billing);
const unanswered: Sight = () => refuseProperties(healthy, billing);
/** It hides its processes. */
const hidden: Sight = () => withCgroups(healthy, { [billing.cgroup]: 'EACCES' });
const lifeless: Sight = () => withoutCgroup;
/** Nor does Garden say whether it is created. */
const lifelessUncreated: Sight = () => withoutCreatedList(withoutCgroup);
const away: Sight = () => gardenAway(healthy);

/** The same in a pass that a change brought forward. */
const announced =
  (sight: Sight): Sight =>
  (pass) => ({ ...sight(pass), isAnnounced: true });
/** The passes of an agent; a restart takes the time of one. */
function passes(...sights: readonly (Sight | 'restart')[]): readonly CompletedPass[] {
  let memory: Memory = EMPTY_MEMORY;
  return sights.flatMap((sight, n) => {
    if (sight === 'restart') {
      memory = reread(memory);
      return [];
    }
    const completed = complete(passOf({ ...sight(n), at: n * INTERVAL }, memory), periods);
    memory = completed.memory;
    return [completed];
  });
}

const billingIn = ({ report }: CompletedPass) =>
  report.containers.find(({ handle }) => handle === billing.handle);

/** What the passes show of billing. */
function expectAnswers(sights: readonly (Sight | 'restart')[], expected: readonly string[]): void {
  const answers = passes(...sights).map((pass) => {
    const one = billingIn(pass);
    return one === undefined ? 'not shown' : [one.status, one.reason].filter(Boolean).join(' ');
  });
  expect(inRuns(answers)).to.deep.equal(expected);
}

const sentenceAfter = (...sights: readonly Sight[]): string => {
  const last = passes(...sights).at(-1);
  const one = last === undefined ? undefined : billingIn(last);
  return one === undefined ? '' : containerSentence(one);
};

describe('The clock of a container', () => {
  it('makes a difference a finding after the grace period, without a gap', () => {
    expectAnswers(
      [clean, ...times(3, escaped)],
      ['tracked', '2 times pending escaped', 'untracked escaped'],
    );
  });

  it('does not begin anew with another process', () => {
    expectAnswers(
      [clean, ...times(4, escaped), clean],
      ['tracked', '2 times pending escaped', '2 times untracked escaped', 'tracked'],
    );
  });

  it('does not begin anew with another reason', () => {
    expectAnswers(
      [clean, unlisted, partial, unlisted],
      ['tracked', 'pending unknown-to-garden', 'pending partial', 'untracked unknown-to-garden'],
    );
    expectAnswers(
      [clean, unlisted, unlistedOutside, escaped, unlisted, unlistedOutside],
      [
        'tracked',
        'pending unknown-to-garden',
        'pending escaped',
        'untracked escaped',
        '2 times untracked unknown-to-garden',
      ],
    );
    expectAnswers(
      [partial, partial, escaped, escaped],
      ['2 times pending partial', 'pending escaped', 'untracked escaped'],
    );
  });

  it('does not begin anew when every second pass does not show the container', () => {
    expectAnswers(
      [
        clean,
        unlisted,
        vanished,
        unlisted,
        vanished,
        unlisted,
        vanished,
        unlisted,
        vanished,
        unlisted,
      ],
      [
        'tracked',
        'pending unknown-to-garden',
        'not shown',
        'pending unknown-to-garden',
        'not shown',
        'pending unknown-to-garden',
        'not shown',
        '3 times untracked unknown-to-garden',
      ],
    );
    expectAnswers(
      [
        clean,
        unlistedOutside,
        vanished,
        unlistedOutside,
        vanished,
        unlistedOutside,
        vanished,
        unlistedOutside,
        vanished,
        unlistedOutside,
      ],
      [
        'tracked',
        'pending escaped',
        'not shown',
        'pending escaped',
        'not shown',
        'pending escaped',
        'not shown',
        '3 times untracked escaped',
      ],
    );
  });

  it('loses half of the time of each clean pass', () => {
    expectAnswers(
      [clean, escaped, clean, escaped, clean, escaped, clean, escaped],
      [
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'untracked escaped',
      ],
    );
    expectAnswers(
      [clean, escaped, escaped, clean, escaped, escaped],
      ['tracked', '2 times pending escaped', 'tracked', 'pending escaped', 'untracked escaped'],
    );
  });

  it('makes it a finding only if four of eight passes saw it', () => {
    expectAnswers(
      [
        clean,
        escaped,
        clean,
        clean,
        escaped,
        clean,
        clean,
        escaped,
        clean,
        clean,
        escaped,
        clean,
        clean,
        escaped,
        clean,
        clean,
        escaped,
      ],
      [
        'tracked',
        'pending escaped',
        '2 times tracked',
        'pending escaped',
        '2 times tracked',
        'pending escaped',
        '2 times tracked',
        'pending escaped',
        '2 times tracked',
        'pending escaped',
        '2 times tracked',
        'pending escaped',
      ],
    );
    expectAnswers(
      [escaped, escaped, ...times(5, clean), escaped, clean],
      ['2 times pending escaped', '5 times tracked', 'pending escaped', 'tracked'],
    );
  });

  it('begins anew after eight clean passes', () => {
    expectAnswers(
      [clean, escaped, escaped, ...times(8, clean), escaped, escaped],
      ['tracked', '2 times pending escaped', '8 times tracked', '2 times pending escaped'],
    );
  });

  it('keeps an intermittent finding while four of eight passes saw it', () => {
    expectAnswers(
      [clean, escaped, escaped, clean, escaped, escaped, ...times(9, clean)],
      [
        'tracked',
        '2 times pending escaped',
        'tracked',
        'pending escaped',
        '4 times untracked escaped',
        '6 times tracked',
      ],
    );
  });

  it('ends a steady finding with the first clean pass', () => {
    expectAnswers(
      [clean, ...times(3, escaped), clean, escaped],
      ['tracked', '2 times pending escaped', 'untracked escaped', 'tracked', 'untracked escaped'],
    );
  });

  it('needs two passes for a worse reason', () => {
    expectAnswers(
      [...times(3, partial), unlisted, clean],
      ['2 times pending partial', 'untracked partial', 'pending unknown-to-garden', 'tracked'],
    );
    expectAnswers(
      [...times(3, partial), unlisted, unlisted],
      [
        '2 times pending partial',
        'untracked partial',
        'pending unknown-to-garden',
        'untracked unknown-to-garden',
      ],
    );
  });

  it('goes back to the lesser reason when the worse one ends', () => {
    expectAnswers(
      [...times(3, partial), escaped, escaped, partial, partial],
      [
        '2 times pending partial',
        'untracked partial',
        'pending escaped',
        'untracked escaped',
        '2 times untracked partial',
      ],
    );
  });

  it('keeps the worse reason while it returns', () => {
    expectAnswers(
      [clean, unlisted, partial, unlisted, partial, unlisted, partial, partial],
      [
        'tracked',
        'pending unknown-to-garden',
        'pending partial',
        '5 times untracked unknown-to-garden',
      ],
    );
  });

  it('does not count what Garden has just started, until it stays', () => {
    expectAnswers([...times(12, starting)], ['12 times pending escaped']);
    expectAnswers([...times(12, startingUnread)], ['12 times pending escaped']);
    expectAnswers(
      [
        starting,
        clean,
        starting,
        clean,
        starting,
        clean,
        starting,
        clean,
        starting,
        clean,
        starting,
        clean,
      ],
      [
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
        'pending escaped',
        'tracked',
      ],
    );
    expectAnswers(
      [clean, ...times(3, startedToStay)],
      ['tracked', '2 times pending escaped', 'untracked escaped'],
    );
  });

  it('does not count passes that a change announces, but lets one be the first sight', () => {
    expectAnswers([clean, ...times(8, announced(escaped))], ['tracked', '8 times pending escaped']);
    expectAnswers(
      [clean, announced(escaped), escaped, escaped],
      ['tracked', '2 times pending escaped', 'untracked escaped'],
    );
    expectAnswers(
      [clean, escaped, announced(clean), ...times(4, escaped)],
      [
        'tracked',
        'pending escaped',
        'tracked',
        '2 times pending escaped',
        '2 times untracked escaped',
      ],
    );
    expectAnswers(
      [
        clean,
        ...times(3, escaped),
        announced(clean),
        escaped,
        announced(clean),
        announced(clean),
        escaped,
      ],
      [
        'tracked',
        '2 times pending escaped',
        'untracked escaped',
        'tracked',
        'untracked escaped',
        '2 times tracked',
        'untracked escaped',
      ],
    );
  });

  it('neither adds nor takes time while nothing is compared', () => {
    expectAnswers(
      [clean, escaped, away, escaped],
      ['tracked', '2 times pending escaped', 'untracked escaped'],
    );
  });

  it('neither adds nor takes time while the container is undecided or may be entered', () => {
    expectAnswers(
      [clean, escaped, unowned, unanswered, escaped],
      ['tracked', 'pending escaped', '2 times pending unowned', 'untracked escaped'],
    );
    expectAnswers(
      [clean, escaped, unowned, escaped],
      ['tracked', 'pending escaped', 'pending unowned', 'untracked escaped'],
    );
    expectAnswers(
      [clean, escaped, starting, escaped],
      ['tracked', '2 times pending escaped', 'untracked escaped'],
    );
  });

  it('does not begin anew for a worse reason unless something disproves it', () => {
    expectAnswers(
      [...times(3, partial), partialUnowned, unanswered, ...times(7, partialUnowned)],
      ['2 times pending partial', '9 times untracked partial', 'untracked unowned'],
    );
    expectAnswers(
      [...times(3, partial), partialUnowned, hidden, ...times(7, partialUnowned)],
      ['2 times pending partial', '10 times untracked partial'],
    );
    expectAnswers(
      [
        clean,
        partial,
        partial,
        clean,
        partial,
        partial,
        lifeless,
        lifelessUncreated,
        ...times(6, lifeless),
      ],
      [
        'tracked',
        '2 times pending partial',
        'tracked',
        'pending partial',
        '2 times untracked partial',
        '5 times pending no-cgroup',
        '2 times untracked no-cgroup',
      ],
    );
  });

  it('goes on after a restart, without the time in between', () => {
    expectAnswers(
      [clean, escaped, escaped, 'restart', escaped, escaped],
      ['tracked', '3 times pending escaped', 'untracked escaped'],
    );
  });

  it('counts the time without an owner before the list entry is lost', () => {
    expectAnswers(
      [...times(5, unowned), unlisted],
      ['5 times pending unowned', 'untracked unknown-to-garden'],
    );
  });

  it('does not share the time without an owner with other reasons', () => {
    expectAnswers([...times(3, unowned), escaped], ['3 times pending unowned', 'pending escaped']);
  });

  // It counted the time between two sights twice: 60 seconds after 45, and a finding too early.
  describe('counts no time twice', () => {
    /** When it began, its time, and that of the reason without a gap, in seconds. */
    const clockAfter = (...sights: readonly (Sight | 'restart')[]) => {
      const all = passes(...sights);
      const remembered = [...(all.at(-1)?.memory.containers ?? [])];
      const clock = remembered.find(([handle]) => handle === billing.handle)?.[1].clock;
      const [start] = all;
      const began = Date.parse(clock?.since ?? '') - Date.parse(start?.report.takenAt ?? '');
      const streak = clock?.streak?.lasted;
      return {
        began: began / 1000,
        lasted: (clock?.lasted ?? 0) / 1000,
        streak: streak === undefined ? null : streak / 1000,
      };
    };

    it('after a clean pass', () => {
      expect(clockAfter(clean, escaped, escaped, clean)).to.deep.equal({
        began: 15,
        lasted: 7.5,
        streak: null,
      });
    });

    it('after a container lost its owner, and then its place in the list', () => {
      expect(clockAfter(clean, unowned, unowned, unlisted)).to.deep.equal({
        began: 15,
        lasted: 30,
        streak: 30,
      });
    });

    it('after what Garden started stays', () => {
      expect(clockAfter(escaped, ...times(3, startedToStay))).to.deep.equal({
        began: 0,
        lasted: 30,
        streak: 30,
      });
      expect(clockAfter(escaped, ...times(4, startedToStay))).to.deep.equal({
        began: 0,
        lasted: 45,
        streak: 45,
      });
    });

    it('after three reasons in a row', () => {
      expect(clockAfter(escaped, escaped, ...times(3, unowned), unlisted)).to.deep.equal({
        began: 0,
        lasted: 60,
        streak: 60,
      });
      expect(clockAfter(...times(3, escaped), ...times(3, unowned), unlisted)).to.deep.equal({
        began: 0,
        lasted: 75,
        streak: 75,
      });
    });

    it('after a restart', () => {
      expect(clockAfter(escaped, unowned, 'restart', unlisted)).to.deep.equal({
        began: 0,
        lasted: 0,
        streak: 0,
      });
      expect(clockAfter(escaped, escaped, 'restart', ...times(3, unowned), unlisted)).to.deep.equal(
        { began: 0, lasted: 45, streak: 45 },
      );
    });
  });

  it('keeps the beginning of a finding that was intermittent', () => {
    const shown = passes(clean, escaped, escaped, clean, ...times(5, escaped)).map(billingIn);
    const found = shown.filter((one) => one?.status === 'untracked');
    expect(new Set(found.map((one) => one?.since))).to.have.lengthOf(1);
  });

  it('is in the sentence of an intermittent finding, and of no other', () => {
    expect(sentenceAfter(clean, ...times(3, escaped))).not.to.contain('passes');
    const intermittent = [clean, escaped, escaped, clean, escaped, escaped];
    expect(sentenceAfter(...intermittent)).to.match(/ Seen in 4 of the last 5 passes\.$/);
    expect(sentenceAfter(...intermittent, clean)).to.equal(
      'This container was escaped in 4 of the last 6 passes, but not in this one.',
    );
  });

  it('keeps a container that is neither listed nor seen for eight passes, and no longer', () => {
    const rememberedAfter = (count: number) =>
      passes(clean, unlisted, ...times(count, vanished)).at(-1)?.memory.vanished.size;
    expect(rememberedAfter(7)).to.equal(1);
    expect(rememberedAfter(8)).to.equal(0);
  });
});

describe('The time of a reason', () => {
  /** In which of the last passes the reason held. */
  type Seen = readonly boolean[];
  const [held, not] = [true, false];
  const clockOf = (seen: Seen, lasted: number, streak: number | null): Clock => ({
    since: 'first',
    lasted,
    streak: streak === null ? null : { since: 'streak', lasted: streak },
    seenAt: null,
    passes: seen.map((isSeen) => (isSeen ? ['escaped'] : [])),
  });
  /** `streak` is the time since it last began without a gap. */
  const timeOf = (of: {
    lasted: number;
    streak: number | null;
    seen: Seen;
    limit: number | null;
  }) => {
    const { seen, limit } = of;
    const isSeen = seen.at(-1) === true;
    const time = timeByClock(clockOf(seen, of.lasted, of.streak), 'escaped', {
      limit,
      isSeen,
      now: 'now',
    });
    expect(time.passes).to.equal(seen.length);
    const { since, lasted, hasLasted, inPasses } = time;
    return { since, lasted, hasLasted, inPasses };
  };

  it('is enough where it reached its limit without a gap', () => {
    expect(timeOf({ lasted: 30, streak: 30, seen: [held, held], limit: 30 })).to.deep.equal({
      since: 'streak',
      lasted: 30,
      hasLasted: true,
      inPasses: null,
    });
    expect(
      timeOf({ lasted: 40, streak: 40, seen: [held, held, held, held], limit: 30 }),
    ).to.deep.equal({ since: 'streak', lasted: 40, hasLasted: true, inPasses: null });
  });

  it('is not enough below its limit', () => {
    expect(
      timeOf({ lasted: 29, streak: 29, seen: [held, held, held, held], limit: 30 }),
    ).to.deep.equal({
      since: 'streak',
      lasted: 29,
      hasLasted: false,
      inPasses: { seen: 4, of: 4 },
    });
  });

  it('is enough with gaps where it reached its limit, and four passes saw it', () => {
    const seen = [held, held, not, held, not, held];
    expect(timeOf({ lasted: 30, streak: 10, seen, limit: 30 })).to.deep.equal({
      since: 'first',
      lasted: 30,
      hasLasted: true,
      inPasses: { seen: 4, of: 6 },
    });
  });

  it('is that without a gap where it did not reach its limit with gaps', () => {
    const seen = [held, held, not, held, not, held];
    expect(timeOf({ lasted: 29, streak: 10, seen, limit: 30 })).to.deep.equal({
      since: 'streak',
      lasted: 10,
      hasLasted: false,
      inPasses: { seen: 4, of: 6 },
    });
  });

  it('is that without a gap where three passes saw it', () => {
    const seen = [held, held, not, not, held];
    expect(timeOf({ lasted: 40, streak: 10, seen, limit: 30 })).to.deep.equal({
      since: 'streak',
      lasted: 10,
      hasLasted: false,
      inPasses: { seen: 3, of: 5 },
    });
  });

  it('is that with gaps while the last passes did not see it', () => {
    const three = [held, held, not, held, not, not];
    expect(timeOf({ lasted: 40, streak: null, seen: three, limit: 30 })).to.deep.equal({
      since: 'first',
      lasted: 40,
      hasLasted: false,
      inPasses: { seen: 3, of: 6 },
    });
    expect(timeOf({ lasted: 40, streak: null, seen: [held, ...three], limit: 30 })).to.deep.equal({
      since: 'first',
      lasted: 40,
      hasLasted: true,
      inPasses: { seen: 4, of: 7 },
    });
  });

  it('is never enough without a limit', () => {
    const seen = [held, held, held, held, held];
    expect(timeOf({ lasted: 90, streak: 90, seen, limit: null })).to.deep.equal({
      since: 'streak',
      lasted: 90,
      hasLasted: false,
      inPasses: { seen: 5, of: 5 },
    });
  });

  it('is not enough in one pass, even with a limit of zero', () => {
    expect(timeOf({ lasted: 0, streak: 0, seen: [held], limit: 0 })).to.deep.equal({
      since: 'streak',
      lasted: 0,
      hasLasted: false,
      inPasses: null,
    });
  });

  it('begins now without a clock, and can be enough at the first sight of one pass', () => {
    const now = { limit: 0, isSeen: true, now: 'now' };
    expect(timeByClock(null, 'unowned', now)).to.deep.equal({
      since: 'now',
      lasted: 0,
      passes: 1,
      hasLasted: false,
      inPasses: null,
    });
    const sight = { ...clockOf([], 0, 0), passes: [['unowned' as const]] };
    expect(timeByClock(sight, 'unowned', now).hasLasted).to.equal(true);
    expect(timeByClock(clockOf([held], 0, 0), 'escaped', now).hasLasted).to.equal(false);
  });

  it('may be intermittent if at least half of the passes saw it, and one did not', () => {
    const mayBe = (...seen: Seen) => mayBeIntermittent(clockOf(seen, 0, null));
    expect([mayBe(held, not), mayBe(held, not, held)]).to.deep.equal([true, true]);
    expect(mayBe(held, held, not, not)).to.equal(true);
    expect([mayBe(held), mayBe(held, held)]).to.deep.equal([false, false]);
    expect(mayBe(held, held, not, not, not)).to.equal(false);
  });

  it('adds at most the longest gap between two passes, and never takes time', () => {
    const gaps = [
      gapSince(null, 5, 10),
      gapSince(2, 5, null),
      gapSince(2, 50, 10),
      gapSince(5, 2, 10),
    ];
    expect(gaps).to.deep.equal([0, 3, 10, 0]);
  });
});
