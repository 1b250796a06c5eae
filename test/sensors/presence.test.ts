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

  it('a tenant that calls itself falco is not one', () => {
    const inGarden = {
      membership: membership({ memory: '/system.slice/garden.service/garden/h' }),
    };
    expect(names({ ...FALCO, namespacePids: [700, 7] })).to.deep.equal([]);
    expect(names({ ...FALCO, namespacePids: [700, 7], realUid: 0, ...inGarden })).to.deep.equal([]);
    expect(names({ ...FALCO, ...inGarden })).to.deep.equal([]);
    expect(names({ ...FALCO, membership: membership({ v2: '/garden-ab/good/h' }) })).to.deep.equal(
      [],
    );
    // One hierarchy is enough to give it away.
    expect(
      names({ ...FALCO, membership: membership({ memory: '/', cpu: '/garden/h' }) }),
    ).to.deep.equal([]);
  });

  it('nor is a process of another user, a zombie, or a common name without its program', () => {
    expect(names({ ...FALCO, realUid: 1000 })).to.deep.equal([]);
    expect(names({ ...FALCO, state: 'Z' })).to.deep.equal([]);
    expect(names({ comm: 'agent', command: '/var/vcap/packages/x/agent' })).to.deep.equal([]);
    expect(
      names({ comm: 'agent', command: '/opt/datadog-agent/bin/agent/agent run' }),
    ).to.deep.equal(['datadog']);
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
