import fs from 'node:fs';
import { expect } from 'chai';
import { status } from '@grpc/grpc-js';
import { statusOf } from '../cri-client.ts';
import { BILLING, cgroupAt, container, SHOP } from '../names/named-containers.ts';
import { waitFor } from '../wait-for.ts';
import { needsRoot, NOBODY } from './another-user.ts';
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

/** Each makes the folder of a socket another one. @returns why the agent does not use it */
const WRONG_FOLDERS: Readonly<Record<string, (folder: string) => string>> = {
  'is a link': (folder) => {
    fs.renameSync(folder, `${folder}-moved`);
    fs.symlinkSync(`${folder}-moved`, folder);
    return 'is not a directory';
  },
  'belongs to another user': (folder) => {
    fs.chownSync(folder, NOBODY, NOBODY);
    return `belongs to user ${NOBODY}`;
  },
};

/** Each puts something else in the place of a socket. @returns why the agent does not replace it */
const WRONG_SOCKETS: Readonly<Record<string, (path: string) => string>> = {
  'a link': (path) => {
    fs.renameSync(path, `${path}-moved`);
    fs.symlinkSync(`${path}-moved`, path);
    return 'is not a socket';
  },
  'a file': (path) => {
    fs.rmSync(path);
    fs.writeFileSync(path, '');
    return 'is not a socket';
  },
  "another user's socket": (path) => {
    fs.chownSync(path, NOBODY, NOBODY);
    return `belongs to user ${NOBODY}`;
  },
};

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

  it('tells what lists were asked for by id, with the last answer, and who listens', async () => {
    const alike = ['479c5b59-1774-4e0a-5d3b-0001', '479c5b59-1774-4e0a-5d3b-0002'];
    const { client, server } = await servedNames(shop, ...alike.map((one) => container(one)));
    const ask = (id: string) => client.ask('ListContainers', { filter: { id } });
    for (const id of [SHOP, 'garden.servi', '479c5b59-177', 'nobody\n', SHOP]) await ask(id);
    await client.ask('ListContainers');
    const { asked, eventStreams, listeningSince } = server.shown();
    expect(asked.map(({ id, answer }) => `${id} ${answer}`)).to.deep.equal([
      'garden.servi unnameable',
      '479c5b59-177 ambiguous',
      'nobody\\n not-found',
      `${SHOP} named`,
    ]);
    const latest = asked.at(-1);
    expect(Date.parse(latest?.last ?? '')).to.be.at.least(Date.parse(asked[0]?.last ?? ''));
    expect(Date.parse(latest?.first ?? '')).to.be.at.most(Date.parse(asked[0]?.first ?? ''));
    expect(Date.parse(listeningSince ?? '')).to.be.closeTo(Date.now(), 60_000);
    expect(eventStreams).to.equal(0);
    const { stream } = client.events();
    await waitFor('the stream', () => server.shown().eventStreams === 1);
    stream.cancel();
    await waitFor('its end', () => server.shown().eventStreams === 0);
  });

  it('is only for its user and group, in a folder that others cannot enter', async () => {
    const { folder, path } = await servedNames();
    expect(fs.statSync(path).mode & 0o777).to.equal(0o660);
    expect(fs.statSync(folder).mode & 0o777).to.equal(0o750);
  });

  for (const [what, spoil] of Object.entries(WRONG_FOLDERS))
    it(`is not served in a folder that ${what}, and says so`, async function () {
      needsRoot(this);
      const { folder, path, server, errors } = await servedNames();
      const why = spoil(folder);
      await waitFor('the reason', () => server.error() !== null);
      expect(server.shown().listeningSince).to.equal(null);
      expect(errors.at(-1)).to.contain(`${folder} ${why}: remove it`);
      fs.rmSync(folder, { recursive: true });
      await waitFor('the socket', () => server.error() === null && fs.existsSync(path));
      expect(errors.at(-1)).to.equal(null);
    });

  for (const [what, spoil] of Object.entries(WRONG_SOCKETS))
    it(`does not replace ${what} in its place, and says so`, async function () {
      needsRoot(this);
      const { path, server, errors } = await servedNames();
      const why = spoil(path);
      await waitFor('the reason', () => server.error() !== null);
      expect(errors.at(-1)).to.contain(`${path} ${why}: remove it`);
      fs.rmSync(path);
      await waitFor('the socket', () => server.error() === null && fs.existsSync(path));
      expect(fs.statSync(path).uid).to.equal(process.geteuid?.());
    });
});
