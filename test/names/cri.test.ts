import { expect } from 'chai';
import type { ContainerName } from '../../src/model/names.ts';
import {
  answeredNames,
  askedForm,
  containerMessage,
  containerStatusAnswer,
  createdEvent,
  listedContainers,
  lookUpAsked,
  podSandboxStatus,
} from '../../src/names/cri.ts';
import { BILLING, cgroupAt, container, namesOf, SHOP } from './named-containers.ts';

const shop = container(SHOP, {
  app: 'shop',
  appId: 'e3c1f2a0-0000-4000-8000-000000000001',
  index: 3,
  org: 'acme',
  orgId: 'o-1',
  space: 'prod',
  spaceId: 's-1',
  processType: 'web',
});

const statusOf = (one: ContainerName) =>
  containerStatusAnswer({ container: one, id: one.handle }, true);

/** The id under which the shop is answered if this one was asked for; null: it is not. */
function answeredIdFor(id: string): string | null {
  const found = lookUpAsked(namesOf(shop), id);
  return found.kind === 'named' ? askedForm(id, found).id : null;
}

describe('what a client of CRI is told about a container', () => {
  it('has the name of the app with its index, else that of the app, else the handle', () => {
    const nameOf = (one: ContainerName): string | undefined => statusOf(one).status?.metadata?.name;
    expect(nameOf(shop)).to.equal('shop/3');
    expect(nameOf({ ...shop, index: null })).to.equal('shop');
    expect(nameOf({ ...shop, app: null })).to.equal(SHOP);
    expect(nameOf({ ...shop, app: '' })).to.equal(SHOP);
  });

  it('has org and space as the namespace of its pod, else a dash', () => {
    const namespaceOf = (one: ContainerName): string | undefined =>
      podSandboxStatus(one).metadata?.namespace;
    expect(namespaceOf(shop)).to.equal('acme/prod');
    expect(namespaceOf({ ...shop, space: null })).to.equal('-');
  });

  it('leaves nothing empty for which the client refuses the answer', () => {
    const nameless = container(BILLING);
    const { status } = statusOf(nameless);
    expect(status).to.deep.include({ image: { image: 'unknown' }, imageRef: 'unknown' });
    expect(status?.createdAt).to.equal(nameless.since * 1e6);
    const pod = podSandboxStatus(nameless);
    expect(pod.metadata).to.deep.equal({ name: BILLING, uid: BILLING, namespace: '-' });
    expect(pod).to.deep.include({ linux: { namespaces: { options: {} } }, network: { ip: '' } });
  });

  it('has labels of the app, the space and the org, each of at most 100 bytes', () => {
    const labels = containerMessage({ container: shop, id: SHOP }).labels;
    expect(labels).to.deep.equal({
      app_id: 'e3c1f2a0-0000-4000-8000-000000000001',
      app_name: 'shop',
      space_id: 's-1',
      space_name: 'prod',
      organization_id: 'o-1',
      organization_name: 'acme',
      process_type: 'web',
      instance_index: '3',
      kind: 'app-instance',
    });
    const long = { ...shop, app: 'ü'.repeat(200) };
    const { app_name: name = '' } = containerMessage({ container: long, id: SHOP }).labels;
    expect(Buffer.byteLength(name)).to.equal(100);
  });

  it('has no control characters, nor halves of a character that would spoil the whole answer', () => {
    const hostile = { ...shop, app: 'a\u001b[31m\ud800', org: 'b\nc', space: '\u202ed' };
    expect(JSON.stringify(statusOf(hostile))).to.contain(String.raw`a\\u{1b}[31m\\u{d800}/3`);
    expect(podSandboxStatus(hostile).metadata?.namespace).to.equal(String.raw`b\nc/\u{202e}d`);
  });

  it('says that it is privileged, or not, if that is known, and nothing else', () => {
    const infoOf = (isPrivileged: boolean | null) => statusOf({ ...shop, isPrivileged }).info;
    expect(infoOf(true)).to.deep.equal({ info: '{"privileged":true}' });
    expect(infoOf(false)).to.deep.equal({ info: '{"privileged":false}' });
    expect(infoOf(null)).to.deep.equal({});
  });

  it('comes with the whole pod when it is new', () => {
    expect(createdEvent({ container: shop, id: `good/${SHOP}` })).to.deep.equal({
      containerId: `good/${SHOP}`,
      containerEventType: 0,
      createdAt: shop.since * 1e6,
      podSandboxStatus: podSandboxStatus(shop),
    });
  });
});

describe('the id of a container in an answer', () => {
  it('has the form in which it was asked for', () => {
    expect(answeredIdFor('8a37cb6f-385')).to.equal(SHOP);
    expect(answeredIdFor('good/8a37cb6')).to.equal(`good/${SHOP}`);
    expect(answeredIdFor('bad/8a37cb6f')).to.equal(`bad/${SHOP}`);
    expect(answeredIdFor('garden/8a37c')).to.equal(`garden/${SHOP}`);
    expect(answeredIdFor(`good/${SHOP}`)).to.equal(`good/${SHOP}`);
  });

  it('is that of the pea which was asked for, where Falco takes the handle for a namespace', () => {
    const cgroups = [cgroupAt(`/${SHOP}/envoy-0a1b2c3d`, { pea: 'envoy-0a1b2c3d' })];
    const found = lookUpAsked(namesOf({ ...shop, cgroups }), 'envoy-0a1b2c');
    expect(found.kind === 'named' && askedForm('envoy-0a1b2c', found).id).to.equal(
      'envoy-0a1b2c3d',
    );
  });

  it('is in a list what Falco makes of its cgroup', () => {
    const throttled = { ...shop, cgroups: [cgroupAt(`/garden/good/${SHOP}`)] };
    const idsOf = (one: ContainerName) => listedContainers(namesOf(one)).map(({ id }) => id);
    expect(idsOf(shop)).to.deep.equal([SHOP]);
    expect(idsOf(throttled)).to.deep.equal([`good/${SHOP}`]);
  });

  it('is never a path of a cgroup, nor its number', () => {
    const cgroups = [cgroupAt(`/garden/${SHOP}`, { inode: 4711 })];
    const names = namesOf({ ...shop, cgroups });
    expect(lookUpAsked(names, `/garden/${SHOP}`).kind).to.equal('not-found');
    expect(lookUpAsked(names, 'cgroup:4711').kind).to.equal('not-found');
  });
});

describe('a container that has ended', () => {
  const ended = { ...shop, ended: shop.since + 1000 };
  const afterMinutes = (minutes: number) =>
    answeredNames(namesOf(ended), ended.ended + minutes * 60_000).containers;

  it('is answered for 10 minutes, as one that has ended', () => {
    expect(afterMinutes(9)).to.deep.equal([ended]);
    expect(afterMinutes(10)).to.deep.equal([]);
    expect(statusOf(ended).status).to.include({ state: 2, finishedAt: ended.ended * 1e6 });
  });

  it('is in no list without a filter', () => {
    expect(listedContainers(namesOf(ended))).to.deep.equal([]);
  });
});
