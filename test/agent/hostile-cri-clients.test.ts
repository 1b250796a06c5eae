import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { atEndOfTest } from '../at-end-of-test.ts';
import { CriClient, statusOf } from '../cri-client.ts';
import { callOf, endOf, framed, sessionOn } from '../cri-session.ts';
import { container, SHOP } from '../names/named-containers.ts';
import { waitFor } from '../wait-for.ts';
import { servedNames } from './served-names.ts';

async function expectStillNamed({ path }: { readonly path: string }): Promise<void> {
  const { containers } = await new CriClient(path).ask('ListContainers', { filter: { id: SHOP } });
  expect(containers).to.have.length(1);
}

describe("a hostile client of the names' socket", () => {
  it('cannot send a message of more than 64 KiB', async () => {
    const served = await servedNames(container(SHOP));
    const filter = { id: 'x'.repeat(1024 * 1024) };
    expect(await statusOf(new CriClient(served.path).ask('ListContainers', { filter }))).to.equal(
      status.RESOURCE_EXHAUSTED,
    );
    await expectStillNamed(served);
  });

  it('cannot ask for an id of more than 128 bytes', async () => {
    const { client, calls } = await servedNames(container(SHOP));
    const container_id = 'x'.repeat(129);
    expect(await statusOf(client.ask('ContainerStatus', { container_id }))).to.equal(
      status.INVALID_ARGUMENT,
    );
    expect(await statusOf(client.ask('ListContainers', { filter: { id: container_id } }))).to.equal(
      status.INVALID_ARGUMENT,
    );
    expect(calls.asked()).to.deep.equal([]);
  });

  it('gets an error for what is not a message, for one that is cut short, and for many in one', async () => {
    const served = await servedNames(container(SHOP));
    const session = await sessionOn(served.path);
    const wrong = callOf(session);
    wrong.end(framed(Buffer.from('ffffffff', 'hex')));
    expect(await endOf(wrong)).to.equal(status.INVALID_ARGUMENT);
    const nested = callOf(session);
    nested.end(framed(Buffer.alloc(60_000, 0x0b)));
    expect(await endOf(nested)).to.equal(status.INVALID_ARGUMENT);
    const short = callOf(session);
    short.end(framed(Buffer.alloc(3), 60_000));
    expect(await endOf(short)).to.not.equal(status.OK);
    const many = callOf(session);
    many.end(Buffer.concat(Array.from({ length: 10_000 }, () => framed(Buffer.alloc(0)))));
    expect(await endOf(many)).to.not.equal(status.OK);
    await expectStillNamed(served);
  });

  it('can reset its calls and its connection at any moment', async () => {
    const served = await servedNames(container(SHOP));
    for (let round = 0; round < 5; round++) {
      const session = await sessionOn(served.path);
      for (let n = 0; n < 30; n++) {
        const call = callOf(session);
        call.write(framed(Buffer.alloc(0)));
        if (n % 2 === 0) call.close(http2.constants.NGHTTP2_CANCEL);
        else call.end();
      }
      await sleep(5);
      session.destroy();
    }
    const raw = net.connect(served.path);
    raw.on('error', () => undefined).resume();
    raw.write('GET / HTTP/1.1\r\n\r\n');
    await once(raw, 'close');
    await expectStillNamed(served);
  });

  it('takes at most 8 sessions of the server, of which none is closed for another', async () => {
    const served = await servedNames(container(SHOP));
    const { seen } = served.client.events();
    await served.client.ask('Version');
    const others = Array.from({ length: 200 }, () => net.connect(served.path));
    atEndOfTest(() => others.forEach((socket) => socket.destroy()));
    for (const socket of others) socket.on('error', () => undefined);
    await waitFor(
      'the end of the others',
      () => others.filter(({ closed }) => closed).length >= 193,
    );
    expect(others.filter(({ closed }) => !closed)).to.have.length.at.most(7);
    await served.client.ask('ListContainers', { filter: { id: SHOP } });
    expect(seen).to.deep.equal([]);
  });

  it('cannot keep a place without a word', async () => {
    const { path } = await servedNames(container(SHOP));
    const silent = net.connect(path);
    silent.on('error', () => undefined).resume();
    await once(silent, 'close');
  });

  it('has at most 32 calls at a time in a session', async () => {
    const { path } = await servedNames(container(SHOP));
    const session = await sessionOn(path);
    expect(session.remoteSettings.maxConcurrentStreams).to.equal(32);
  });

  it('makes Garden be asked once for each id that nobody has, however often it comes', async () => {
    const { path, asked } = await servedNames(container(SHOP));
    const client = new CriClient(path);
    const ids = Array.from({ length: 100 }, (_, n) => `random ${n}`);
    await Promise.all(ids.map((id) => client.ask('ListContainers', { filter: { id } })));
    await Promise.all(ids.map((id) => client.ask('ListContainers', { filter: { id } })));
    expect(asked).to.have.length(100);
  });
});
