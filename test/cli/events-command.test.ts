import { expect } from 'chai';
import { LOST, state } from '../present/agent-state-builder.ts';
import { expectRefused, typed } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const AT = '2026-03-02T10:21:33.412Z';
const events = [
  { at: AT, message: 'rollcall.container.gone', level: 'info', sentence: 'Gone.', data: {} },
  {
    at: AT,
    message: 'rollcall.started',
    level: 'info',
    sentence: 'The agent has started.',
    data: {},
  },
] as const;

const asked = async (...words: readonly string[]) => {
  const [gone, started] = events;
  const shown = state({ events: [{ ...gone, handle: LOST.handle, reason: 'unowned' }, started] });
  const { socketPath } = await agentShowing(shown);
  return typed(['events', ...words, '--status-socket', socketPath]);
};

describe('rollcall events', () => {
  it('shows what the agent has logged, with the container and the reason', async () => {
    const { code, stdout } = await asked();
    expect(code).to.equal(0);
    const line = stdout.replaceAll(/\n +/g, ' ');
    expect(line).to.contain(`rollcall.container.gone ${LOST.handle}, unowned: Gone.\n`);
    expect(line).to.contain('rollcall.started The agent has started.\n');
  });

  it('says how bad a finding is', async () => {
    const found = (severity: 'critical' | 'warning') =>
      ({
        at: AT,
        message: 'rollcall.container.untracked',
        level: 'error',
        sentence: 'It runs.',
        data: { severity },
      }) as const;
    const shown = state({ events: [found('critical'), found('warning')] });
    const { socketPath } = await agentShowing(shown);
    const { stdout } = await typed(['events', '--status-socket', socketPath]);
    expect(stdout).to.contain('rollcall.container.untracked, critical\n');
    expect(stdout).to.contain('rollcall.container.untracked, warning\n');
  });

  it('shows those of one container by the beginning of its handle, also as JSON', async () => {
    const { stdout } = await asked(LOST.handle.slice(0, 8), '--json');
    const answer = JSON.parse(stdout) as {
      readonly events: readonly { readonly handle: string }[];
    };
    expect(answer.events.map(({ handle }) => handle)).to.deep.equal([LOST.handle]);
    expectRefused(await asked('nothing'), 'The agent has no event about "nothing"');
  });
});
