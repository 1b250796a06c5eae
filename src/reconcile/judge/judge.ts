import type { CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import { type Difference, type Reason, REASONS } from '../../model/finding.ts';
import type { ProcessFacts } from '../../model/process.ts';
import { judgeEscaped } from './escaped.ts';
import { differs, inOrder, undecided, type Judgement } from './judgement.ts';
import { judgeLifeless, NOT_PROVEN } from './lifeless.ts';
import { judgeLimits, limitsToAsk } from './limit-lost.ts';
import { judgeLeft, missingIn, partialIn } from './missing-hierarchies.ts';
import { judgeOwner } from './owner.ts';
import {
  initOf,
  leftOf,
  type JudgedFacts,
  type KnownContainer,
  type Members,
  type PassFacts,
  type ReadPass,
} from './pass-facts.ts';
import { isShownToBe } from './shown-container.ts';
import { frozenToAsk, judgeStuck } from './stuck.ts';

interface Check {
  /** Null: the reason does not hold, or nothing shows that it does. */
  readonly judge: (
    container: KnownContainer,
    cgroup: Members,
    facts: JudgedFacts,
  ) => Judgement | null;
  /** The numbers that it needs and may not have yet. */
  readonly numbers?: (pass: ReadPass) => readonly CgroupNumbersQuestion[];
}

/** For a live container, whether Garden lists it or not; null: Garden's answers decide it. */
const CHECKS: Readonly<Record<Reason, Check | null>> = {
  'unknown-to-garden': null,
  unowned: null,
  'no-cgroup': null,
  stuck: { judge: judgeStuck, numbers: frozenToAsk },
  escaped: { judge: (container, _seen, facts) => judgeEscaped(container, facts) },
  'limit-lost': { judge: judgeLimits, numbers: limitsToAsk },
  partial: {
    judge: (container, cgroup, facts) =>
      partialIn(missingIn(container, cgroup, facts)) ?? judgeLeft(container, facts),
  },
};
const ORDERED = REASONS.flatMap((reason) => CHECKS[reason] ?? []);

const checked = (container: KnownContainer, cgroup: Members, facts: JudgedFacts) =>
  ORDERED.map(({ judge }) => judge(container, cgroup, facts));

/** The numbers of cgroups by which the containers of a pass are judged. */
export const numbersToJudge = (pass: ReadPass): readonly CgroupNumbersQuestion[] =>
  ORDERED.flatMap(({ numbers }) => numbers?.(pass) ?? []);

/** Judges a container that Garden lists. */
export function judgeListed(container: KnownContainer, facts: JudgedFacts): Judgement {
  const cgroup = facts.view.containers.get(container.name);
  if (cgroup?.isClaim === true) return NOT_PROVEN;
  if (cgroup === undefined || cgroup.pids.length === 0)
    return judgeLifeless(container, cgroup, facts);
  return inOrder(judgeOwner(container, cgroup, facts), ...checked(container, cgroup, facts));
}

/** Judges a live cgroup that has no listed handle. */
export function judgeUnlisted(
  container: KnownContainer,
  cgroup: Members,
  basis: Difference<'unknown-to-garden'>['basis'],
  facts: JudgedFacts,
): Judgement {
  const init = initOf(cgroup.pids, facts);
  const left = cgroup.pids.length === 0 ? 'peas' : leftOf(cgroup, facts);
  const runtime = init === null ? null : runtimeOf(init, facts);
  const isNamed =
    basis === 'garden-directory' && left === null && !isShownToBe(container, cgroup, facts);
  return inOrder(
    differs(
      { kind: 'unknown-to-garden', basis: isNamed ? 'name' : basis, left, runtime },
      left === null && !isNamed ? 'critical' : 'warning',
    ),
    ...checked(container, cgroup, facts),
  );
}

/** containerd's shim is the parent of an init; with runc that is the cell's pid 1, or dadoo. */
function runtimeOf(
  init: ProcessFacts,
  { state, answers }: PassFacts,
): 'runc' | 'containerd' | null {
  const parent = answers.ancestors.get(init.pid)?.[0] ?? null;
  if (parent?.launched?.by === 'containerd-shim') return 'containerd';
  const isLeft = init.parentPid <= 1 || parent?.launched?.by === 'dadoo';
  return isLeft && (state.gdn?.containerdSocket ?? null) === null ? 'runc' : null;
}

/** A cgroup without a listed handle that hides its members counts as live. */
export const judgeHidden = (basis: Difference<'unknown-to-garden'>['basis']): Judgement =>
  differs({ kind: 'unknown-to-garden', basis, left: 'hidden', runtime: null });

/** It was reported and still lives, for example when another gdn took over. It is not gone. */
export const judgeNoLongerOurs = (): Judgement =>
  undecided(
    'the processes of the container still run, but nothing shows any longer that they belong to this Garden',
    [],
  );
