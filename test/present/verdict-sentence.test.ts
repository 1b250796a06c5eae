import { expect } from 'chai';
import type { ContainerReport } from '../../src/model/report.ts';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { container, LOST, PARTIAL, PENDING, report } from './agent-state-builder.ts';

const undecided = (why: string): ContainerReport =>
  container(9, { status: 'pending', explanation: { kind: 'undecided', why } });
const ONE = container(0);
const TWO = container(1);
const WAITS = 'pending (within the grace period)';

const CASES: readonly (readonly [says: string, containers: readonly ContainerReport[]])[] = [
  ['Garden lists no container, and none runs.', []],
  ['The container that Garden lists runs, and no other container runs.', [ONE]],
  ['All 2 containers that Garden lists run, and no other container runs.', [ONE, TWO]],
  [`No container is untracked: 2 are tracked, and 1 is ${WAITS}.`, [ONE, TWO, PENDING]],
  [`No container is untracked: 1 is tracked, and 2 are ${WAITS}.`, [ONE, PENDING, PENDING]],
  [`No container is untracked: 1 is ${WAITS}.`, [PENDING]],
  [
    '1 of 3 containers is tracked. ' +
      `1 more is ${WAITS}. ` +
      '1 could not be decided: Garden gives no properties.',
    [ONE, PENDING, undecided('Garden gives no properties')],
  ],
  [
    '1 of 4 containers is tracked. 3 could not be decided: b (2); a (1).',
    [ONE, undecided('a'), undecided('b'), undecided('b')],
  ],
  [
    '0 of 6 containers are tracked. ' +
      '6 could not be decided: a (2); b (1); c (1); other reasons (2).',
    ['a', 'b', 'a', 'c', 'd', 'e'].map(undecided),
  ],
  [
    `1 of 3 containers is untracked: 1 unknown-to-garden. 1 more is ${WAITS}.`,
    [LOST, ONE, PENDING],
  ],
];

describe('the verdict in one sentence', () => {
  for (const [says, containers] of CASES) {
    it(`is: ${says}`, () => {
      const unaccounted = { memoryBytes: 0, pids: 0 };
      expect(verdictSentence({ ...report(containers), unaccounted })).to.equal(says);
    });
  }

  it('says what is unaccounted after all containers that use it', () => {
    const says = (...containers: readonly ContainerReport[]): string =>
      verdictSentence({ ...report(containers), unaccounted: { memoryBytes: 2048, pids: 9 } });
    const unaccounted = '2.0 KiB of memory and 9 processes (with Envoy and health checks)';
    expect(says(LOST, PENDING)).to.equal(
      '1 of 2 containers is untracked: 1 unknown-to-garden. ' +
        `This container has ${unaccounted} that Diego does not account for. 1 more is ${WAITS}.`,
    );
    expect(says(LOST, PARTIAL)).to.equal(
      '2 of 2 containers are untracked: 1 unknown-to-garden and 1 partial. ' +
        `These containers have ${unaccounted} that Diego does not account for.`,
    );
  });
});
