import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { NameKeeper } from '../../src/agent/name-keeper.ts';
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
