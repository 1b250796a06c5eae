import { expect } from 'chai';
import { knowledgeOfAgent } from '../../src/cli/agent-answers.ts';
import { asHandle } from '../../src/model/ids.ts';
import { asReportedByAgent } from '../../src/reconcile/container-report.ts';
import { explainJson } from '../../src/present/explain.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { agentShowing } from './running-agent.ts';
import { explained, LOST, STATES, UNOWNED } from '../present/agent-state-builder.ts';

const untracked = STATES.untracked();
const ask = (socket: string) => knowledgeOfAgent(LOST.handle, socket);

const NOW = '2026-01-01T00:03:00.000Z';

describe('what the agent remembers of a container', () => {
  it('is how long a finding has lasted, so that explain says what status says', () => {
    const explanation = { kind: 'unowned', rep: 'older', left: null, milliseconds: 0 } as const;
    const finding = {
      reason: 'unowned',
      since: '2026-01-01T00:00:00.000Z',
      acknowledged: null,
    } as const;
    const one = { ...UNOWNED, status: 'pending', explanation } as const;
    const shown = asReportedByAgent(one, { app: null, finding, events: [], sensors: [] }, NOW);
    expect(containerSentence(shown)).to.contain(
      'should have removed it within a minute; 3 min have passed.',
    );
  });

  it('adds whose it was, since when it is untracked, and its events', async () => {
    const asked = await ask((await agentShowing(untracked)).socketPath);
    if (asked.kind !== 'answered') throw new Error(asked.kind);
    // As a pass of one's own finds it: Garden has forgotten whose it is, and the difference is two seconds old.
    const container = { ...LOST, app: null, since: '2026-03-02T10:21:31.000Z' };
    const agent = asked.knowledge;
    const known = asReportedByAgent(container, agent, NOW);
    expect(known.app).to.deep.equal(LOST.app);
    expect(known.since).to.equal(LOST.since);
    expect(
      asReportedByAgent(container, null, NOW).since,
      'a check knows only its own start',
    ).to.equal(null);
    const events = untracked.events.filter(({ handle }) => handle === LOST.handle);
    expect(events).to.not.have.length(0);
    const shown = explainJson(
      {
        container,
        hierarchies: [],
        ledgers: null,
        isAppOfAgent: false,
        sensors: [],
        properties: null,
        agent,
      },
      null,
    );
    expect(shown.events.map(({ at }) => at)).to.deep.equal(events.map(({ at }) => at));
    // What the pass itself knows stands.
    const tracked = { ...container, status: 'tracked' as const, since: null };
    expect(asReportedByAgent(tracked, agent, NOW).since).to.equal(null);
  });

  it('makes a finding of what one check cannot watch for long enough, for the same reason alone', async () => {
    const asked = await ask((await agentShowing(untracked)).socketPath);
    if (asked.kind !== 'answered') throw new Error(asked.kind);
    const agent = asked.knowledge;
    const pending = { ...LOST, status: 'pending' } as const;
    expect(asReportedByAgent(pending, agent, NOW).status).to.equal('untracked');
    const another = { ...pending, reason: 'partial' } as const;
    expect(asReportedByAgent(another, agent, NOW).status).to.equal('pending');
    const tracked = { ...LOST, status: 'tracked', reason: null } as const;
    expect(asReportedByAgent(tracked, agent, NOW).status).to.equal('tracked');
    expect(asReportedByAgent(pending, null, NOW).status).to.equal('pending');
  });

  it('is nothing for a container that it never saw', async () => {
    const { socketPath } = await agentShowing(untracked);
    const asked = await knowledgeOfAgent(asHandle('another'), socketPath);
    expect(asked).to.deep.equal({
      kind: 'answered',
      knowledge: { app: null, finding: null, events: [], sensors: [] },
    });
  });

  it('is missing, and said to be, if no agent answers or if it has made no pass yet', async () => {
    const none = await ask('/nowhere/rollcall.sock');
    if (none.kind !== 'silent') throw new Error(none.kind);
    // In JSON, too: no events of a silent agent are not those of one that saw none.
    expect(explainJson(explained(LOST), none.why)).to.deep.include({
      events: [],
      agent: { asked: true, silent: none.why },
    });
    const early = await ask((await agentShowing(STATES['first pass']())).socketPath);
    expect(early.kind === 'silent' && early.why).to.contain('first pass');
  });
});
