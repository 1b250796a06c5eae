import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { NameKeeper } from '../../src/agent/name-keeper.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { waitFor } from '../wait-for.ts';
import { BILLING, SHOP } from '../names/named-containers.ts';

const APP = { properties: {}, kind: 'app-instance', app: null, owner: 'present' } as const;

/** A Garden that lists one container more each time it is asked. */
function keeper() {
  const listed = [BILLING, SHOP].values();
  const asked: string[][] = [];
  const changes: string[][] = [];
  const probe = {
    now: () => ({
      wall: new Date().toISOString(),
      monotonicMilliseconds: performance.now(),
    }),
    namingFacts: () => new Map(),
    newInGarden: (known: ReadonlySet<string>) => {
      asked.push([...known]);
      const { value } = listed.next();
      return Promise.resolve(new Map(value === undefined ? [] : [[asHandle(value), APP]]));
    },
  };
  const names = new NameKeeper(probe, ({ containers }) => {
    changes.push(containers.map(({ handle }) => handle));
  });
  return { names, asked, changes };
}

describe('the names that an agent keeps', () => {
  it('ask Garden once for all that wait, and not again within a second', async () => {
    const { names, asked, changes } = keeper();
    const start = performance.now();
    await Promise.all([names.refresh(), names.refresh(), names.refresh()]);
    expect(asked).to.deep.equal([[]]);
    await names.refresh();
    expect(performance.now() - start).to.be.at.least(990);
    expect(asked).to.deep.equal([[], [BILLING]]);
    expect(changes).to.deep.equal([[BILLING], [BILLING, SHOP]]);
  });

  it('ask Garden at once after a change, and for many changes once in four seconds', async () => {
    const { names, asked } = keeper();
    atEndOfTest(() => names.close());
    const start = performance.now();
    names.containersChanged();
    await waitFor('a question', () => asked.length === 1);
    for (let n = 0; n < 5; n++) names.containersChanged();
    await waitFor('another question', () => asked.length === 2);
    expect(performance.now() - start).to.be.at.least(3990);
  });

  it('do not wait for that where somebody asks', async () => {
    const { names, asked } = keeper();
    atEndOfTest(() => names.close());
    names.containersChanged();
    await waitFor('a question', () => asked.length === 1);
    names.containersChanged();
    await names.refresh();
    expect(asked).to.have.length(2);
  });

  it('do not change if Garden lists nothing new', async () => {
    const { names, changes } = keeper();
    await names.refresh();
    await names.refresh();
    await names.refresh();
    expect(changes).to.have.length(2);
  });

  it('were not read until a pass has ended, nor after one that failed', () => {
    const { names } = keeper();
    expect(names.names().wasRead).to.equal(false);
    names.passEnded(null);
    expect(names.names().wasRead).to.equal(false);
  });
});
