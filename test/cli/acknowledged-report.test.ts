import { expect } from 'chai';
import type { CellSource } from '../../src/cli/cell-source.ts';
import { withSeenByAgent } from '../../src/cli/seen-by-agent.ts';
import { withAcknowledgedByAgent } from '../../src/cli/acknowledged-report.ts';
import { asHandle } from '../../src/model/ids.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { ACKNOWLEDGED, LOST, report, state, STATES } from '../present/agent-state-builder.ts';
import { agentShowing } from './running-agent.ts';

const HERE: CellSource = {
  kind: 'live',
  root: '/',
  gardenSocket: '/none',
  gardenTimeoutMilliseconds: 1,
  settleMilliseconds: 0,
  showsCommand: shownCommand,
};
const FOUND = report([{ ...ACKNOWLEDGED, acknowledged: null }]);
const KNOWN = STATES.acknowledged();

describe('what a check gets from the agent', () => {
  it('is what is acknowledged, for the same reason and severity', async () => {
    const { socketPath } = await agentShowing(KNOWN);
    const verdictOf = async (shown: typeof FOUND): Promise<string> =>
      (await withAcknowledgedByAgent(shown, HERE, socketPath)).verdict;
    expect(await verdictOf(FOUND)).to.equal('all-tracked');
    expect(
      await verdictOf({
        ...FOUND,
        verdict: 'unknown',
        unknownCause: { kind: 'no-hierarchy', why: 'x' },
      }),
    ).to.equal('unknown');
    for (const change of [
      { reason: 'escaped' },
      { severity: 'critical' },
      { handle: asHandle('other') },
    ] as const) {
      const other = report([{ ...ACKNOWLEDGED, acknowledged: null, ...change }]);
      expect(await verdictOf(other), JSON.stringify(change)).to.equal('untracked');
    }
    expect(await verdictOf(report([LOST, { ...ACKNOWLEDGED, acknowledged: null }]))).to.equal(
      'untracked',
    );
    const later = { ...FOUND, takenAt: ACKNOWLEDGED.acknowledged?.until ?? '' };
    expect(await verdictOf(later)).to.equal('untracked');
  });

  it('is nothing for a saved cell or another root, or if no agent answers', async () => {
    const { socketPath } = await agentShowing(KNOWN);
    for (const source of [{ ...HERE, root: '/other' }, { kind: 'capture', path: '/x' } as const]) {
      const { verdict } = await withAcknowledgedByAgent(FOUND, source, socketPath);
      expect(verdict).to.equal('untracked');
    }
    for (const body of ['{"acknowledgements":[{"handle":1}]}', 'x', '[]', 'null']) {
      const path = await socketServing(answering(withLength(body)));
      expect((await withAcknowledgedByAgent(FOUND, HERE, path)).verdict).to.equal('untracked');
    }
    expect((await withAcknowledgedByAgent(FOUND, HERE, '/nowhere')).verdict).to.equal('untracked');
  });

  it('is that no rep runs, or policies were missing for minutes, which only an agent can know', async () => {
    const shown = report([LOST]);
    const worst = asHandle('h');
    const unpoliced = { reason: 'unpoliced', containers: 2, worst } as const;
    const warnings = [{ reason: 'no-rep', containers: 19 }, unpoliced] as const;
    const known = state({ report: { ...shown, cell: { ...shown.cell, warnings } } });
    const { socketPath } = await agentShowing(known);
    const { cell } = await withSeenByAgent(shown, HERE, socketPath);
    expect(cell.warnings).to.deep.equal(warnings);
    const elsewhere = { ...HERE, root: '/other' };
    const other = await withSeenByAgent(shown, elsewhere, socketPath);
    expect(other.cell.warnings).to.deep.equal([]);
    const alone = await withSeenByAgent(shown, HERE, '/nowhere');
    expect(alone.cell.warnings).to.deep.equal([]);
  });
});
