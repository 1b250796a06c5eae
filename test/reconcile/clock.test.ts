import { expect } from 'chai';
import { gapSince, mayBeIntermittent, timeByClock } from '../../src/reconcile/clock.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/lasting.ts';
import { EMPTY_MEMORY, type Clock, type Memory } from '../../src/model/memory.ts';
import type { CompletedPass } from '../../src/pass/complete-pass.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { A, B, G, complete, passOf, type CellText } from './cell-builder.ts';
import { readAgain } from '../parse/memory-again.ts';
import { rowsOf } from '../rows.ts';

const INTERVAL = 15_000;
const STORE = '/var/vcap/data/grootfs/store/unprivileged';
const CRON = '/system.slice/cron.service';
const DADOO = { pid: 150, comm: 'dadoo', namespacePids: [150], parentPid: 100 };

/** What a pass can see of A; B is always tracked. */
const SIGHTS: Readonly<Record<string, (n: number) => Partial<CellText>>> = {
  '.': () => ({}),
  /** A process of A is outside, another one in each pass. */
  e: (n) => ({ suspects: [outside(400 + n)] }),
  /** Garden has just started it. */
  t: (n) => ({ suspects: [outside(400 + n)], ancestors: { [400 + n]: [DADOO] } }),
  /** It has ended before its parents are read. */
  d: (n) => ({ suspects: [{ ...outside(400 + n), parentPid: 150 }] }),
  /** Garden started it, and it stays. */
  s: () => ({ suspects: [outside(399)], ancestors: { 399: [DADOO] } }),
  u: () => ({ listed: [B] }),
  /** Garden has forgotten it, and all of it is outside. */
  l: (n) => ({ listed: [B], trees: WITHOUT, suspects: [outside(400 + n)] }),
  /** It is neither listed nor seen. */
  '0': () => ({ listed: [B], trees: WITHOUT }),
  p: () => ({ trees: { ...TREES, cpu: `${G}/garden/${B}: 300` }, ...HALF }),
  o: () => ({ properties: { [A]: null } }),
  /** Half of it is outside, and it has no owner. */
  q: () => ({ ...SIGHTS['p']?.(0), ...SIGHTS['o']?.(0) }),
  '?': () => ({ unanswered: [A] }),
  /** It hides its processes. */
  h: () => ({ trees: { ...TREES, memory: TREES.memory.replace('200', 'EACCES') } }),
  /** It has no cgroup. */
  n: () => ({ trees: WITHOUT }),
  /** Nor does Garden say whether it is created. */
  m: () => ({ trees: WITHOUT, created: null }),
  '!': () => ({ listed: null }),
};
const outside = (pid: number) => ({
  pid,
  cgroups: { memory: CRON, cpu: CRON },
  image: `${STORE}/images/${A}`,
});
const WITHOUT = { memory: `${G}: 100\n${G}/garden/${B}: 300`, cpu: `${G}/garden/${B}: 300` };
const TREES = {
  memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${B}: 300`,
  cpu: `${G}/garden/${A}: 200\n${G}/garden/${B}: 300`,
};
const HALF = { memberships: { 200: { memory: `${G}/garden/${A}`, cpu: '/' } } };

const cell = (sight: string, n: number, more: Partial<CellText> = {}): CellText => ({
  trees: TREES,
  listed: [A, B],
  gdn: [{ cgroups: { memory: G, cpu: G } }],
  roots: { [`${G}/garden/${B}`]: `${STORE}/images/${B}` },
  at: n * INTERVAL,
  ...SIGHTS[sight]?.(n),
  ...more,
});

const periods = gracePeriodsOfAgent(30_000, INTERVAL);

/**
 * One pass an interval, a letter each. In capitals, or `,` for a clean one, it is a pass that a change
 * brought forward; `|` restarts the agent.
 */
function passes(sights: string): readonly CompletedPass[] {
  let memory: Memory = EMPTY_MEMORY;
  return Array.from(sights).flatMap((sight, n) => {
    if (sight === '|') {
      memory = readAgain(memory);
      return [];
    }
    const isAnnounced = sight !== sight.toLowerCase() || sight === ',';
    const seen = sight === ',' ? '.' : sight.toLowerCase();
    const completed = complete(passOf(cell(seen, n, { isAnnounced }), memory), periods);
    memory = completed.memory;
    return [completed];
  });
}

const first = ({ report }: CompletedPass) => report.containers.find(({ handle }) => handle === A);

/** The first letter of the reason after each pass, in capitals if it is a finding; `.` is tracked. */
const answers = (sights: string): string =>
  passes(sights)
    .map((pass) => {
      const one = first(pass);
      if (one === undefined) return '0';
      if (one.status === 'untracked') return one.reason?.[0]?.toUpperCase() ?? '';
      return one.status === 'tracked' ? '.' : (one.reason?.[0] ?? '-');
    })
    .join('');

const sentenceAfter = (sights: string): string => {
  const one = passes(sights).at(-1);
  const container = one === undefined ? undefined : first(one);
  return container === undefined ? '' : containerSentence(container);
};

/** Pairs of sights and answers. */
const CASES = `
is over after the grace period, without a gap : .eee .eeE
does not begin anew with another process : .eeee. .eeEE.
does not begin anew with another reason : .upu .upU, .uleul .ueEUU, ppee ppeE
does not begin anew when nothing shows the container in turns : .u0u0u0u0u .u0u0u0UUU, .l0l0l0l0l .e0e0e0EEE
loses half of the time of each clean pass : .e.e.e.e .e.e.e.E, .ee.ee .ee.eE
is a finding only if four of eight passes saw it : .e..e..e..e..e..e .e..e..e..e..e..e, ee.....e. ee.....e.
begins anew after eight clean passes : .ee........ee .ee........ee
of an intermittent finding lasts while four of eight passes saw it : .ee.ee......... .ee.eEEEE......
of a steady finding ends with the first clean pass : .eee.e .eeE.E
needs two passes for a worse reason : pppu. ppPu., pppuu ppPuU
goes back to the lesser reason when the worse one ends : pppeepp ppPeEPP
keeps the worse reason while it returns : .upupupp .upUUUUU
does not count what Garden has just started, until it stays : tttttttttttt eeeeeeeeeeee, dddddddddddd eeeeeeeeeeee, t.t.t.t.t.t. e.e.e.e.e.e., .sss .eeE
does not count passes that a change announces, but lets one be the first sight : .EEEEEEEE .eeeeeeee, .Eee .eeE, .e,eeee .e.eeEE, .eee,e,,e .eeE.E..E
neither adds nor takes time while nothing is compared : .e!e .eeE
neither adds nor takes time while the container is undecided or may be entered : .eo?e .euuE, .eoe .euE, .ete .eeE
of a worse reason goes on where nothing disproves it, and begins anew where something does : pppq?qqqqqqq ppPPPPPPPPPU, pppqhqqqqqqq ppPPPPPPPPPP, .pp.ppnmnnnnnn .pp.pPPnnnnnNN
goes on after a restart, without the time in between : .ee|ee .eeeE
counts the time without an owner before the list entry is lost : ooooou uuuuuU
does not share the time without an owner with other reasons : oooe uuue
`;

/** When the clock of A began, its seconds after these sights, and those of its streak (-: it has none). */
const JOINED = `
.ee. : 15 7.5 -
.oou : 15 30 30
esss : 0 30 30
essss : 0 45 45
eeooou : 0 60 60
eeeooou : 0 75 75
eo|u : 0 0 0
ee|ooou : 0 45 45
`;

describe('the clock of a container', () => {
  // It counted the time between two sights twice: 60 seconds after 45, and a finding too early.
  for (const [sights = '', expected] of rowsOf(JOINED, ' : ')) {
    it(`counts no time twice after ${sights}`, () => {
      const all = passes(sights);
      const { containers } = all.at(-1)?.memory ?? EMPTY_MEMORY;
      const clock = [...containers].find(([handle]) => handle === A)?.[1].clock;
      const began = Date.parse(clock?.since ?? '') - Date.parse(all[0]?.report.takenAt ?? '');
      const seconds = [began, clock?.lasted, clock?.streak?.lasted].map((one) =>
        one === undefined ? '-' : one / 1000,
      );
      expect(seconds.join(' ')).to.equal(expected);
    });
  }

  for (const [what = '', cases = ''] of rowsOf(CASES, ' : ')) {
    it(what, () => {
      for (const one of cases.split(', ')) {
        const [sights = '', expected] = one.split(' ');
        expect(answers(sights), sights).to.equal(expected);
      }
    });
  }

  it('keeps the beginning of a finding that was intermittent', () => {
    const shown = passes('.ee.eeeee').map((pass) => first(pass));
    const found = shown.filter((one) => one?.status === 'untracked');
    expect(new Set(found.map((one) => one?.since))).to.have.lengthOf(1);
  });

  it('is in the sentence of an intermittent finding, and of no other', () => {
    expect(sentenceAfter('.eee')).not.to.contain('passes');
    expect(sentenceAfter('.ee.ee')).to.match(/ Seen in 4 of the last 5 passes\.$/);
    expect(sentenceAfter('.ee.ee.')).to.equal(
      'This container was escaped in 4 of the last 6 passes, but not in this one.',
    );
  });

  it('keeps a container that is neither listed nor seen for eight passes, and no longer', () => {
    const remembered = (sights: string) => passes(sights).at(-1)?.memory.vanished.size;
    expect(remembered('.u0000000')).to.equal(1);
    expect(remembered('.u00000000')).to.equal(0);
  });
});

/**
 * Milliseconds of a clock, and of its streak (-: none); the passes in which the reason held; its limit :
 * since when it lasts and how long, whether that is enough, and in how many passes (all: in each).
 */
const TIMES = `
30 30 11 30 : streak 30 enough all
29 29 1111 30 : streak 29 pending 4/4
40 40 1111 30 : streak 40 enough all
30 10 110101 30 : first 30 enough 4/6
29 10 110101 30 : streak 10 pending 4/6
40 10 11001 30 : streak 10 pending 3/5
40 - 110100 30 : first 40 pending 3/6
40 - 1110100 30 : first 40 enough 4/7
90 90 11111 - : streak 90 pending 5/5
0 0 1 0 : streak 0 pending all
`;

describe('the time of a reason', () => {
  const clockOf = (sights: string, lasted: number, streak: number | null): Clock => ({
    since: 'first',
    lasted,
    streak: streak === null ? null : { since: 'streak', lasted: streak },
    seenAt: null,
    passes: Array.from(sights, (sight) => (sight === '1' ? ['escaped'] : [])),
  });
  const numberOf = (text: string): number | null => (text === '-' ? null : Number(text));

  for (const [clock = '', expected] of rowsOf(TIMES, ' : ')) {
    it(`by ${clock} is ${expected}`, () => {
      const [lasted = '', streak = '', sights = '', limit = ''] = clock.split(' ');
      const time = timeByClock(clockOf(sights, Number(lasted), numberOf(streak)), 'escaped', {
        limit: numberOf(limit),
        isHeld: sights.endsWith('1'),
        now: 'now',
      });
      const seen = time.inPasses === null ? 'all' : `${time.inPasses.seen}/${time.inPasses.of}`;
      expect(
        [time.since, time.lasted, time.isLasting ? 'enough' : 'pending', seen].join(' '),
      ).to.equal(expected);
      expect(time.passes).to.equal(sights.length);
    });
  }

  it('begins now without a clock, and can be enough at the first sight of one pass', () => {
    const now = { limit: 0, isHeld: true, now: 'now' };
    expect(timeByClock(null, 'unowned', now)).to.deep.equal({
      since: 'now',
      lasted: 0,
      passes: 1,
      isLasting: false,
      inPasses: null,
    });
    const sight = { ...clockOf('', 0, 0), passes: [['unowned' as const]] };
    expect(timeByClock(sight, 'unowned', now).isLasting).to.equal(true);
    expect(timeByClock(clockOf('1', 0, 0), 'escaped', now).isLasting).to.equal(false);
  });

  it('may be intermittent if at least half of the passes saw it, and one did not', () => {
    const clocks = ['1', '11', '10', '101', '1100', '11000'];
    expect(clocks.filter((sights) => mayBeIntermittent(clockOf(sights, 0, null)))).to.deep.equal([
      '10',
      '101',
      '1100',
    ]);
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
