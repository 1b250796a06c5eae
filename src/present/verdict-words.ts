import type { CandidateVerdict } from '../model/hierarchy.ts';

/** What a mount is called that was or was not taken. */
export const VERDICT_WORDS: Readonly<Record<CandidateVerdict, string>> = {
  chosen: 'chosen',
  equivalent: 'equivalent',
  'sub-cgroup': 'sub-cgroup',
  shadowed: 'shadowed',
  deleted: 'deleted',
  'own-namespace': 'own namespace',
  undecided: 'undecided',
  'not-confirmed': 'not confirmed',
  'passed-over': 'passed over',
};
