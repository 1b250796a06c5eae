import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { installProgram } from '../../tools/demo-cell/kept-cell.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, handlesOf, processesNamed } from './cells.ts';
import { enterByHand, moveTo, processOf, rootOf, startProcess } from './container-processes.ts';
import { BILLING, DiegoCell, HEALTH_CHECK } from './diego-cell.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { containerOf, inside } from './rollcall.ts';
import { startAgent } from './running-agent.ts';
import { needsSilentFuse, startSilentFuse } from './silent-fuse.ts';
import { IDENTITY, take, takeSteps } from './typed-steps.ts';

const UNKNOWN = 'dddddddd-0000-4000-8000-000d';

interface Stage {
  readonly context: Mocha.Context;
  readonly diego: DiegoCell;
}

/** How each state of a container comes about. Resolves with its handle, once it is a finding. */
interface State {
  readonly mode?: 'v1';
  /**
   * Seconds between two passes of the agent; absent: 1. For the agent, time in which it missed
   * several passes does not count.
   */
  readonly interval?: number;
  readonly make: (stage: Stage) => Promise<string>;
  /** Its last step leads back to the first. */
  readonly isRepeated?: true;
  /** Its steps make it a finding of this severity, which has steps of its own. */
  readonly becomes?: 'warning';
  /** What no command of the cell ends: it waits for a person, for bosh, or for rep. */
  readonly stays?: true;
}

/** Four minutes pass for the agent, with a pass in each. */
async function passFourMinutes(diego: DiegoCell): Promise<void> {
  for (const minutes of [1, 2, 3, 4]) {
    await diego.moveClocksAhead(minutes);
    await diego.agent.afterPass();
  }
}

const STATES: Readonly<Record<string, State>> = {
  'unknown-to-garden and runs': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.cell.forget(BILLING);
      await diego.untilFound(BILLING, 'unknown-to-garden');
      return BILLING;
    },
  },
  'unknown-to-garden and has ended but for garden-init': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.cell.forget(BILLING);
      diego.endApps(BILLING);
      await diego.untilRepKnowsNothing();
      await diego.untilFound(BILLING, 'unknown-to-garden');
      await diego.untilReported(BILLING, { reason: 'unknown-to-garden', severity: 'warning' });
      return BILLING;
    },
  },
  'unknown-to-garden by the name of its cgroup': {
    stays: true,
    make: async ({ diego }) => {
      const { cell } = diego;
      const garden = cell.mode === 'v2' ? '/garden' : '/system.slice/garden.service/garden';
      const pid = await startProcess(cell, { by: 'somebody', root: '/', inside: null });
      moveTo(cell, pid, `${garden}/${UNKNOWN}`);
      await diego.untilFound(UNKNOWN, 'unknown-to-garden');
      return UNKNOWN;
    },
  },
  'unowned and of another client': {
    make: async ({ diego }) => {
      await diego.cell.create({ handle: 'x', kind: 'other' });
      await diego.garden.crash();
      await diego.untilFound('x', 'unowned');
      return 'x';
    },
  },
  'unowned under a rep that is younger': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.rep.kill();
      await diego.garden.crash();
      await diego.startRepThatKnowsNothing();
      await diego.untilFound(BILLING, 'unowned');
      return BILLING;
    },
  },
  'unowned without a rep': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.rep.kill();
      await diego.garden.crash();
      await diego.untilFound(BILLING, 'unowned');
      return BILLING;
    },
  },
  'unowned under a rep that is older': {
    stays: true,
    interval: 60,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      diego.rep.setBbsAway(true);
      await diego.garden.kill();
      await diego.untilRepFailsToDestroy(BILLING);
      await diego.garden.start();
      await diego.agent.afterPass();
      await passFourMinutes(diego);
      await diego.untilFound(BILLING, 'unowned');
      return BILLING;
    },
  },
  'no-cgroup while rep retries its destroy': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      diego.rep.setBbsAway(true);
      await diego.garden.stop();
      await diego.untilRepFailsToDestroy(BILLING);
      await diego.garden.start();
      await diego.cell.setNetworkPlugin('fails');
      diego.rep.setBbsAway(false);
      await diego.untilFound(BILLING, 'no-cgroup');
      return BILLING;
    },
  },
  'no-cgroup while each rep exits at its destroy': {
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.rep.kill();
      await diego.cell.setNetworkPlugin('fails');
      await diego.startRepThatExits();
      await diego.untilFound(BILLING, 'no-cgroup');
      await diego.cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  'no-cgroup and a health check of rep': {
    make: async ({ diego }) => {
      await diego.startRepWithHealthChecks();
      diego.haltRep();
      await diego.runHealthCheck();
      await diego.destroyWhileNetworkPluginFails(HEALTH_CHECK);
      await diego.untilFound(HEALTH_CHECK, 'no-cgroup');
      await diego.cell.setNetworkPlugin('works');
      return HEALTH_CHECK;
    },
  },
  'no-cgroup and perhaps known to rep': {
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      diego.rep.setBbsAway(true);
      await diego.destroyWhileNetworkPluginFails(BILLING);
      await diego.garden.kill();
      await diego.untilRepFailsToDestroy(BILLING);
      await diego.garden.start();
      await diego.untilFound(BILLING, 'no-cgroup');
      await diego.cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  'no-cgroup while nobody retries its destroy': {
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.destroyWhileNetworkPluginFails(BILLING);
      await diego.rep.kill();
      await diego.garden.crash();
      await diego.startRep();
      await diego.untilFound(BILLING, 'no-cgroup');
      await diego.cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  'no-cgroup while gdn waits for a process': {
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await diego.cell.setNetworkPlugin('hangs');
      await diego.beginToDestroy(BILLING);
      await diego.moveClocksAhead(5);
      await diego.untilFound(BILLING, 'no-cgroup');
      await diego.cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  'no-cgroup while gdn may wait for a process that is not below it': {
    isRepeated: true,
    make: async ({ diego }) => {
      const { cell } = diego;
      await diego.runApps(BILLING);
      await cell.setNetworkPlugin('hangs-with-child');
      void cell.destroy(BILLING).catch(String);
      const networker = await theProcess(cell, 'networker');
      await theProcess(cell, 'sleep');
      kill(networker);
      await diego.moveClocksAhead(5);
      await diego.untilFound(BILLING, 'no-cgroup');
      await cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  'no-cgroup with a process of the host in its root filesystem': {
    becomes: 'warning',
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await startProcess(diego.cell, { by: 'somebody', root: rootOf(BILLING), inside: null });
      await diego.destroyWhileNetworkPluginFails(BILLING);
      await diego.rep.kill();
      await diego.garden.crash();
      await diego.startRep();
      await diego.untilFound(BILLING, 'no-cgroup');
      await diego.untilReported(BILLING, { reason: 'no-cgroup', severity: 'critical' });
      await diego.cell.setNetworkPlugin('works');
      return BILLING;
    },
  },
  stuck: {
    interval: 60,
    make: async ({ context, diego }) => {
      const { cell, agent } = diego;
      await needsSilentFuse(context);
      await cell.create({ handle: BILLING, kind: 'app' });
      await startSilentFuse(cell, BILLING, 'read', { count: 1, waits: () => true });
      // As systemd does on a stemcell.
      await inside(cell, ['mount', '-t', 'fusectl', 'fusectl', '/sys/fs/fuse/connections']);
      await agent.afterPass();
      for (const pid of cell.pids(BILLING)) kill(pid);
      await agent.afterPass();
      await passFourMinutes(diego);
      await diego.untilFound(BILLING, 'stuck');
      return BILLING;
    },
  },
  'escaped by itself': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      const launcher = processOf(diego.cell, BILLING, 'launcher');
      moveTo(diego.cell, launcher, '/system.slice/cron.service');
      await diego.untilFound(BILLING, 'escaped');
      return BILLING;
    },
  },
  'escaped because somebody entered it': {
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      await enterByHand(diego.cell, BILLING);
      await diego.untilFound(BILLING, 'escaped');
      return BILLING;
    },
  },
  partial: {
    mode: 'v1',
    stays: true,
    make: async ({ diego }) => {
      await diego.runApps(BILLING);
      diego.cell.moveOut(BILLING, 'memory');
      await diego.untilFound(BILLING, 'partial');
      return BILLING;
    },
  },
};

/** The one process of the cell with this name, as a pid of the machine. */
async function theProcess(cell: Cell, name: string): Promise<number> {
  await waitFor(name, () => processesNamed(name, cell.rootPid).length === 1);
  return processesNamed(name, cell.rootPid)[0] ?? 0;
}

describe('Each step of a finding can be typed as it is printed (of bosh, cf and cfdot, sh only checks the syntax)', () => {
  for (const [title, { mode, interval = 1, make, isRepeated, becomes, stays }] of Object.entries(
    STATES,
  ))
    it(`about a container that is ${title}`, async function () {
      const cell = await cellFor(this, mode === undefined ? {} : { mode });
      installProgram(cell);
      const reconcile = { intervalSeconds: interval, gracePeriodSeconds: 2 };
      const agent = await startAgent(cell, { cell: IDENTITY, reconcile }, MOVABLE_CLOCK);
      await agent.until('started');
      const diego = new DiegoCell(cell, agent);
      const handle = await make({ context: this, diego });
      await diego.expectNothingElseLogged();
      const [first] = await takeSteps(cell, containerOf(await agent.report(), handle));
      if (isRepeated === true && first !== undefined) await take(cell, first);
      if (becomes !== undefined) {
        await diego.untilReported(handle, { severity: becomes });
        await takeSteps(cell, containerOf(await agent.report(), handle));
      }
      if (stays !== true) expect(await handlesOf(cell)).to.deep.equal([]);
    });
});
