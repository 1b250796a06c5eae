import { expect } from 'chai';
import type { GardenAnswer } from '../../src/model/garden.ts';
import { asHandle } from '../../src/model/ids.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { parseGardenError, parseHandles, parseProperties } from '../../src/parse/garden-answers.ts';
import { exchangeOf, MODES } from '../tools/demo-cell/garden/exchanges.ts';

const INSTANCE = '8a37cb6f-385b-4dd3-732c-34d6';

function valueOf<T>(answer: GardenAnswer<T>): T {
  if (answer.kind === 'failed') throw new Error(answer.why);
  return answer.value;
}

for (const mode of MODES) {
  describe(`Garden's answers as recorded in ${mode}`, () => {
    const bodyOf = (number: string): string => exchangeOf(mode, number).response.body;

    it('list seven handles, or none if no container matches', () => {
      expect(valueOf(parseHandles(bodyOf('04'))))
        .to.include(INSTANCE)
        .and.have.length(7);
      expect(valueOf(parseHandles(bodyOf('09')))).to.deep.equal([]);
    });

    it('say whose container it is', () => {
      const properties = valueOf(parseProperties(bodyOf('26')));
      const { kind, app, owner } = identityOf(asHandle(INSTANCE), properties);
      expect({ kind, owner }).to.deep.equal({ kind: 'app-instance', owner: 'present' });
      expect(app).to.include({
        id: properties?.['network.app_id'],
        name: 'app-0',
        spaceId: properties?.['network.space_id'],
        spaceName: 'space-1',
        organizationId: properties?.['network.org_id'],
        organizationName: 'org-1',
        index: 0,
        processType: 'web',
      });
    });

    it('have no properties for an unknown handle, and say what is wrong', () => {
      expect(valueOf(parseProperties(bodyOf('27')))).to.equal(null);
      expect(parseGardenError(bodyOf('15'))).to.equal('unknown handle: no-such-handle');
      expect(parseGardenError(bodyOf('29'))).to.equal('property does not exist: nope');
    });

    it('are not a list if they are something else', () => {
      for (const number of ['01', '11', '15', '26', '27', '34']) {
        expect(parseHandles(bodyOf(number)).kind, number).to.equal('failed');
      }
    });
  });
}
