import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { status } from '@grpc/grpc-js';
import { CriCalls } from '../../src/agent/cri/cri-calls.ts';
import { serveCri } from '../../src/agent/cri-socket.ts';
import type { ContainerName, Names } from '../../src/model/names.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { CriClient, statusOf } from '../cri-client.ts';
import { BILLING, cgroupAt, container, namesOf, SHOP } from '../names/named-containers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const shop = container(SHOP, {
  app: 'shop',
  appId: 'e3c1f2a0-0000-4000-8000-000000000001',
  index: 0,
  org: 'acme',
  orgId: 'o-1',
  space: 'prod',
  spaceId: 's-1',
  processType: 'web',
  cgroups: [cgroupAt(`/garden/good/${SHOP}`)],
});

/** The names' socket of an agent that knows these containers, and what else happens to it. */
async function served(...containers: readonly ContainerName[]) {
  const folder = join(temporaryFolder(), 'cri');
  const path = join(folder, 'cri.sock');
  let names: Names = namesOf(...containers);
  const later: ContainerName[] = [];
  const asked: number[] = [];
  const misnamed: string[] = [];
  const results: string[] = [];
  const errors: (string | null)[] = [];
  const calls: CriCalls = new CriCalls(
    {
      names: () => names,
      refresh: async () => {
        asked.push(Date.now());
        await Promise.resolve();
        names = namesOf(...names.containers, ...later.splice(0));
        calls.namesChanged();
      },
      misnamed: (id) => misnamed.push(id),
    },
    '0.2.0',
  );
  const server = await serveCri({
    socketPath: path,
    calls,
    onRequest: (method, result) => results.push(`${method} ${result}`),
    onChange: (error) => errors.push(error),
    retryMilliseconds: 20,
  });
  atEndOfTest(() => server.close());
  const gardenLists = (one: ContainerName): unknown => later.push(one);
  return {
    folder,
    path,
    client: new CriClient(path),
    calls,
    asked,
    misnamed,
    results,
    errors,
    server,
    gardenLists,
  };
}

describe("the names' socket", () => {
  it('names a container for the id that Falco makes of its cgroup', async () => {
    const { client } = await served(shop);
    const { containers } = await client.ask('ListContainers', { filter: { id: 'good/8a37cb6' } });
    expect(containers.map(({ id, metadata }) => [id, metadata.name])).to.deep.equal([
      [`good/${SHOP}`, 'shop/0'],
    ]);
    const { status: shown, info } = await client.ask('ContainerStatus', {
      container_id: `good/${SHOP}`,
      verbose: true,
    });
    expect(shown).to.deep.include({
      id: `good/${SHOP}`,
      state: 'CONTAINER_RUNNING',
      image_ref: 'unknown',
    });
    expect(Number(shown.created_at)).to.equal(shop.since * 1e6);
    expect(info).to.deep.equal({ info: '{"privileged":false}' });
  });

  it('answers no other method', async () => {
    const { client } = await served(shop);
    expect(await statusOf(client.ask('StopContainer', { container_id: SHOP }))).to.equal(
      status.UNIMPLEMENTED,
    );
  });

  it('asks Garden for an id that it does not know, and says when it does', async () => {
    const { client, gardenLists, asked } = await served(shop);
    const { seen } = client.events();
    await client.ask('Version');
    gardenLists(container(BILLING, { app: 'billing', index: 1 }));
    const none = await client.ask('ListContainers', { filter: { id: BILLING.slice(0, 12) } });
    expect(none.containers).to.deep.equal([]);
    await waitFor('the event', () => seen.length > 0);
    expect(seen[0]?.container_id).to.equal(BILLING);
    expect(seen[0]?.pod_sandbox_status?.metadata.name).to.equal('billing/1');
    expect(asked).to.have.length(1);
  });

  it('is only for its user and group, in a folder that others cannot enter', async () => {
    const { folder, path } = await served();
    expect(fs.statSync(path).mode & 0o777).to.equal(0o660);
    expect(fs.statSync(folder).mode & 0o777).to.equal(0o750);
  });
});
