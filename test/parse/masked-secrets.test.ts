import { expect } from 'chai';
import fc from 'fast-check';
import { maskSecrets } from '../../src/parse/masked-secrets.ts';

/** Nothing that would take the word behind it for its own value. */
const around = fc
  .array(fc.constantFrom('a', '-', '.', '_', ' ', '=', ':', '/', '://', '@', '"', "'", '+', 'é'), {
    maxLength: 8,
  })
  .map((pieces) => pieces.join(''));
const inWord = fc.stringMatching(/^[\w.-]{0,6}$/);
const value = fc.stringMatching(/^[a-z0-9]{4,10}$/).map((text) => `<${text}>`);

describe('maskSecrets', () => {
  for (const [text, shown] of [
    ['-Ddb.password=x', '-Ddb.password=***'],
    ['a.token.b: x', 'a.token.b: ***'],
    ['MY_API_KEY   x y', 'MY_API_KEY   *** y'],
    ['--secret=\'a b\'--token="c d"', '--secret=***--token=***'],
    ['token token token', 'token *** token'],
    ['tokens=', 'tokens='],
    ['+https://u:p@h --x=ftp://:p@h', '+https://***@h --x=ftp://***@h'],
    ['://u:p@h +://u:p@h http://u@h', '://u:p@h +://u:p@h http://u@h'],
  ]) {
    it(`makes ${shown ?? ''} of ${text ?? ''}`, () => {
      expect(maskSecrets(text ?? '')).to.equal(shown);
    });
  }

  it('shows no value of a word that is called like a secret, wherever it stands', () => {
    const name = fc.constantFrom('password', 'PassWd', 'secret', 'token', 'api_key', 'private-key');
    fc.assert(
      fc.property(
        around,
        inWord,
        name,
        inWord,
        fc.constantFrom('=', ': ', ' ', ':'),
        value,
        (before, left, word, right, separator, hidden) => {
          const text = `${before} ${left}${word}${right}${separator}${hidden}`;
          expect(maskSecrets(`${text} after`).includes(hidden)).to.equal(false);
        },
      ),
    );
  });

  it('shows no password of a URL', () => {
    const scheme = fc.stringMatching(/^[\w+.-]{0,5}\w[\w+.-]{0,5}$/);
    fc.assert(
      fc.property(around, scheme, value, (before, name, hidden) => {
        expect(maskSecrets(`${before} ${name}://user:${hidden}@host`)).not.to.contain(hidden);
      }),
    );
  });

  it('leaves alone what holds neither', () => {
    const word = fc
      .stringMatching(/^[a-z.=:/-]{0,12}$/)
      .filter((text) => !/token|secret|pass|key|credential/.test(text));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(maskSecrets(words.join(' '))).to.equal(words.join(' '));
      }),
    );
  });
});
