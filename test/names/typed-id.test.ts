import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { Names } from '../../src/model/names.ts';
import { escapedFrom, whoseId, whoseProcess, type Whose } from '../../src/names/typed-id.ts';
import { BILLING, cgroupAt, container, namesOf, SHOP } from './named-containers.ts';

/** The container that was found and what names it; else why none was. */
const answer = (found: Whose): string =>
  found.kind === 'named' ? `${found.container.handle} by ${found.by}` : found.kind;
const whose = (names: Names, id: string): string => answer(whoseId(names, id));

describe('an id that a person typed', () => {
  const names = namesOf(
    container(BILLING, {
      app: 'billing',
      appId: 'guid-of-billing',
      index: 0,
      cgroups: [cgroupAt(`/garden/${BILLING}`, { inode: 4711 })],
    }),
    container(SHOP, { app: 'team/shop', index: 1 }),
  );

  it('is app/index, with the name or the guid of the app, even if the name has a slash', () => {
    expect(whose(names, 'billing/0')).to.equal(`${BILLING} by app`);
    expect(whose(names, 'guid-of-billing/0')).to.equal(`${BILLING} by app`);
    expect(whose(names, 'team/shop/1')).to.equal(`${SHOP} by app`);
    expect(whose(names, 'billing/1')).to.equal('not-found');
  });

  it('is app/index of the instance that runs, or of one that has ended', () => {
    const ended = container('old', { app: 'shop', index: 0, ended: 1 });
    const older = container('older', { app: 'shop', index: 0, ended: 1 });
    const running = container('new', { app: 'shop', index: 0 });
    expect(whose(namesOf(running, ended, older), 'shop/0')).to.equal('new by app');
    expect(whose(namesOf(ended), 'shop/0')).to.equal('old by app');
    expect(whose(namesOf(ended, older), 'shop/0')).to.equal('ambiguous');
  });

  it('is what a sensor makes of a handle rather than app/index', () => {
    const app = container('x', { app: 'good', index: 4790001 });
    const handle = '4790001f-1774-4e0a-5d3b-9f21';
    expect(whose(namesOf(container(handle), app), 'good/4790001')).to.equal(`${handle} by id`);
  });

  it('is app/index rather than too little of a handle', () => {
    const app = container('x', { app: 'good', index: 4 });
    expect(whose(namesOf(container(BILLING), app), 'good/4')).to.equal('x by app');
    expect(whose(namesOf(container(BILLING)), 'good/4')).to.equal('too-short');
  });

  it('says what it is', () => {
    expect(whose(names, '479c5b59')).to.equal(`${BILLING} by id`);
    expect(whose(names, 'cgroup:4711')).to.equal(`${BILLING} by cgroup`);
    expect(whose(names, `/garden/${BILLING}/init`)).to.equal(`${BILLING} by cgroup`);
  });

  it('may be the handle of a container that has gone, whatever text it is', () => {
    for (const id of [
      'foo',
      '-1',
      '<NA>',
      'container_id=479c5b59-177',
      'cgroup:x',
      'é'.repeat(127),
    ])
      expect(whose(names, id), id).to.equal('not-found');
    expect(whose({ ...names, wasRead: false }, 'foo')).to.equal('unread');
  });

  it('is not an id if no handle, path or app/index looks like it', () => {
    const impossible = ['a/b', 'good/a/b', 'billing/', 'é'.repeat(128), BILLING.padEnd(5000, '/x')];
    for (const id of impossible) {
      expect(whose(names, id), id).to.equal('no-id');
      expect(whose({ ...names, wasRead: false }, id), id).to.equal('no-id');
    }
  });
});

describe('a process that a person asks for', () => {
  const names = namesOf(
    container(BILLING, { cgroups: [cgroupAt(`/garden/${BILLING}`)] }),
    container(SHOP, { cgroups: [cgroupAt(`/garden/${SHOP}`)] }),
  );
  const whoseAt = (path: string, ...handles: readonly string[]): string =>
    answer(whoseProcess(names, { v2: asByteString(path) }, new Set(handles)));

  it('is named by a finding if it is outside all cgroups of containers', () => {
    expect(whoseAt('/cron.service', BILLING)).to.equal(`${BILLING} by finding`);
    expect(whoseAt('/cron.service')).to.equal('not-found');
  });

  it('is named by its cgroup if no finding names another container', () => {
    expect(whoseAt(`/garden/${BILLING}/init`)).to.equal(`${BILLING} by cgroup`);
    expect(whoseAt(`/garden/${BILLING}/init`, BILLING)).to.equal(`${BILLING} by cgroup`);
  });

  it('may be of either if it left one container for the cgroup of another', () => {
    expect(whoseAt(`/garden/${SHOP}`, BILLING)).to.equal('ambiguous');
  });
});

describe('a finding of escaped processes', () => {
  const startedAt = '2026-03-02T10:21:00.000Z';
  const process = { pid: 141, parentPid: 1, uid: 0, startedAt, ended: false, command: 'sh' };
  const escaped = { handle: BILLING, explanation: 'escaped', processes: [process] } as const;
  const namesProcess = (pid: number, start: string): boolean =>
    escapedFrom([escaped], { pid, startedAt: start }).has(BILLING);

  it('names a process with the same pid and start, as far as the clock allows', () => {
    expect(namesProcess(141, startedAt)).to.equal(true);
    expect(namesProcess(141, '2026-03-02T10:21:02.000Z')).to.equal(true);
  });

  it('names no other process, nor one that was given the pid since', () => {
    expect(namesProcess(142, startedAt)).to.equal(false);
    expect(namesProcess(141, '2026-03-02T10:21:03.000Z')).to.equal(false);
  });

  it('is the only finding whose processes it names', () => {
    const others = [{ ...escaped, explanation: 'stuck' as const }];
    expect(escapedFrom(others, process).size).to.equal(0);
  });
});
