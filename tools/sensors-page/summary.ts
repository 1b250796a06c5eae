import { SENSOR_ROWS } from '../../src/model/sensor.ts';
import { REMEDIES } from '../../src/sensors/remedies.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { overlap } from '../../src/sensors/versions.ts';
import { markdownTable } from '../markdown.ts';
import { mountsWith, wordsInAllOrders, type Kind, type ModeProcesses } from './verdicts.ts';

/* The first table of the page: what each version sees of a cell's containers, and what to change. */

/** The containers; a side process is none. */
const CONTAINERS: Partial<Readonly<Record<Kind, string>>> = {
  app: 'apps',
  privileged: 'privileged apps',
  task: 'tasks',
};

const COLUMNS: readonly (readonly [title: string, has: (mode: ModeProcesses) => boolean])[] = [
  ['v1', ({ isV2, mode }) => !isV2 && !isThrottled(mode)],
  ['v2', ({ isV2, mode }) => isV2 && !isThrottled(mode)],
  ['throttled', ({ mode }) => isThrottled(mode)],
];

const isThrottled = (mode: string): boolean => mode.endsWith('throttled');

/** A row for each range of versions, unless all of a tool are alike. */
export function summaryTable(modes: readonly ModeProcesses[]): string {
  const rows = TOOLS.map((versions) => ({
    versions,
    cells: [
      ...COLUMNS.map(([, has]) => sightText(versions, modes.filter(has))),
      behindMounts(versions, modes),
      remedyText(versions),
    ],
  }));
  const merged = [...Map.groupBy(rows, ({ versions }) => versions.tool).values()].flatMap((all) =>
    new Set(all.map(({ cells }) => cells.join())).size > 1
      ? all.map((row) => [titleOf(row.versions), ...row.cells])
      : all
          .slice(0, 1)
          .map(({ versions, cells }) => [
            all.length === 1 ? titleOf(versions) : SENSOR_ROWS[versions.tool].title,
            ...cells,
          ]),
  );
  return markdownTable(
    ['sensor', ...COLUMNS.map(([title]) => title), 'a container mounts cgroups', 'change'],
    merged,
  );
}

const titleOf = ({ tool, versions }: ToolVersions): string =>
  `${SENSOR_ROWS[tool].title} ${versions.split(/,? with /)[0] ?? ''}`.trim();

/** With a mount that shows the whole hierarchy, for containers older and younger than the sensor. */
function sightText(versions: ToolVersions, modes: readonly ModeProcesses[]): string {
  const words = new Map<string, Set<string>>();
  for (const { processes, isV2 } of modes)
    for (const process of processes) {
      const container = CONTAINERS[process.kind];
      if (container === undefined) continue;
      const found = words.get(container) ?? new Set<string>();
      for (const isNew of [false, true])
        for (const word of wordsInAllOrders(process, {
          versions,
          isNew: isNew && versions.rule.kind === 'process-cgroups',
          isV2,
          mounts: mountsWith('', isV2),
        }))
          found.add(word);
      words.set(container, found);
    }
  return summaryOf(words);
}

/** `sees all but tasks`; `misnames some`. */
function summaryOf(words: ReadonlyMap<string, ReadonlySet<string>>): string {
  const all = new Set([...words.values()].flatMap((one) => [...one]));
  const neverSeen = [...words].filter(([, one]) => !one.has('seen')).map(([name]) => name);
  if ([...all].some((word) => word.startsWith('`')))
    return `misnames${all.has('missed') ? ' or misses' : ''} ${shareOf(neverSeen.length, words.size)}`;
  if (all.size === 1)
    return all.has('seen') ? 'sees all' : all.has('missed') ? 'sees none' : 'unknown';
  return `sees all but ${neverSeen.join(', ')}`;
}

/** Of the kinds of containers; the others are seen on some cells only. */
const shareOf = (neverSeen: number, kinds: number): string =>
  neverSeen === kinds ? 'all' : neverSeen * 2 > kinds ? 'most' : 'some';

/** Whether a mount of a container hides from it the containers that are older than itself. */
function behindMounts(versions: ToolVersions, modes: readonly ModeProcesses[]): string {
  const differs = [false, true].filter((isV2) => {
    const app = modes
      .find((mode) => mode.isV2 === isV2 && !isThrottled(mode.mode))
      ?.processes.find(({ kind }) => kind === 'app');
    if (app === undefined) throw new Error('no app');
    const [alone, beside] = ['', isV2 ? CONTAINERS_MOUNT.v2 : CONTAINERS_MOUNT.v1].map((others) =>
      wordsInAllOrders(app, {
        versions,
        isNew: false,
        isV2,
        mounts: mountsWith(others, isV2),
      }).join(),
    );
    return alone !== beside;
  });
  return differs.length === 0
    ? 'no difference'
    : `${differs.map((isV2) => (isV2 ? 'v2' : 'v1')).join(', ')}: only newer ones`;
}

const ROOTFS = '/var/vcap/data/grootfs/store/unprivileged/images/other/rootfs/sys/fs/cgroup';
/** Another container shows its own cgroup below its root filesystem, and its line is the last. */
const CONTAINERS_MOUNT = {
  v1: `3 1 0:2 /garden/other ${ROOTFS}/cpuset rw shared:3 - cgroup c rw,cpuset\n`,
  v2: `2 1 0:2 /garden/other ${ROOTFS} rw shared:2 - cgroup2 c rw\n`,
};

/** An upgrade; settings are in the tool's own section of the appendix. */
const remedyText = (versions: ToolVersions): string => {
  const { tool } = versions;
  const steps = REMEDIES.filter((one) => one.tool === tool && overlap(one, versions)).flatMap(
    (one) => one.steps,
  );
  if (steps.length === 0) return 'nothing known';
  const [action, ...others] = steps.flatMap((step) => (step.setting === null ? [step.action] : []));
  const anchor = SENSOR_ROWS[tool].title.toLowerCase().replaceAll(' ', '-');
  return action !== undefined && others.length === 0
    ? action.replace(/\.$/, '')
    : `[how](appendix/sensors.md#${anchor})`;
};
