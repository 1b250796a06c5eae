import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { healthCheckHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import { installProgram } from '../../tools/demo-cell/kept-cell.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, handlesOf, processesNamed } from './cells.ts';
import { enterByHand, moveTo, processOf, rootOf, startProcess } from './container-processes.ts';
import { storyPlayer } from './diego-steps.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { containerOf, inside } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';
import { needsSilentFuse, startSilentFuse } from './silent-fuse.ts';
import { IDENTITY, take, takeSteps } from './typed-steps.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const UNKNOWN = 'dddddddd-0000-4000-8000-000d';
const CHECK = healthCheckHandle('of rep');

interface Stage {
  readonly context: Mocha.Context;
  readonly cell: Cell;
  readonly agent: RunningAgent;
  readonly play: (story: string) => Promise<void>;
}

/** How each state of a container comes about. Resolves with its handle, once it is a finding. */
interface State {
  readonly mode?: 'v1';
  /** Seconds between two passes of the agent, which counts no time in which it missed several; absent: 1. */
  readonly interval?: number;
  readonly make: (stage: Stage) => Promise<string>;
  /** Its last step leads back to the first. */
  readonly isRepeated?: true;
  /** Its steps make it a finding of this severity, which has steps of its own. */
  readonly becomes?: 'warning';
  /** What no command of the cell ends: it waits for a person, for bosh, or for rep. */
  readonly stays?: true;
}

/** One after the other, with a pass in each. */
const MINUTES = [1, 2, 3, 4].map((minute) => `minutes ahead ${minute}; a pass`).join('; ');

const story =
  (text: string, handle = A) =>
  async ({ play }: Stage): Promise<string> => {
    await play(text);
    return handle;
  };

/** The agent has logged a finding about it. */
async function found({ agent }: Stage, handle: string, reason: string): Promise<string> {
  await agent.until(`container.untracked ${handle} ${reason}`);
  return handle;
}

const STATES: Readonly<Record<string, State>> = {
  'unknown-to-garden, running': {
    make: story('managed A; forget A; logs container.untracked A unknown-to-garden'),
    stays: true,
  },
  'unknown-to-garden, ended': {
    make: story(
      'managed A; forget A; apps end A; rep takes 404 for deleted; ' +
        'logs container.untracked A unknown-to-garden; report A unknown-to-garden warning',
    ),
    stays: true,
  },
  'unknown-to-garden, by its name': {
    make: async (stage) => {
      const { cell } = stage;
      const garden = cell.mode === 'v2' ? '/garden' : '/system.slice/garden.service/garden';
      const pid = await startProcess(cell, { by: 'somebody', root: '/', inside: null });
      moveTo(cell, pid, `${garden}/${UNKNOWN}`);
      return found(stage, UNKNOWN, 'unknown-to-garden');
    },
    stays: true,
  },
  'unowned of another client': {
    make: async (stage) => {
      await stage.cell.create({ handle: 'x', kind: 'other' });
      await stage.play('gdn crashes; logs container.untracked x unowned');
      return 'x';
    },
  },
  'unowned under a rep that is younger': {
    make: story(
      'managed A; rep is killed; gdn crashes; rep starts and knows nothing; ' +
        'logs container.untracked A unowned',
    ),
    stays: true,
  },
  'unowned without a rep': {
    make: story('managed A; rep is killed; gdn crashes; logs container.untracked A unowned'),
    stays: true,
  },
  'unowned under a rep that is older': {
    interval: 60,
    make: story(
      'managed A; bbs is away; gdn is killed; rep tries to destroy A; gdn starts; a pass; ' +
        `${MINUTES}; logs container.untracked A unowned`,
    ),
    stays: true,
  },
  'no-cgroup that rep retries': {
    make: story(
      'managed A; bbs is away; gdn stops; rep tries to destroy A; gdn starts; plugin fails; ' +
        'bbs is back; logs container.untracked A no-cgroup',
    ),
    stays: true,
  },
  'no-cgroup at which each rep exits': {
    make: story(
      'managed A; rep is killed; plugin fails; rep exits at its start; ' +
        'logs container.untracked A no-cgroup; plugin works',
    ),
  },
  'no-cgroup of a health check of rep': {
    make: story(
      'rep starts with health checks; rep halts; health check CHECK; half destroy CHECK; ' +
        'logs container.untracked CHECK no-cgroup; plugin works',
      CHECK,
    ),
  },
  'no-cgroup that rep perhaps knows': {
    make: story(
      'managed A; bbs is away; half destroy A; gdn is killed; rep tries to destroy A; gdn starts; ' +
        'logs container.untracked A no-cgroup; plugin works',
    ),
  },
  'no-cgroup that nobody retries': {
    make: story(
      'managed A; half destroy A; rep is killed; gdn crashes; rep starts; ' +
        'logs container.untracked A no-cgroup; plugin works',
    ),
  },
  'no-cgroup while gdn waits for a process': {
    make: story(
      'managed A; plugin hangs; begins to destroy A; minutes ahead 5; ' +
        'logs container.untracked A no-cgroup; plugin works',
    ),
  },
  'no-cgroup while gdn may wait for a process that is not below it': {
    isRepeated: true,
    make: async (stage) => {
      const { cell, play } = stage;
      await play('managed A; plugin hangs-with-child');
      void cell.destroy(A).catch(String);
      const networker = await theProcess(cell, 'networker');
      await theProcess(cell, 'sleep');
      kill(networker);
      await play('minutes ahead 5; logs container.untracked A no-cgroup; plugin works');
      return A;
    },
  },
  'no-cgroup with a process of the host in its root filesystem': {
    becomes: 'warning',
    make: async (stage) => {
      await stage.play('managed A');
      await startProcess(stage.cell, { by: 'somebody', root: rootOf(A), inside: null });
      await stage.play(
        'half destroy A; rep is killed; gdn crashes; rep starts; ' +
          'logs container.untracked A no-cgroup; report A no-cgroup critical; plugin works',
      );
      return A;
    },
  },
  stuck: {
    interval: 60,
    make: async (stage) => {
      const { cell, agent, context, play } = stage;
      await needsSilentFuse(context);
      await cell.create({ handle: A, kind: 'app' });
      await startSilentFuse(cell, A, 'read', { count: 1, waits: () => true });
      // As systemd does on a stemcell.
      await inside(cell, ['mount', '-t', 'fusectl', 'fusectl', '/sys/fs/fuse/connections']);
      await agent.afterPass();
      for (const pid of cell.pids(A)) kill(pid);
      await agent.afterPass();
      await play(`${MINUTES}; logs container.untracked A stuck`);
      return A;
    },
  },
  'escaped by itself': {
    make: async (stage) => {
      await stage.play('managed A');
      moveTo(stage.cell, processOf(stage.cell, A, 'launcher'), '/system.slice/cron.service');
      return found(stage, A, 'escaped');
    },
    stays: true,
  },
  'escaped, because somebody entered': {
    make: async (stage) => {
      await stage.play('managed A');
      await enterByHand(stage.cell, A);
      return found(stage, A, 'escaped');
    },
    stays: true,
  },
  partial: {
    mode: 'v1',
    make: async (stage) => {
      await stage.play('managed A');
      stage.cell.moveOut(A, 'memory');
      return found(stage, A, 'partial');
    },
    stays: true,
  },
};

/** The one process of the cell with this name, as a pid of the machine. */
async function theProcess(cell: Cell, name: string): Promise<number> {
  await waitFor(name, () => processesNamed(name, cell.rootPid).length === 1);
  return processesNamed(name, cell.rootPid)[0] ?? 0;
}

describe('the steps of a finding can be typed as they are printed', () => {
  for (const [title, { mode, interval = 1, make, isRepeated, becomes, stays }] of Object.entries(
    STATES,
  ))
    it(`of one that is ${title}`, async function () {
      const cell = await cellFor(this, mode === undefined ? {} : { mode });
      installProgram(cell);
      const reconcile = { intervalSeconds: interval, gracePeriodSeconds: 2 };
      const agent = await startAgent(cell, { cell: IDENTITY, reconcile }, MOVABLE_CLOCK);
      await agent.until('started');
      const player = storyPlayer(cell, agent);
      const play = (text: string) => player(this, text);
      const handle = await make({ context: this, cell, agent, play });
      const [first] = await takeSteps(cell, containerOf(await agent.report(), handle));
      if (isRepeated === true && first !== undefined) await take(cell, first);
      if (becomes !== undefined) {
        await play(`report A ${becomes}`);
        await takeSteps(cell, containerOf(await agent.report(), handle));
      }
      if (stays !== true) expect(await handlesOf(cell)).to.deep.equal([]);
    });
});
