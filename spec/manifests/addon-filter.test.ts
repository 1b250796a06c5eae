import { expect } from 'chai';
import { isPlaced, type Filter } from './addon-filter.ts';
import { group } from './instance-groups.ts';

const GROUPS = [
  group('diego_cell', 'diego/rep', 'garden-runc/garden'),
  group('isolated_diego_cell', 'diego/rep', 'garden-runc/garden'),
  group('worker', 'garden-runc/garden'),
  group('smoke-tests', 'cf-smoke-tests/smoke_tests'),
  group('windows_diego_cell', 'diego/rep_windows'),
];
const REP = { jobs: [{ name: 'rep', release: 'diego' }] };
const CELLS = ['diego_cell', 'isolated_diego_cell'];

const rows: readonly (readonly [
  string,
  { readonly include?: Filter; readonly exclude?: Filter },
  readonly string[],
])[] = [
  ['no filter is everywhere', {}, GROUPS.map(({ name }) => name)],
  ['a job of a release', { include: REP }, CELLS],
  [
    'one of several jobs',
    { include: { jobs: [...REP.jobs, { name: 'garden', release: 'garden-runc' }] } },
    [...CELLS, 'worker'],
  ],
  [
    'a stemcell',
    { include: { stemcell: [{ os: 'ubuntu-jammy' }] } },
    [...CELLS, 'worker', 'smoke-tests'],
  ],
  [
    'two kinds together',
    { include: { ...REP, instance_groups: ['diego_cell', 'worker'] } },
    ['diego_cell'],
  ],
  [
    'an exclude',
    { include: REP, exclude: { instance_groups: ['isolated_diego_cell'] } },
    ['diego_cell'],
  ],
  [
    'an exclude of two kinds, of which no instance group has both',
    { include: REP, exclude: { lifecycle: 'errand', instance_groups: ['isolated_diego_cell'] } },
    CELLS,
  ],
  [
    'the instance groups of a deployment',
    { include: { ...REP, deployments: ['p-isolation-segment-1'] } },
    ['isolated_diego_cell'],
  ],
  ['an exclude without a kind', { include: REP, exclude: { instance_groups: [] } }, CELLS],
];

describe("the Director's filter of add-ons", () => {
  for (const [title, addon, names] of rows)
    it(title, () => {
      expect(GROUPS.filter((each) => isPlaced(addon, each)).map(({ name }) => name)).to.deep.equal(
        names,
      );
    });
});
