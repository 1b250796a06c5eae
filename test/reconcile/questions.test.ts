import { expect } from 'chai';
import { app, cell, created, GARDEN, lose, withoutCreatedList, type Cell } from './cell.ts';
import { questions, questionsFor } from './shown.ts';

const billing = app('billing');

describe('A pass reads, about a partial container that Garden no longer lists,', () => {
  const partial = cell({
    containers: [billing],
    hierarchies: { cpu: { [GARDEN]: [] } },
    memberships: { 200: { memory: billing.cgroup, cpu: '/' } },
  });
  const lost = { ...lose(partial, billing), open: ['walks'] };
  const hierarchiesRead = (...cells: readonly Cell[]): readonly string[] =>
    questionsFor(2, ...cells).walks.map(({ controller }) => controller);

  it('the hierarchy that it was missing in, where that was reported', () => {
    expect(hierarchiesRead(partial, partial, lost)).to.deep.equal(['cpu', 'memory']);
  });

  it('no further hierarchy where nothing was reported', () => {
    expect(hierarchiesRead(partial, lost)).to.deep.equal(['memory']);
  });

  it('no further hierarchy where it was never seen', () => {
    expect(hierarchiesRead(lost)).to.deep.equal(['memory']);
  });
});

describe('Where the owner of a container was seen before, a pass asks for the properties', () => {
  const running = cell({ containers: [billing] });
  const unasked = { ...running, open: ['properties'] };
  const askedOf = (one: Cell) => questions(running, one).properties;

  it('of no container that Garden calls created', () => {
    expect(askedOf(unasked)).to.deep.equal([]);
  });

  it('of those that Garden no longer calls created', () => {
    expect(askedOf(created(unasked))).to.deep.equal([billing.handle]);
  });

  it('of all if the list of created containers fails', () => {
    expect(askedOf(withoutCreatedList(unasked))).to.deep.equal([billing.handle]);
  });
});
