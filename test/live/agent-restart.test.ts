import { expect } from 'chai';
import { cellFor } from './cells.ts';
import { moveTo, processOf } from './container-processes.ts';
import type { ReportJson } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

const [LOST, UNOWNED, ESCAPED, TRACKED] = ['a', 'b', 'c', 'd'].map(
  (letter) => `${letter.repeat(8)}-0000-4000-8000-000${letter}`,
) as [string, string, string, string];

const FINDINGS = {
  [LOST]: 'untracked unknown-to-garden',
  [UNOWNED]: 'untracked unowned',
  [ESCAPED]: 'untracked escaped',
  [TRACKED]: 'tracked',
};

describe('an agent that is started again', () => {
  it('keeps every finding, with the time at which it began, and reports none of them twice', async function () {
    const cell = await cellFor(this);
    for (const handle of Object.keys(FINDINGS)) await cell.create({ handle, kind: 'app' });
    await cell.others.systemdUnit('cron.service');
    await cell.forget(LOST);
    await cell.loseOwner(UNOWNED);
    moveTo(cell, processOf(cell, ESCAPED, 'launcher'), '/system.slice/cron.service');
    const agent = await startAgent(cell);
    const before = timesIn(await untilShown(agent));
    expect(reportedBy(agent)).to.have.members([LOST, UNOWNED, ESCAPED]);

    for (const signal of ['TERM', 'KILL'] as const) {
      await agent.end(signal);
      agent.start();
      expect(timesIn(await untilShown(agent)), signal).to.deep.equal(before);
      expect(reportedBy(agent), signal).to.have.length(3);
    }
  });
});

/** Its report once it shows the findings, and still does so two passes later. */
async function untilShown(agent: RunningAgent): Promise<ReportJson> {
  await agent.untilShown(FINDINGS);
  await agent.afterPass();
  return agent.untilShown(FINDINGS);
}

/** By handle, since when each finding exists. */
const timesIn = ({ containers }: ReportJson): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containers.flatMap(({ handle, since }) => (since === null ? [] : [[handle, since]])),
  );

/** The handles of all lines about a finding, in all its lives. */
const reportedBy = (agent: RunningAgent): readonly string[] =>
  agent
    .timeline()
    .flatMap((line) => /^container\.(?:untracked|changed) (\S+)/.exec(line)?.[1] ?? []);
