import { expect } from 'chai';
import { verdictSentence } from '../../src/present/verdict-sentence.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { A, B, G, outcome, reportAfter, type CellText } from './cell-builder.ts';

const sentencesOf = (cells: readonly CellText[]): readonly string[] =>
  reportAfter(cells, 60_000).report.cell.warnings.map(warningSentence);

describe('a container that somebody made through the socket of Garden', () => {
  /** Measured beside a real Diego: a client that gives no properties leaves these two. */
  const OF_GARDEN = { 'garden.state': 'created', 'garden.network.host-ip': '10.254.0.1' };
  const made: CellText = {
    trees: { memory: `${G}: 100\n${G}/garden/${A}: 200` },
    listed: [A],
    properties: { [A]: OF_GARDEN },
  };

  it('never had an owner: it is tracked, and a warning of the cell', () => {
    const { report } = reportAfter([made, { ...made, at: 600_000 }], 60_000);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(report.containers[0]?.kind).to.equal('other');
    expect(report.cell.warnings.map(warningSentence)).to.deep.equal([
      `1 container was made through Garden's socket without an owner; Diego does not know it, and never removes it: ${A}.`,
    ]);
    expect(verdictSentence(report)).to.equal(
      'The container that Garden lists runs, and no other container runs. Warning: 1 container has no owner.',
    );
  });

  it('counts with all others of its kind', () => {
    const two: CellText = {
      trees: { memory: `${G}: 100\n${G}/garden/${A}: 200\n${G}/garden/${B}: 300` },
      listed: [B, A],
      properties: { [A]: OF_GARDEN, [B]: OF_GARDEN },
    };
    expect(sentencesOf([two])).to.deep.equal([
      `2 containers were made through Garden's socket without an owner; Diego does not know them, and never removes them: ${A} and others.`,
    ]);
  });

  it('is not one until Garden calls it created, and not one with any other property', () => {
    const { 'garden.state': _, ...ofNetwork } = OF_GARDEN;
    expect(sentencesOf([{ ...made, properties: { [A]: ofNetwork } }])).to.deep.equal([]);
    const ofClient = { ...OF_GARDEN, concourse: 'worker' };
    expect(sentencesOf([{ ...made, properties: { [A]: ofClient } }])).to.deep.equal([]);
  });

  it('is not one that lost its properties: then Garden has none at all', () => {
    const lost = { ...made, properties: { [A]: null } };
    expect(outcome(reportAfter([lost, { ...lost, at: 60_000 }], 60_000).report)).to.deep.equal([
      `${A} untracked unowned`,
    ]);
  });
});
