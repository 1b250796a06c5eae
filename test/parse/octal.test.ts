import { expect } from 'chai';
import fc from 'fast-check';
import { decodeOctal } from '../../src/parse/octal.ts';

describe('decodeOctal', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/plain', '/plain'],
    ['\\040\\011\\012\\134\\043', ' \t\n\\#'],
    ['\\134040', '\\040'],
    ['\\134\\134', '\\\\'],
    ['\\377', '\xff'],
    ['\\400', '\\400'],
    ['\\04', '\\04'],
    ['\\089', '\\089'],
    ['C:\\Users', 'C:\\Users'],
    ['\\', '\\'],
    ['\\0401', ' 1'],
  ];
  for (const [escaped, decoded] of cases) {
    it(`makes ${JSON.stringify(escaped)} to ${JSON.stringify(decoded)}`, () => {
      expect(decodeOctal(escaped)).to.equal(decoded);
    });
  }

  it('undoes an escape of every byte', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 })), (bytes) => {
        const escaped = bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
        expect(decodeOctal(escaped)).to.equal(String.fromCharCode(...bytes));
      }),
    );
  });
});
