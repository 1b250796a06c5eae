import { expectAsked, expectRows, expectSaid } from './cell-rows.ts';

describe('a listed container whose cgroups list no process', () => {
  expectAsked(
    `
is asked whether they are populated, and no other container is | /garden/A/init:, /garden/B: 300; lists A B | cgroupNumbers v2:/garden/A cgroup.events v2:/garden/A/init cgroup.events
`,
    0,
    'v2',
  );
  expectAsked(`
is not asked on v1, which has no such file | garden/A: | cgroupNumbers -
`);

  const empty = '/garden/A/init:, /garden/B: 300; lists A B';
  const pea = '/garden/A/init:, /garden/A/A-envoy: 400';
  const is = (own: string, init: string, envoy = ''): string =>
    Object.entries({ '': own, '/init': init, '/A-envoy': envoy })
      .filter(([, value]) => value !== '')
      .map(([at, value]) => `number /garden/A${at} cgroup.events=${value}`)
      .join('; ');
  const populated = `${empty}; ${is('1', '1')}`;
  const privileged = '/garden/bad/A:, /system.slice/A:; number /garden/bad/A cgroup.events=0';
  expectRows(
    `
is no-cgroup if none is populated | ${empty}; ${is('0', '0')} > same | A untracked no-cgroup warning (0), B tracked (1)
is undecided as long as one is populated, and the others are compared | ${populated} > same | A pending (0) because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
has still escaped if a process of it is outside | ${populated}; suspects 200 > same | A untracked escaped critical (0), B tracked (1)
is undecided if a file of it cannot be read | ${empty}; ${is('null', '0')} > same | A pending (0) because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
is undecided if the file of its leaf cannot be read | ${empty}; ${is('0', 'null')} > same | A pending (0) because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
is no-cgroup in a capture that does not have the files | ${empty} > same | A untracked no-cgroup warning (0), B tracked (1)
is no-cgroup if only its pea populates it | ${pea}; ${is('1', '0', '1')} > same | A untracked no-cgroup warning (0) with A-envoy
is undecided if its leaf is populated beside a pea | ${pea}; ${is('1', '1', '1')} > same | A pending (0) with A-envoy because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events)
is undecided if something else than leaf and pea populates it | ${pea}; ${is('1', '0', '0')} > same | A pending (0) with A-envoy because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events)
is undecided where a privileged one is populated beside an empty directory for throttling | ${privileged}; number /system.slice/A cgroup.events=1 > same | A pending (0) at /garden/bad/A because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events)
stays a finding that was reported before | ${empty}; ${is('0', '0')} > same > ${populated} | A untracked no-cgroup warning (0) because the cgroup of the container lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
`,
    30_000,
    'v2',
  );

  expectSaid(
    `
says so | ${populated} | Not decided in this pass: the cgroup of the container lists no process, but one may still be exiting there (cgroup.events).
`,
    30_000,
    'v2',
  );
});
