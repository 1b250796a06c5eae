import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { asByteString } from '../../src/model/ids.ts';
import { bytesOfText, oneLine, textOfBytes } from '../../src/model/text.ts';

describe('textOfBytes', () => {
  it('gives different names different texts, also if one begins with a byte order mark', () => {
    const name = asByteString('\xef\xbb\xbfV');
    expect(textOfBytes(name)).to.equal('\ufeffV');
    expect(bytesOfText(textOfBytes(name))).to.equal(name);
  });
});

describe('oneLine', () => {
  it('leaves a suitable text unchanged', () => {
    expect(oneLine('unknown handle: "ü"', 80)).to.equal('unknown handle: "ü"');
  });

  it('escapes line breaks, terminal codes, bidirectional overrides and lone surrogates', () => {
    expect(oneLine('a\nb\t\u001b[31m\u202e\u2028\ud800', 80)).to.equal(
      'a\\nb\\t\\u{1b}[31m\\u{202e}\\u{2028}\\u{d800}',
    );
  });

  it('cuts a longer text, and shows that it did', () => {
    expect(oneLine('abcdef', 6)).to.equal('abcdef');
    expect(oneLine('abcdefg', 6)).to.equal('abcde…');
  });

  it('bounds any text to one printable, well-formed line', () => {
    const limit = 20;
    fc.assert(
      fc.property(anyText({ maxLength: 60 }), (text) => {
        const line = oneLine(text, limit);
        expect(line.length).to.be.at.most(limit);
        expect(line).to.match(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
        expect(oneLine(line, limit)).to.equal(line);
      }),
    );
  });
});
