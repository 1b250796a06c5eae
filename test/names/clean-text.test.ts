import { expect } from 'chai';
import { cleanText, cleanTextWithin } from '../../src/names/clean-text.ts';

describe('a text of a tenant', () => {
  it('has no control or format characters', () => {
    expect(cleanText('bill\u001b[31m\r\ning\u202e\u0000')).to.equal(
      'bill\\u{1b}[31m\\u{d}\\ning\\u{202e}\\u{0}',
    );
    expect(cleanText('größe 3 – naïve')).to.equal('größe 3 – naïve');
  });

  it('has at most so many bytes, and no half character', () => {
    expect(cleanTextWithin('x'.repeat(101), 100)).to.equal('x'.repeat(100));
    expect(cleanTextWithin('ö'.repeat(60), 99)).to.equal('ö'.repeat(49));
    expect(cleanTextWithin('😀😀', 7)).to.equal('😀');
  });
});
