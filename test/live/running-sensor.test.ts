import { chmodSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { instanceHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import type { SensorsView } from '../../src/model/answers.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { cellFor, handlesOf } from './cells.ts';
import { inside, rollcall } from './rollcall.ts';

/** The cell's own, whatever the machine has at /tmp. */
const SENSOR_FOLDER = '/var/vcap/data/rollcall-cell';

/** A process of the cell, not of a container, that has the name of a sensor and does nothing. */
async function startProcess(cell: Cell, name: string): Promise<void> {
  const program = `${SENSOR_FOLDER}/${name}`;
  writeFileSync(cell.outside(program), '#!/bin/sh\nwhile :; do sleep 1; done\n');
  chmodSync(cell.outside(program), 0o755);
  const { stdout } = await inside(cell, [
    'sh',
    '-c',
    `${program} </dev/null >/dev/null 2>&1 & echo $!`,
  ]);
  atEndOfTest(() => inside(cell, ['kill', '-9', stdout.trim()]));
}

async function sensorsOf(cell: Cell, ...args: readonly string[]) {
  const { stdout, exitCode } = await rollcall(cell, ['sensors', '--format', 'json', ...args]);
  return { exitCode, ...(JSON.parse(stdout) as SensorsView) };
}

describe('a running sensor, on a live cell', () => {
  it('fails the command if it sees no container by its name in any version', async function () {
    const cell = await cellFor(this, { mode: 'v1', layout: 'throttled' }, 'app', 'other');
    expect((await sensorsOf(cell)).exitCode).to.equal(0);
    await startProcess(cell, 'falco');
    const { sensors, exitCode } = await sensorsOf(cell);
    expect(sensors[0]).to.include({ name: 'falco', blind: true });
    expect(sensors[0]?.sentence).to.contain('No version would see any container by its name.');
    expect(exitCode).to.equal(1);
  });

  it('has the same counts in its report and in the row of its version', async function () {
    const options = { mode: 'v1', reversed: true, containerMounts: true } as const;
    const [older, younger] = [instanceHandle('older'), instanceHandle('younger')];
    const cell = await cellFor(this, options, older);
    await startProcess(cell, 'tracee');
    await cell.create({ handle: younger, kind: 'app' });
    const { sensors, tools } = await sensorsOf(cell, '--tool', 'tracee@0.19', '--missed');
    const { seen, missed } = sensors[0]?.prediction ?? {};
    expect(tools[0]).to.include({ running: true, seen, missed });
    expect(tools[0]?.missedHandles).to.include(older).and.not.include(younger);
  });
});

describe('what the Datadog agent would see of a live cell', () => {
  it('is what Garden lists if it is asked for no state, as the agent asks', async function () {
    const cell = await cellFor(this, {}, 'app', 'other', 'lost');
    await cell.loseOwner('lost');
    const listed = await handlesOf(cell, '');
    expect(listed).to.have.members(['app', 'other']);
    const { tools, containers } = await sensorsOf(cell, '--tool', 'datadog', '--missed');
    expect(containers).to.equal(3);
    expect(tools[0]).to.deep.include({ seen: listed.length, missedHandles: ['lost'] });
  });
});
