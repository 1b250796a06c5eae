import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { NO_ANSWERS } from '../../src/model/questions.ts';
import {
  type UnlistedCgroup,
  unlistedAncestorsToAsk,
  unlistedPidsToAsk,
} from '../../src/reconcile/observe/unlisted-cgroups.ts';
import { G, P, cellWithA, outcome, passOf, process, reportAfter } from './cell-builder.ts';
import { expectRows, passAfter } from './cell-rows.ts';

const init = { pid: 300, comm: 'garden-init', namespacePids: [300, 1], parentPid: 290, realUid: 5 };
const POSSIBLE: UnlistedCgroup = {
  handle: asHandle(P),
  path: asByteString('/x'),
  inode: 7,
  pids: Array.from({ length: 20 }, (_, n) => 20 - n),
  peas: [],
  kind: 'unrecognised',
  unit: '/x',
  mayBeContainer: true,
  basis: null,
  isOwnerUnknown: false,
  isInGardenDirectory: false,
};
const { state } = passOf(cellWithA(''), EMPTY_MEMORY);
const OWNERSHIP = state.ownership ?? expect.fail('the cell has no hierarchy');

describe("an unlisted cgroup: a live one outside Garden's directories", () => {
  expectRows(`
counts if a containerd-shim of the namespace garden started its init | garden/A: 200, P: 300; init 300; from 300=shim:P | P untracked unknown-to-garden warning (1) privileged at P (garden-init) (containerd), A tracked (1)
is known by what its runtime called it, not by a name that it gave its cgroups | garden/A: 200, P/someone-else: 300; init 300; from 300=shim:P | P untracked unknown-to-garden warning (1) privileged at P (garden-init) (containerd), A tracked (1)
is part of a listed container that moved processes there | garden/A: 200, /moved/here: 300; init 300; from 300=shim:A | A tracked (1)
is not of Garden if a containerd-shim of another namespace started it | garden/A: 200, P: 300; init 300; from 300=shim:P:moby | A tracked (1), 1 unrecognised
is not of Garden if none of its helpers started it | garden/A: 200, P: 300; init 300; from 300=systemd:280 | A tracked (1), 1 unrecognised
counts once when some of its processes have moved elsewhere | garden/A: 200, garden/P: 299, /moved: 300; init 300; from 300=shim:P | P untracked unknown-to-garden critical (1), A tracked (1)
counts if its name is x-bpm-y | garden/A: 200, x-bpm-y: 300; init 300; from 300=shim:x-bpm-y | x-bpm-y untracked unknown-to-garden warning (1) privileged at x-bpm-y (garden-init) (containerd), A tracked (1)
counts if its name is web.service | garden/A: 200, web.service: 300; init 300; from 300=shim:web.service | web.service untracked unknown-to-garden warning (1) privileged at web.service (garden-init) (containerd), A tracked (1)
counts if its name is garden-x | garden/A: 200, garden-x: 300; init 300; from 300=shim:garden-x | garden-x untracked unknown-to-garden warning (1) privileged at garden-x (garden-init) (containerd), A tracked (1)
counts in garden/good if Garden listed it before | garden/A: 200, garden/good: 300; lists A good > same; lists A | good untracked unknown-to-garden critical (1) privileged, A tracked (1)
counts in garden-x if Garden listed it before | garden/A: 200, garden-x: 300; lists A garden-x > same; lists A | garden-x untracked unknown-to-garden critical (1) privileged at garden-x, A tracked (1)
is a system service although a client chose its name as a handle | garden/A: 200, /system.slice/cron.service: 6; images 6=; lists A cron.service > same; lists A | A tracked (1), 1 systemd
has peas beside it and cgroups below it as parts | garden/A: 200, P: 300, P-envoy: 301, P/docker/x: 302; init 300; from 300=shim:P 301=shim:P 302=shim:P | P untracked unknown-to-garden warning (1) privileged at P with P-envoy (garden-init) (containerd), A tracked (1)
is bpm's, docker's, systemd's or not recognised, and none of these is reported | garden/A: 200, /system.slice/monit.service/bpm-rep: 1, /system.slice/runc-bpm-route_emitter.scope: 2, /system.slice/monit-service-bpm-bpm-loggr-agent.scope: 3, /docker/ID: 4, /system.slice/docker-ID.scope/init: 5, /system.slice/cron.service: 6, /user.slice/user-0.slice/session-1.scope: 7, /something: 8 | A tracked (1), 3 bpm, 2 docker, 2 systemd, 1 unrecognised
leaves the cell unknown if gdn's cgroup cannot be read | garden/A: 200; unreadable /system.slice/garden.service | unknown: unreadable /system.slice/garden.service, 1 seen
leaves the cell unknown if the root cannot be read | garden/A: 200; unreadable / | unknown: unreadable /, 1 seen
is systemd's in a container of somebody else | garden/A: 200, /lxc.payload.c0/system.slice/x.service: 1000 | A tracked (1), 1 systemd
is not needed in a unit that cannot be read | garden/A: 200, /system.slice/cron.service: 6; unreadable /system.slice/cron.service | A tracked (1), 1 systemd
is in a Garden directory, which may have a tag | garden-ab/A: 200, garden-ab/P: 300 | P untracked unknown-to-garden critical (1) at garden-ab/P, A tracked (1) at garden-ab/A
counts where a container of another gdn has put an older process | garden/A: 200, P: 250 300, /x: 150; other-gdn 150=/x; init 250 300; from 250=shim:B+gdn:150 300=shim:P+gdn:100 | P untracked unknown-to-garden critical (2) privileged at P (containerd), A tracked (1), 1 unrecognised
is another gdn's where its helper is | garden/A: 200, /y: 300, /x: 150; other-gdn 150=/x; init 300; from 300=shim:P+gdn:150 | A tracked (1), 1 other-garden, 1 unrecognised
is not the cgroup of a listed container that moved all its processes there | garden/A: 200, /moved/here: 300; lists A B; init 300; from 300=shim:B | B pending no-cgroup warning (0), A tracked (1)
is docker's beside gdn's own cgroup, where only v2 has containers | garden/A: 200, /system.slice/P/docker/ID: 300; init 300; from 300=shim:P | A tracked (1), 1 docker
has the processes of all its cgroups | garden/A: 200, P/a: 300, P/b: 301; init 300 301; from 300=shim:P 301=shim:P | P untracked unknown-to-garden critical (2) privileged at P (containerd), A tracked (1)
is not alive because a pea below it still runs | garden/A: 200, P: 300, P/P-envoy: 301; lists A P > garden/A: 200, P:, P/P-envoy: 301 | A tracked (1), 1 unrecognised
`);

  expectRows(
    `
is not alive because a pea below it still runs | garden/A: 200, /system.slice/P: 300, /system.slice/P/P-envoy: 301; lists A P > garden/A: 200, /system.slice/P:, /system.slice/P/P-envoy: 301 | A tracked (1), 1 unrecognised
is docker's below a unit beside gdn | garden/A: 200, /system.slice/cron.service/docker/ID: 300; init 300; from 300=shim:P | A tracked (1), 1 docker
is docker's where it is not beside gdn | garden/A: 200, /other/docker/ID: 300; init 300; from 300=shim:P | A tracked (1), 1 docker
is in containerd's leaf of v2 | garden/A: 200, /system.slice/P:, /system.slice/P/init: 300; init 300; from 300=shim:P | P untracked unknown-to-garden warning (1) privileged at /system.slice/P (garden-init) (containerd), A tracked (1)
leaves the cell unknown if /system.slice cannot be read | garden/A: 200; unreadable /system.slice | unknown: unreadable /system.slice, 1 seen
`,
    0,
    'v2',
  );

  for (const [at, primary] of [
    ['P', 'memory'],
    ['/system.slice/P', 'v2'],
  ] as const)
    for (const below of ['init.scope', 'bpm-x', 'docker/ID', 'plain'])
      expectRows(
        `
counts in ${below} below its own cgroup | garden/A: 200, ${at}:, ${at}/${below}: 300; init 300; from 300=shim:P | P untracked unknown-to-garden warning (1) privileged at ${at} (garden-init) (containerd), A tracked (1)
counts in ${below} if Garden listed it before | garden/A: 200, ${at}: 300; lists A P > garden/A: 200, ${at}:, ${at}/${below}: 300 | P untracked unknown-to-garden critical (1) privileged at ${at}, A tracked (1)
`,
        0,
        primary,
      );

  const rest = 'garden/B: 301, garden/good/A: 200';
  expectRows(`
counts if only a process that joined it later descends from dadoo (runc mode) | garden/A: 200, P: 300 301; processes 300/1=garden-init 301/7=sh; from 300= 301=dadoo:P:/depot | P untracked unknown-to-garden critical (2) privileged at P (runc), A tracked (1)
counts where a listed container has put an older process | garden/A: 200, P: 250 300; processes 250/9=sh 300/1=garden-init; from 250=shim:A 300=shim:P | P untracked unknown-to-garden critical (2) privileged at P (containerd), A tracked (1)
does not hide others in garden when Garden has lost all | garden: 300, ${rest}; lists -; init 300; from 300=shim:P | A untracked unknown-to-garden critical (1) at garden/good/A, B untracked unknown-to-garden critical (1), P untracked unknown-to-garden warning (1) privileged at garden (garden-init) (containerd)
does not hide others in garden/good when Garden has lost all | garden/good: 300, ${rest}; lists -; init 300; from 300=shim:P | A untracked unknown-to-garden critical (1) at garden/good/A, B untracked unknown-to-garden critical (1), P untracked unknown-to-garden warning (1) privileged at garden/good (garden-init) (containerd)
does not hide others if it is called like gdn's cgroup | x: 300, ${rest}; lists -; init 300; from 300=shim:garden.service | A untracked unknown-to-garden critical (1) at garden/good/A, B untracked unknown-to-garden critical (1), garden.service untracked unknown-to-garden warning (1) privileged at x (garden-init) (containerd)
does not hide others if it is called good and Garden listed it before | garden/good: 300, ${rest}; lists good A B; init 300 > same; lists - | A untracked unknown-to-garden critical (1) at garden/good/A, B untracked unknown-to-garden critical (1), good untracked unknown-to-garden warning (1) privileged (garden-init) (runc)
does not hide others if it is called garden and Garden listed it before | garden: 300, ${rest}; lists garden A B; init 300 > same; lists - | A untracked unknown-to-garden critical (1) at garden/good/A, B untracked unknown-to-garden critical (1), garden untracked unknown-to-garden warning (1) privileged at garden (garden-init) (runc)
`);

  for (const at of ['garden', 'garden/good'])
    it(`holds nothing of others beside its own: ${at}`, () => {
      const cell = `${at}: 300, ${rest}; lists -; init 300; from 300=shim:P`;
      const { held } = passAfter(`${cell}; number garden memory.usage_in_bytes=7`, 0).report;
      expect(held).to.deep.equal({ memoryBytes: null, pids: 3 });
    });

  it('has its processes read if it may be a container: of few siblings first, and of many fewer', () => {
    const at = (path: string, change: Partial<UnlistedCgroup> = {}): UnlistedCgroup => ({
      ...POSSIBLE,
      path: asByteString(path),
      ...change,
    });
    const many = (count: number) => Array.from({ length: count }, (_, n) => at(`/unit/${n}`));
    expect(unlistedPidsToAsk([...many(2), at('/alone/x', { pids: [7] })])[0]).to.equal(7);
    expect(unlistedPidsToAsk(many(1))).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(unlistedPidsToAsk(many(400))).to.have.length(400 * 5);
    expect(unlistedPidsToAsk(many(3000))).to.have.length(2048);
    const others = [at('/x', { basis: 'ancestry' }), at('/x', { mayBeContainer: false })];
    expect(unlistedPidsToAsk(others)).to.deep.equal([]);
    const answers = {
      ...NO_ANSWERS,
      processes: new Map([
        [2, process(init)],
        [3, process({})],
      ]),
    };
    const facts = { ...OWNERSHIP, answers, gdn: null };
    expect(unlistedAncestorsToAsk(many(1), facts)).to.deep.equal([2]);
  });
});

describe('anchor: which process is gdn', () => {
  const one = 'garden/A: 200, garden/P: 300';
  expectRows(`
is not the older one that calls itself gdn in a container | ${one}; gdn 50#1@${G}/garden/A 100#900 | P untracked unknown-to-garden critical (1), A tracked (1)
is not the older one that calls itself gdn in a pid namespace | ${one}; gdn 50/3#1@/x 100#900 | P untracked unknown-to-garden critical (1), A tracked (1)
is not the older one that calls itself gdn elsewhere on the host | ${one}; gdn 50#1@/system.slice/x 100#900 | P untracked unknown-to-garden critical (1), A tracked (1)
is remembered while gdn does not run | garden/A: 200 > ${one}; no-gdn | P untracked unknown-to-garden critical (1), A tracked (1)
is found by a walk where nothing is remembered | ${one}; no-gdn | P untracked unknown-to-garden critical (1), A tracked (1)
`);

  it('is not the older one that calls itself gdn of an ordinary user', () => {
    const user = { pid: 50, startTicks: 1, realUid: 1000, cgroups: { memory: '/x' } };
    const gdn = [user, { pid: 100, startTicks: 900, cgroups: { memory: G } }];
    const { report } = reportAfter([cellWithA(`${G}/garden/${P}: 300`, { gdn })]);
    expect(report.cgroups.anchor).to.include({ pid: 100, source: 'process' });
    expect(outcome(report)).to.include(`${P} untracked unknown-to-garden`);
  });
});
