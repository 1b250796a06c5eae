import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import {
  type ContainerSpec,
  guidOf,
  healthCheckHandle,
  instanceHandle,
} from '../../tools/demo-cell/cgroups/container-spec.ts';
import type { CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import type { sensorsJson } from '../../src/present/sensors-json.ts';
import { toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { recording } from '../recordings.ts';
import { cellFor } from './cells.ts';
import { rollcall } from './rollcall.ts';

/** What one version of Tracee took and saw on a cell like this one, by its own code. */
interface Row {
  readonly cell: Partial<CellOptions>;
  readonly tracee: string;
  readonly mount: string;
  readonly sights: Readonly<Record<string, string>>;
}

const HANDLES = {
  app: instanceHandle('app'),
  priv: instanceHandle('privileged'),
  task: guidOf('task'),
  check: healthCheckHandle('check'),
  bad: instanceHandle('bad'),
};
/** Handles of the recorded cells, in paths of mounts: that of the container that was made last. */
const RECORDED = new Map([
  ['8e25de7e-9390-4d98-45de-72e2', HANDLES.bad],
  ['check-97eb8295-489a-4912-4518-4cbefaf3689c', HANDLES.check],
]);

const rows = gunzipSync(readFileSync(recording('sensors/live-cells.jsonl.gz')))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const titleOf = ({ mode, layout, runtime, ...others }: Row['cell']): string =>
  [
    mode,
    layout,
    runtime,
    ...Object.entries(others).map(([name, value]) => `${name}=${value}`),
  ].join(' ');

/** The cell before its containers' cgroups are mounted in it; one cell shows both. */
function withoutMounts(cell: Row['cell']): Row['cell'] {
  const { containerMounts: _, ...others } = cell;
  return others;
}

/** Only their cgroups matter, so garden-init is enough. @returns their handles */
async function createContainers(cell: Cell, { layout }: Row['cell']): Promise<readonly string[]> {
  const { app, priv, task, check, bad } = HANDLES;
  const specs: readonly ContainerSpec[] = [
    { handle: app, kind: 'app' },
    { handle: priv, kind: 'app', privileged: true },
    { handle: task, kind: 'task' },
    { handle: check, kind: 'health-check' },
    ...(layout === 'throttled' ? [{ handle: bad, kind: 'app', throttled: true } as const] : []),
  ];
  for (const spec of specs) await cell.create({ ...spec, processes: 0 });
  return specs.map(({ handle }) => handle);
}

async function compare(cell: Cell, ofCell: readonly Row[]): Promise<void> {
  const ran = await rollcall(cell, ['sensors', '--format', 'json', '--missed']);
  const { tools } = JSON.parse(ran.stdout) as ReturnType<typeof sensorsJson>;
  for (const { tracee, mount, sights } of ofCell) {
    const version = typedVersion(tracee === 'HEAD' ? '0.99' : tracee);
    const [range] = toolVersions('tracee', version);
    const tool = tools.find(({ versions }) => versions === range?.versions);
    const seen = Object.entries(HANDLES).flatMap(([kind, handle]) =>
      kind in sights
        ? [[kind, tool?.missedHandles?.includes(handle) === false ? 'seen' : 'missed']]
        : [],
    );
    expect(Object.fromEntries(seen), tracee).to.deep.equal(sights);
    const named = [...RECORDED].reduce((path, [was, is]) => path.replace(was, is), mount);
    expect(tool?.mount, tracee).to.equal(named);
  }
}

describe("predictions for live cells are what Tracee's own code did", function () {
  for (const [title, ofCells] of Map.groupBy(rows, ({ cell }) => titleOf(withoutMounts(cell))))
    it(`on ${title}: ${ofCells.length} rows`, async function () {
      const options = withoutMounts(ofCells[0]?.cell ?? {});
      const mounted = ofCells.filter(({ cell }) => cell.containerMounts === true);
      const plain = ofCells.filter((row) => !mounted.includes(row));
      const cell = await cellFor(this, options);
      const handles = await createContainers(cell, options);
      if (plain.length > 0) await compare(cell, plain);
      if (mounted.length === 0) return;
      for (const handle of handles) await cell.mountCgroups(handle);
      await compare(cell, mounted);
    });

  it('are 1,404 rows', () => {
    expect(rows).to.have.length(1404);
  });
});
