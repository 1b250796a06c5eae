import { expect } from 'chai';
import type { Fault } from '../../../src/demo-cell/garden/state.ts';
import { asHandle } from '../../../src/model/ids.ts';
import { gardenClient, type GardenClient } from '../../../src/probe/garden-client.ts';
import { codeOf } from '../../probe/asking-garden.ts';
import { app, ask, gardenWith, served } from './exchanges.ts';

describe('gardenApi: faults, and what the client makes of them', () => {
  const handle = asHandle('a');
  const codes = async (
    fault: Fault,
    faultOn: 'all' | 'list' | 'properties',
  ): Promise<[list: string, properties: string, ping: number | undefined]> => {
    const state = { ...gardenWith([app('a')]), fault, faultOn };
    const socketPath = await served(state);
    const asking = <T>(route: typeof faultOn, use: (client: GardenClient) => Promise<T>) => {
      // Short only where nothing comes in time anyway.
      const timeoutMilliseconds =
        fault.kind === 'hang' && (faultOn === 'all' || faultOn === route) ? 250 : 60_000;
      const client = gardenClient({ socketPath, timeoutMilliseconds });
      return use(client).finally(() => client.close());
    };
    const list = await asking('list', (client) => client.list());
    const properties = await asking('properties', (client) =>
      client.properties([handle], { concurrency: 2 }),
    );
    const ping = faultOn === 'all' ? null : await ask(socketPath, 'GET', '/ping');
    return [codeOf(list), codeOf(properties.get(handle)), ping?.status];
  };

  const cases: [fault: Fault, code: string][] = [
    [{ kind: 'none' }, 'answered'],
    [{ kind: 'hang' }, 'timeout'],
    [{ kind: 'slow', milliseconds: 20 }, 'answered'],
    [{ kind: 'status', status: 500, body: '{"Message":"no containerd"}' }, 'http-status'],
    [{ kind: 'garbage' }, 'not-http'],
    [{ kind: 'status', status: 200, body: '<html></html>' }, 'not-json'],
    [{ kind: 'half-body' }, 'cut-short'],
  ];
  for (const [fault, code] of cases) {
    it(`${JSON.stringify(fault)}: ${code}`, async () => {
      expect(await codes(fault, 'all')).to.deep.equal([code, code, undefined]);
      expect(await codes(fault, 'list')).to.deep.equal([code, 'answered', 200]);
      expect(await codes(fault, 'properties')).to.deep.equal(['answered', code, 200]);
    });
  }

  it('end when the fault is taken away', async () => {
    const state = gardenWith([app('a')]);
    const socketPath = await served(state);
    const client = gardenClient({ socketPath, timeoutMilliseconds: 60_000 });
    state.fault = { kind: 'garbage' };
    expect((await client.list()).kind).to.equal('failed');
    state.fault = { kind: 'none' };
    expect((await client.list()).kind).to.equal('answered');
    client.close();
  });
});
