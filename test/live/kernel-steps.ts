import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inParallel } from '../../src/demo-cell/in-parallel.ts';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { instanceHandle } from '../../src/demo-cell/cgroups/container-spec.ts';
import { cgroupsOfProcess } from './cells.ts';
import { moveTo, processOf } from './container-processes.ts';
import { MEMORY, type RunningAgent } from './running-agent.ts';

/** What is so of a container; a destroyed one is in no model. */
export interface Modelled {
  readonly listed: boolean;
  readonly live: boolean;
  readonly owned: boolean;
  readonly escaped: boolean;
  /** In `bad`; null where gdn does not throttle. */
  readonly throttled: boolean | null;
  readonly frozen: boolean;
}
export type Model = ReadonlyMap<string, Modelled>;

/** What the agent must say of it; null: it is not in the report. */
export function expected({ listed, live, owned, escaped }: Modelled): string | null {
  if (!listed) return live ? 'untracked unknown-to-garden' : null;
  if (!live) return 'untracked no-cgroup';
  if (!owned) return 'untracked unowned';
  return escaped ? 'untracked escaped' : 'tracked';
}

export interface Place {
  readonly cell: Cell;
  readonly agent: RunningAgent;
  /** Whether gdn throttles. */
  readonly throttles: boolean;
  /** Writes into the trace of the kernel. */
  readonly mark: (text: string) => void;
}

type Change = Partial<Modelled> | 'gone';
/** What a step does to a container that is as it asks for; null: to the cell. */
interface Step {
  readonly of: ((one: Modelled) => boolean) | null;
  readonly act: (place: Place, handle: string) => unknown;
  /** Of its container; of each one, if it is a step of the cell. */
  readonly change: (one: Modelled) => Change;
}

const stays = (one: Modelled): Modelled => one;
const isSound = (one: Modelled): boolean => expected(one) === 'tracked' && !one.frozen;
const onCell = (act: Step['act'], change: Step['change'] = stays): Step => ({
  of: null,
  act,
  change,
});

const ZOMBIE = `cp "$(command -v sleep)" /tmp/gdn && (/tmp/gdn 0 & exec sleep 10000) </dev/null >/dev/null 2>&1 &`;

/** All its processes. What is frozen on v1 cannot be killed. */
export function freeze({ cell }: Place, handle: string, isFrozen: boolean): void {
  for (const pid of cell.pids(handle)) {
    const { v2, freezer = '' } = cgroupsOfProcess(pid, cell.runId);
    const name = cell.mode === 'v2' ? 'v2' : 'freezer';
    const root = cell.hierarchies.find(({ version, controllers }) =>
      name === 'v2' ? version === 2 : controllers.includes(name),
    )?.root;
    if (root === undefined) continue;
    if (name === 'v2') writeFileSync(`${root}${v2 ?? ''}/cgroup.freeze`, isFrozen ? '1' : '0');
    else writeFileSync(`${root}${freezer}/freezer.state`, isFrozen ? 'FROZEN' : 'THAWED');
  }
}

const churned = (): readonly string[] =>
  Array.from({ length: 6 }, (_, n) => instanceHandle(`churned ${n}`));

/** By name; `create` has no container yet. */
const STEPS: Readonly<Record<string, Step>> = {
  destroy: {
    of: (one) => one.listed && !one.escaped && !one.frozen,
    act: ({ cell, mark }, handle) => {
      mark(`unlists ${handle}`);
      return cell.destroy(handle);
    },
    change: () => 'gone',
  },
  forget: {
    of: isSound,
    act: ({ cell, mark }, handle) => {
      mark(`unlists ${handle}`);
      return cell.forget(handle);
    },
    change: () => ({ listed: false }),
  },
  kill: {
    of: ({ live, escaped, frozen }) => live && !escaped && !frozen,
    act: ({ cell }, handle) => cell.kill(handle),
    change: ({ listed }) => (listed ? { live: false } : 'gone'),
  },
  'lose-owner': {
    of: isSound,
    act: ({ cell }, handle) => cell.loseOwner(handle),
    change: () => ({ owned: false }),
  },
  escape: {
    of: isSound,
    act: ({ cell }, handle) =>
      moveTo(cell, processOf(cell, handle, 'launcher'), '/system.slice/cron.service'),
    change: () => ({ escaped: true }),
  },
  throttle: {
    of: (one) => isSound(one) && one.throttled === false,
    act: ({ cell }, handle) => cell.throttle(handle),
    change: () => ({ throttled: true }),
  },
  unthrottle: {
    of: (one) => isSound(one) && one.throttled === true,
    act: ({ cell }, handle) => cell.unthrottle(handle),
    change: () => ({ throttled: false }),
  },
  freeze: {
    of: isSound,
    act: (place, handle) => freeze(place, handle, true),
    change: () => ({ frozen: true }),
  },
  thaw: {
    of: ({ frozen }) => frozen,
    act: (place, handle) => freeze(place, handle, false),
    change: () => ({ frozen: false }),
  },
  churn: onCell(({ cell, mark }) =>
    inParallel(churned(), 3, async (handle) => {
      mark(`lists ${handle}`);
      await cell.create({ handle, kind: 'app', cheap: true });
      mark(`unlists ${handle}`);
      await cell.destroy(handle);
    }),
  ),
  'start-unit': onCell(({ cell }) => cell.others.systemdUnit('cron.service')),
  'start-docker': onCell(({ cell }) => cell.others.dockerScope()),
  /** Its cgroup reads `/` on v1. */
  'leave-zombie': onCell(({ agent }) => agent.run(['sh', '-c', ZOMBIE])),
  'restart-garden': onCell(async ({ cell, agent }) => {
    await cell.garden.stop();
    await agent.afterPass();
    await cell.garden.start();
  }),
  'crash-garden': onCell(
    ({ cell }) => cell.garden.crash(),
    ({ listed }) => (listed ? { owned: false } : {}),
  ),
  'fail-garden': onCell(async ({ cell, agent }) => {
    await cell.garden.setFault({ kind: 'status', status: 500, body: '{"Message":"no"}' }, 'list');
    await agent.afterPass();
    await cell.garden.setFault({ kind: 'none' });
  }),
  'fill-disk': onCell(async ({ agent }) => {
    const memory = dirname(MEMORY);
    await agent.run(['mount', '-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1', 'tmpfs', memory]);
    await agent.afterPass();
    await agent.run(['umount', '-l', memory]);
  }),
  'mount-again': onCell(async ({ agent }) => {
    await agent.run(['mount', '--rbind', '/sys/fs/cgroup', '/mnt']);
    await agent.afterPass();
    await agent.run(['umount', '-l', '/mnt']);
  }),
  'kill-agent': onCell(async ({ agent }) => {
    await agent.end('KILL');
    agent.start();
  }),
  'cover-cgroups': onCell(async ({ agent }) => {
    await agent.run(['mount', '-t', 'tmpfs', 'tmpfs', '/sys/fs/cgroup']);
    await agent.afterPass();
    await agent.run(['umount', '-l', '/sys/fs/cgroup']);
  }),
};

const MAX_CONTAINERS = 6;

/** What can be done to a cell: each step, by name, to each container that is as it asks for. */
const stepsOf = (model: Model): readonly (readonly [name: string, on: string])[] => [
  ...(model.size < MAX_CONTAINERS ? [['create', ''] as const] : []),
  ...Object.entries(STEPS).flatMap(([name, { of }]) =>
    of === null
      ? [[name, ''] as const]
      : [...model].flatMap(([on, one]) => (of(one) ? [[name, on] as const] : [])),
  ),
];

/**
 * Takes one of the steps that can be taken.
 * @param choice which one, as a part of all
 * @param made how many steps were taken before
 * @returns the model after it, and what was done
 */
export async function take(
  choice: number,
  place: Place,
  { model, made }: { readonly model: Model; readonly made: number },
): Promise<{ readonly model: Model; readonly done: string }> {
  const all = stepsOf(model);
  const [name, on] = all[Math.floor(choice * all.length)] ?? ['create', ''];
  const step = STEPS[name];
  if (step === undefined) {
    const handle = instanceHandle(`model ${made}`);
    place.mark(`lists ${handle}`);
    await place.cell.create({ handle, kind: 'app', peas: made % 3 === 0 ? ['envoy'] : [] });
    const throttled = place.throttles ? false : null;
    const sound: Modelled = {
      listed: true,
      live: true,
      owned: true,
      escaped: false,
      throttled,
      frozen: false,
    };
    return { model: new Map([...model, [handle, sound]]), done: `create ${handle}` };
  }
  await step.act(place, on);
  const after = [...model].flatMap(([handle, one]) => {
    const change = step.of === null || handle === on ? step.change(one) : one;
    return change === 'gone' ? [] : [[handle, { ...one, ...change }] as const];
  });
  return { model: new Map(after), done: `${name} ${on}`.trim() };
}
