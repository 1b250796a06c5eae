import { expect } from 'chai';
import { SENSOR_NAMES, SENSOR_ROWS } from '../../src/model/sensor.ts';
import { runningSensors } from '../../src/sensors/presence.ts';
import { membership, sensorProcess } from './sensed-cells.ts';

const names = (...processes: readonly Parameters<typeof sensorProcess>[0][]) =>
  runningSensors(processes.map((one) => sensorProcess(one))).map(({ name }) => name);
const FALCO = { comm: 'falco', command: '/usr/bin/falco' } as const;

describe('which sensors run', () => {
  it('are known by the names of their processes', () => {
    for (const name of SENSOR_NAMES) {
      const { comms, confirmedBy, uid } = SENSOR_ROWS[name];
      const [comm = ''] = comms;
      expect(comm.length, name).to.be.at.most(15);
      const command = confirmedBy === null ? comm : `/opt/${name}/bin/${comm} run`;
      expect(names({ comm, command, realUid: uid ?? 1000 }), name).to.deep.equal([name]);
    }
  });

  const inCgroup = (paths: Readonly<Record<string, string>>) => ({ membership: membership(paths) });
  const inGarden = inCgroup({ memory: '/system.slice/garden.service/garden/h' });
  const agent = (command: string) => ({ comm: 'agent', command });
  for (const [what, change, ...sensors] of [
    ['a tenant in its own namespace', { namespacePids: [700, 7] }],
    ["one in Garden's cgroups as well", { namespacePids: [700, 7], realUid: 0, ...inGarden }],
    ["one in Garden's cgroups alone", inGarden],
    ['one in a cgroup of a tagged Garden', inCgroup({ v2: '/garden-ab/good/h' })],
    ['one whom a single hierarchy gives away', inCgroup({ memory: '/', cpu: '/garden/h' })],
    ['a process of another user', { realUid: 1000 }],
    ['a zombie', { state: 'Z' }],
    ['a common name without its program', agent('/var/vcap/packages/x/agent')],
    ['a common name of its program', agent('/opt/datadog-agent/bin/agent/agent run'), 'datadog'],
  ] as const)
    it(`${sensors.length > 0 ? 'are' : 'are not'} known by a name that has ${what}`, () => {
      expect(names({ ...FALCO, ...change })).to.deep.equal(sensors);
    });

  it("are known by bpm's job or a systemd unit too", () => {
    for (const path of [
      '/bpm-datadog-agent',
      '/system.slice/runc-bpm-datadog-agent.scope',
      '/system.slice/monit-service-bpm-bpm-datadog-agent.scope',
      '/system.slice/datadog-agent.service',
    ]) {
      const process = { comm: 'agent', command: 'agent', membership: membership({ memory: path }) };
      const [sensor] = runningSensors([sensorProcess(process)]);
      expect(sensor?.name, path).to.equal('datadog');
      expect(sensor?.unit, path).to.equal('datadog-agent');
    }
  });

  it('are the oldest of their processes', () => {
    const [sensor, ...others] = runningSensors([
      sensorProcess({ comm: 'falcon-sensor-b', pid: 9, startTicks: 30 }),
      sensorProcess({ comm: 'falcond', pid: 8, startTicks: 20 }),
    ]);
    expect(others).to.deep.equal([]);
    expect(sensor?.process.pid).to.equal(8);
  });
});
