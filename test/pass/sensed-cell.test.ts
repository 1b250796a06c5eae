import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { SensorInputs } from '../../src/model/sensor.ts';
import { sensedCell } from '../../src/pass/sensed-cell.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { complete, passOf, snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { sensorProcess } from '../sensors/sensed-cells.ts';

const G = '/system.slice/garden.service';
const CELL: CellText = {
  trees: { memory: `${G}: 100\n${G}/garden/a: 200\n${G}/garden/b: 300` },
  listed: ['a', 'b'],
  memberships: { 200: { memory: `${G}/garden/a` }, 300: { memory: `${G}/garden/b` } },
};
const FOUND: SensorInputs = {
  processes: [sensorProcess({ comm: 'falcond', startTicks: 500 })],
  startTicks: new Map([
    [200, 400],
    [300, 900],
  ]),
};

/** One pass that made this search, or none. */
function decide(cell: CellText, sensors: SensorInputs | null, memory: Memory = EMPTY_MEMORY) {
  const pass = passOf(cell, memory, { ...snapshotOf(cell), sensors });
  return complete(pass, gracePeriodsOfCheck(0));
}

describe('the sensors of a pass', () => {
  it('count the containers that are older', () => {
    const [sensor] = decide(CELL, FOUND).report.sensors;
    expect(sensor).to.include({ name: 'crowdstrike', olderContainers: 1, containers: 2 });
  });

  it('stay as they were found until the next search', () => {
    const { report, memory } = decide(CELL, FOUND);
    const next = decide(CELL, null, memory);
    expect(next.report.sensors).to.deep.equal(report.sensors);
    expect(next.memory.sensors).to.deep.equal(memory.sensors);
    const gone = decide(CELL, { processes: [], startTicks: new Map() }, next.memory);
    expect(gone.report.sensors).to.deep.equal([]);
    expect(gone.memory.sensors).to.deep.equal([]);
  });

  it('run although Garden is unavailable; nothing is known about containers', () => {
    const [sensor] = decide({ ...CELL, listed: null }, FOUND).report.sensors;
    expect(sensor).to.include({ name: 'crowdstrike', olderContainers: null, containers: null });
  });

  it('are forgotten after a boot of the cell', () => {
    const { memory } = decide(CELL, FOUND);
    const rebooted = decide({ ...CELL, bootId: 'boot-2' }, null, memory);
    expect(rebooted.report.sensors).to.deep.equal([]);
  });
});

describe('a container as sensors see it', () => {
  const isCreatedIn = (cell: CellText) =>
    sensedCell(passOf(cell, EMPTY_MEMORY))?.containers.map(({ isCreated }) => isCreated);

  it('is created if the list of created ones has it', () => {
    expect(isCreatedIn({ ...CELL, created: ['a'] })).to.deep.equal([true, false]);
  });

  it('is created if its properties say so, where that list was not asked for', () => {
    const properties = { a: { 'garden.state': 'created' }, b: null };
    expect(isCreatedIn({ ...CELL, created: null, properties })).to.deep.equal([true, false]);
  });

  it('may be created where Garden gave neither', () => {
    const properties = { a: { 'garden.state': 'created' } };
    const cell = { ...CELL, created: null, properties, unanswered: ['b'] };
    expect(isCreatedIn(cell)).to.deep.equal([true, null]);
  });

  it('is not created if Garden does not list it', () => {
    expect(isCreatedIn({ ...CELL, listed: ['a'], created: ['a'] })).to.deep.equal([true, false]);
  });
});
