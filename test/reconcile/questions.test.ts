import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { A, G, passWith, reportAfter, type CellText } from './cell-builder.ts';

describe('what to read about a partial container that Garden no longer lists', () => {
  const partial: CellText = {
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200`, cpu: `${G}/garden:` },
    listed: [A],
    gdn: [{ cgroups: { memory: G, cpu: G } }],
    memberships: { 200: { memory: `${G}/garden/${A}`, cpu: '/' } },
  };
  const scansToAsk = (memory: Memory): readonly string[] => {
    const unlisted: CellText = { ...partial, listed: [] };
    const { scans } = questionsOf(passWith(unlisted, memory, { scans: new Map() }));
    return scans.map(({ controller }) => controller);
  };

  it('is the hierarchy that it was missing in, where that was reported', () => {
    const { memory } = reportAfter([partial, { ...partial, at: 2000 }], 2000);
    expect(scansToAsk(memory)).to.include('cpu');
  });

  it('is no further hierarchy where nothing was reported', () => {
    expect(scansToAsk(EMPTY_MEMORY)).to.deep.equal(['memory']);
    expect(scansToAsk(reportAfter([partial], 2000).memory)).to.deep.equal(['memory']);
  });
});

describe('whose properties to ask for when their owners were seen before', () => {
  const known: CellText = { trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` }, listed: [A] };
  const { memory } = reportAfter([known]);
  const asked = (created: CellText['created']): readonly string[] => {
    const cell: CellText = created === undefined ? known : { ...known, created };
    return questionsOf(passWith(cell, memory, { properties: new Map() })).properties;
  };

  it('is only of those that Garden no longer calls created', () => {
    expect(asked([A])).to.deep.equal([]);
    expect(asked([])).to.deep.equal([A]);
  });

  it('is all if the list of created containers fails', () => {
    expect(asked(null)).to.deep.equal([A]);
  });
});
