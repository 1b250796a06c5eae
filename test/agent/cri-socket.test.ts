import fs from 'node:fs';
import { expect } from 'chai';
import { status } from '@grpc/grpc-js';
import { statusOf } from '../cri-client.ts';
import { BILLING, cgroupAt, container, SHOP } from '../names/named-containers.ts';
import { waitFor } from '../wait-for.ts';
import { servedNames } from './served-names.ts';

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

describe("the names' socket", () => {
  it('names a container for the id that Falco makes of its cgroup', async () => {
    const { client } = await servedNames(shop);
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
    const { client } = await servedNames(shop);
    expect(await statusOf(client.ask('StopContainer', { container_id: SHOP }))).to.equal(
      status.UNIMPLEMENTED,
    );
  });

  it('asks Garden for an id that it does not know, and says when it does', async () => {
    const { client, gardenLists, asked } = await servedNames(shop);
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
    const { folder, path } = await servedNames();
    expect(fs.statSync(path).mode & 0o777).to.equal(0o660);
    expect(fs.statSync(folder).mode & 0o777).to.equal(0o750);
  });

  it('is not served in a folder that is a link, and says so', async () => {
    const { folder, path, server, errors } = await servedNames();
    expect(fs.existsSync(path)).to.equal(true);
    const moved = `${folder}-moved`;
    fs.renameSync(folder, moved);
    fs.symlinkSync(moved, folder);
    await waitFor('the reason', () => server.error() !== null);
    expect(errors.at(-1)).to.contain(`${folder} is not a directory: remove it`);
    fs.rmSync(folder);
    await waitFor('the socket', () => server.error() === null && fs.existsSync(path));
    expect(errors.at(-1)).to.equal(null);
  });
});
