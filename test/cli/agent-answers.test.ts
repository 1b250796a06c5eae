import { expect } from 'chai';
import { agentToCapture, eventsOfAgent, ofContainer } from '../../src/cli/agent-answers.ts';
import { withAgentAsked, type CellSource } from '../../src/cli/cell-source.ts';
import { noContainer } from '../../src/cli/explain-command.ts';
import { asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { explainJson } from '../../src/present/explain.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { cellWithA, passOf } from '../reconcile/cell-builder.ts';
import { explained, LOST, report, STATES } from '../present/agent-state-builder.ts';
import { agentShowing } from './running-agent.ts';

const HERE: CellSource = {
  kind: 'live',
  root: '/',
  gardenSocket: '/none',
  gardenTimeoutMilliseconds: 1,
  settleMilliseconds: 0,
  showsCommand: shownCommand,
};
const CHECKED = {
  report: report([{ ...LOST, status: 'pending' }]),
  lastPass: passOf(cellWithA(''), EMPTY_MEMORY),
};
const untracked = STATES.untracked();

describe('what a command asks the agent', () => {
  it('is its report', async () => {
    const { socketPath } = await agentShowing(untracked);
    const { agent, report: shown } = await withAgentAsked(CHECKED, HERE, socketPath);
    expect(agent.kind).to.equal('answered');
    expect(shown.verdict).to.equal('untracked');
  });

  it('is nothing for a saved cell or another root', async () => {
    const { socketPath } = await agentShowing(untracked);
    for (const source of [{ ...HERE, root: '/other' }, { kind: 'capture', path: '/x' } as const]) {
      const asked = await withAgentAsked(CHECKED, source, socketPath);
      expect(asked).to.deep.equal({ ...CHECKED, agent: { kind: 'not-asked' } });
    }
  });

  it('leaves a check as it is if anything but an agent answers, or one without a report', async () => {
    const sockets = ['/nowhere', (await agentShowing(STATES['first pass']())).socketPath];
    const deep = '['.repeat(100_000);
    for (const body of ['{"containers":[{"handle":1}]}', 'x', '[]', 'null', deep])
      sockets.push(await socketServing(answering(withLength(body))));
    for (const socket of sockets) {
      const { agent, report: shown } = await withAgentAsked(CHECKED, HERE, socket);
      expect(agent.kind, socket).to.equal('silent');
      expect(shown).to.equal(CHECKED.report);
    }
  });

  it('is no word about the present if its report is old or of another boot, or it cannot compare', async () => {
    const { socketPath } = await agentShowing(untracked);
    const { report: own } = CHECKED;
    const later = new Date(Date.parse(own.takenAt) + 181_000).toISOString();
    const rebooted = { ...own, cell: { ...own.cell, bootId: 'other' } };
    for (const one of [{ ...own, takenAt: later }, rebooted]) {
      const { agent } = await withAgentAsked({ ...CHECKED, report: one }, HERE, socketPath);
      expect(agent.kind).to.equal('silent');
    }
    const unknown = await agentShowing(STATES.unknown());
    expect((await withAgentAsked(CHECKED, HERE, unknown.socketPath)).agent.kind).to.equal('silent');
  });

  it('tells a drill from a container that is not here', () => {
    const drill = { ...LOST, handle: asHandle('drill-1'), drill: true };
    const agent = { kind: 'answered', report: reportJson(report([drill])) } as const;
    expect(noContainer('drill-1', agent).message).to.match(
      /^drill-1 is a drill, not a container: /,
    );
    expect(noContainer('other', agent).message).to.match(/^No container "other" on this cell: /);
  });

  it('is what it logged of one container', async () => {
    const { socketPath } = await agentShowing(untracked);
    const events = untracked.events.filter(({ handle }) => handle === LOST.handle);
    expect(events).to.not.have.length(0);
    const asked = ofContainer(await eventsOfAgent(socketPath), LOST.handle);
    expect(asked.map(({ at }) => at)).to.deep.equal(events.map(({ at }) => at));
  });

  it('is its report and all of its events for a capture, or why there are none', async () => {
    const { socketPath } = await agentShowing(untracked);
    const { agent } = await agentToCapture(socketPath);
    expect(agent?.report.verdict).to.equal('untracked');
    expect(agent?.events.map(({ at }) => at)).to.deep.equal(untracked.events.map(({ at }) => at));
    const silent = await agentToCapture('/nowhere');
    expect(silent.agent).to.equal(null);
    expect(silent.why).to.contain('/nowhere');
  });

  it('is said to be missing in JSON, too: no events of a silent agent are not those of one that saw none', () => {
    expect(explainJson(explained(LOST), 'it is silent')).to.deep.include({
      events: [],
      agent: { asked: true, silent: 'it is silent', captured: null },
    });
  });
});
