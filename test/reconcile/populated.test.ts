import { expect } from 'chai';
import { containerSentence } from '../../src/present/sentence.ts';
import { A, B, G, firstOf, outcome, reportAfter, type CellText } from './cell-builder.ts';
import { expectAsked, expectRows } from './cell-rows.ts';

const OWN = `/garden/${A}`;
const INIT = `${OWN}/init`;

/** A has empty cgroups, and what `cgroup.events` says of them. */
const emptied = (
  populated: Readonly<Record<string, number | null>>,
  more: Partial<CellText> = {},
): CellText => ({
  trees: { v2: `${G}: 100\n${INIT}:\n/garden/${B}: 300` },
  listed: [A, B],
  numbers: Object.fromEntries(
    Object.entries(populated).map(([path, value]) => [path, `cgroup.events=${value}`]),
  ),
  ...more,
});

const outcomeOf = (cell: CellText): string | undefined =>
  outcome(reportAfter([cell, { ...cell, at: 30_000 }], 30_000).report).find((one) =>
    one.startsWith(A),
  );
const UNDECIDED = `${A} pending`;

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

  it('is undecided as long as one is populated, and the others are compared', () => {
    const cell = emptied({ [OWN]: 1, [INIT]: 1 });
    const { report } = reportAfter([cell, { ...cell, at: 30_000 }], 30_000);
    expect(outcome(report)).to.deep.equal([UNDECIDED, `${B} tracked`]);
    expect(report.unknownCause).to.equal(null);
    expect(containerSentence(firstOf(report))).to.equal(
      'Not decided in this pass: its cgroup lists no process, but one may still be exiting there ' +
        '(cgroup.events).',
    );
  });

  const empty = '/garden/A/init:, /garden/B: 300; lists A B';
  const pea = '/garden/A/init:, /garden/A/A-envoy: 400';
  const is = (own: string, init: string, envoy = ''): string =>
    Object.entries({ '': own, '/init': init, '/A-envoy': envoy })
      .filter(([, value]) => value !== '')
      .map(([at, value]) => `number /garden/A${at} cgroup.events=${value}`)
      .join('; ');
  const privileged = '/garden/bad/A:, /system.slice/A:; number /garden/bad/A cgroup.events=0';
  expectRows(
    `
is no-cgroup if none is populated | ${empty}; ${is('0', '0')} > same | A untracked no-cgroup warning (0), B tracked (1)
is undecided if a file of it cannot be read | ${empty}; ${is('null', '0')} > same | A pending (0) because its cgroup lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
is undecided if the file of its leaf cannot be read | ${empty}; ${is('0', 'null')} > same | A pending (0) because its cgroup lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
is no-cgroup in a capture that does not have the files | ${empty} > same | A untracked no-cgroup warning (0), B tracked (1)
is no-cgroup if only its pea populates it | ${pea}; ${is('1', '0', '1')} > same | A untracked no-cgroup warning (0) with A-envoy
is undecided if its leaf is populated beside a pea | ${pea}; ${is('1', '1', '1')} > same | A pending (0) with A-envoy because its cgroup lists no process, but one may still be exiting there (cgroup.events)
is undecided if something else than leaf and pea populates it | ${pea}; ${is('1', '0', '0')} > same | A pending (0) with A-envoy because its cgroup lists no process, but one may still be exiting there (cgroup.events)
is undecided where a privileged one is populated beside an empty directory for throttling | ${privileged}; number /system.slice/A cgroup.events=1 > same | A pending (0) at /garden/bad/A because its cgroup lists no process, but one may still be exiting there (cgroup.events)
stays a finding that was reported before | ${empty}; ${is('0', '0')} > same > ${empty}; ${is('1', '1')} | A untracked no-cgroup warning (0) because its cgroup lists no process, but one may still be exiting there (cgroup.events), B tracked (1)
`,
    30_000,
    'v2',
  );

  it('has still escaped if a process of it is outside', () => {
    const suspects = [
      { pid: 200, cgroups: { v2: '/' }, image: `/store/unprivileged/images/${A}`, parentPid: 1 },
    ];
    const cell = emptied({ [OWN]: 1, [INIT]: 1 }, { suspects });
    expect(outcomeOf(cell)).to.equal(`${A} untracked escaped`);
  });
});
