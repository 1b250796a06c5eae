import { expect } from 'chai';
import { isPlaced, type Filter } from './addon-filter.ts';
import { group } from './instance-groups.ts';
import { parse } from 'yaml';
import { rowsOf } from '../../test/rows.ts';

const GROUPS = [
  group('diego_cell', 'diego/rep', 'garden-runc/garden'),
  group('isolated_diego_cell', 'diego/rep', 'garden-runc/garden'),
  group('worker', 'garden-runc/garden'),
  group('smoke-tests', 'cf-smoke-tests/smoke_tests'),
  group('windows_diego_cell', 'diego/rep_windows'),
];
/** An add-on as YAML, and the instance groups where it is placed. */
const rows = `
no filter is everywhere | {} | diego_cell isolated_diego_cell worker smoke-tests windows_diego_cell
a job of a release | include: {jobs: [REP]} | diego_cell isolated_diego_cell
one of several jobs | include: {jobs: [REP, {name: garden, release: garden-runc}]} | diego_cell isolated_diego_cell worker
a stemcell | include: {stemcell: [{os: ubuntu-jammy}]} | diego_cell isolated_diego_cell worker smoke-tests
two kinds together | include: {jobs: [REP], instance_groups: [diego_cell, worker]} | diego_cell
an exclude | {include: {jobs: [REP]}, exclude: {instance_groups: [isolated_diego_cell]}} | diego_cell
an exclude of two kinds, of which no instance group has both | {include: {jobs: [REP]}, exclude: {lifecycle: errand, instance_groups: [isolated_diego_cell]}} | diego_cell isolated_diego_cell
the instance groups of a deployment | include: {jobs: [REP], deployments: [p-isolation-segment-1]} | isolated_diego_cell
an exclude without a kind | {include: {jobs: [REP]}, exclude: {instance_groups: []}} | diego_cell isolated_diego_cell
`.replaceAll('REP', '{name: rep, release: diego}');

describe("the Director's filter of add-ons", () => {
  for (const [title = '', addon = '', names] of rowsOf(rows))
    it(title, () => {
      const filters = parse(addon) as { readonly include?: Filter; readonly exclude?: Filter };
      const placed = GROUPS.filter((each) => isPlaced(filters, each)).map(({ name }) => name);
      expect(placed.join(' ')).to.equal(names);
    });
});
