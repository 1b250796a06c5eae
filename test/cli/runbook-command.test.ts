import { expect } from 'chai';
import { container, LOST, report, state, UNOWNED } from '../present/agent-state-builder.ts';
import { expectRefused, typed } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const UNOWNED_ONLY = state({ report: report([container(0), UNOWNED, { ...LOST, drill: true }]) });

const shownFor = async (section: string, statusSocket: string): Promise<string> => {
  const { code, stdout } = await typed(['runbook', section, '--status-socket', statusSocket]);
  expect(code).to.equal(0);
  return stdout;
};

describe('the runbook of an alert that is about several reasons', () => {
  it('has the sections of the reasons that the cell has now, whatever the case', async () => {
    const { socketPath } = await agentShowing(UNOWNED_ONLY);
    const text = await shownFor('rollcalluntrackedCRITICAL', socketPath);
    expect(text).to.match(
      /^RollcallUntrackedCritical is about unowned on this cell now\.\n\nunowned\n/,
    );
    expect(text).not.to.match(/^unknown-to-garden$/m);
  });

  it('has every section that it can be about, and says why, if the cell has none or is silent', async () => {
    const { socketPath } = await agentShowing(UNOWNED_ONLY);
    const none = await shownFor('RollcallUntrackedWarning', socketPath);
    expect(none).to.match(/^This cell has no finding of severity warning now\./);
    const silent = await shownFor('RollcallUntrackedCritical', '/nowhere');
    expect(silent).to.match(
      /^The agent of this cell could not be asked\. There is no socket \/nowhere/,
    );
    expect(none)
      .to.match(/^partial$/m)
      .and.to.match(/^stuck$/m);
    expect(silent)
      .to.match(/^unowned$/m)
      .and.not.to.match(/^partial$/m);
  });

  it('names the sections where there is none with this name, which it escapes', async () => {
    const refused = await typed(['runbook', 'a\u001b[2J']);
    expectRefused(refused, 'has no section "a\\u{1b}[2J". It has one for each alert');
  });
});
