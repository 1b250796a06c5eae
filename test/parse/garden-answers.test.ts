import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import {
  MAX_HANDLE_LENGTH,
  MAX_HANDLES,
  MAX_PROPERTIES,
  MAX_PROPERTY_KEY_LENGTH,
  MAX_PROPERTY_VALUE_LENGTH,
  parseGardenError,
  parseHandles,
  parseProperties,
} from '../../src/parse/garden-answers.ts';

const codeOf = (answer: ReturnType<typeof parseHandles | typeof parseProperties>): string =>
  answer.kind === 'failed' ? answer.code : answer.kind;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `h${i}`);

describe('parseHandles', () => {
  const good = [
    { title: 'a list', text: '{"Handles":["b","a"]}', handles: ['b', 'a'] },
    { title: 'an empty list', text: '{"Handles":[]}', handles: [] },
    { title: 'a repeated handle once', text: '{"Handles":["a","b","a"]}', handles: ['a', 'b'] },
    {
      title: 'fields of a later version',
      text: '{"Handles":["a"],"Next":{"x":[1]}}',
      handles: ['a'],
    },
    {
      title: 'free-form handles',
      text: String.raw`{"Handles":["","..","A.b","\u0000","\"[{,"]}`,
      handles: ['', '..', 'A.b', '\u0000', '"[{,'],
    },
  ];
  for (const { title, text, handles } of good) {
    it(`reads ${title}`, () => {
      expect(parseHandles(`${text}\n`)).to.deep.equal({ kind: 'answered', value: handles });
    });
  }

  const bad = [
    { title: 'nothing', text: '', code: 'not-json' },
    { title: 'half a list', text: '{"Handles":["a","b', code: 'not-json' },
    { title: 'a page', text: '<html><body>502</body></html>', code: 'not-json' },
    { title: 'null', text: 'null', code: 'wrong-shape' },
    { title: "the answer of /ping, which isn't an empty list", text: '{}', code: 'wrong-shape' },
    {
      title: "Go's nil slice, which isn't one either",
      text: '{"Handles":null}',
      code: 'wrong-shape',
    },
    { title: 'a bare list', text: '["a"]', code: 'wrong-shape' },
    { title: 'a text', text: '"Handles"', code: 'wrong-shape' },
    { title: 'handles as a text', text: '{"Handles":"a"}', code: 'wrong-shape' },
    { title: 'handles as a map', text: '{"Handles":{"length":0}}', code: 'wrong-shape' },
    { title: 'a number among the handles', text: '{"Handles":["a",1]}', code: 'wrong-shape' },
    { title: 'null among the handles', text: '{"Handles":["a",null]}', code: 'wrong-shape' },
    { title: 'a list among the handles', text: '{"Handles":[["a"]]}', code: 'wrong-shape' },
  ];
  for (const { title, text, code } of bad) {
    it(`refuses ${title}`, () => {
      expect(codeOf(parseHandles(text))).to.equal(code);
    });
  }

  it('accepts as many and as long handles as its limits allow, and no more', () => {
    const codeOfList = (Handles: string[]) => codeOf(parseHandles(JSON.stringify({ Handles })));
    expect(codeOfList(numbered(MAX_HANDLES))).to.equal('answered');
    expect(codeOfList(numbered(MAX_HANDLES + 1))).to.equal('wrong-shape');
    expect(codeOfList(['a'.repeat(MAX_HANDLE_LENGTH)])).to.equal('answered');
    expect(codeOfList(['a'.repeat(MAX_HANDLE_LENGTH + 1)])).to.equal('wrong-shape');
  });

  it('refuses millions of small values before it builds them', () => {
    // JSON.parse would say not-json of this text: that it says wrong-shape shows that it was not
    // asked.
    expect(codeOf(parseHandles(`{"Handles":${'['.repeat(1_000_000)}`))).to.equal('wrong-shape');
    expect(codeOf(parseHandles(`{"Handles":[${'1,'.repeat(1_000_000)}`))).to.equal('wrong-shape');
  });

  it('returns every list of handles that Go can encode', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyText()), (handles) => {
        const answer = parseHandles(JSON.stringify({ Handles: handles }));
        expect(answer).to.deep.equal({ kind: 'answered', value: handles });
      }),
    );
  });
});

describe('parseProperties', () => {
  const kept = (map: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
    const answer = parseProperties(JSON.stringify(map));
    return answer.kind === 'answered' ? (answer.value ?? {}) : {};
  };

  it('distinguishes null, which says that Garden has none, from an empty map', () => {
    expect(parseProperties('null\n')).to.deep.equal({ kind: 'answered', value: null });
    expect(parseProperties('{}')).to.deep.equal({ kind: 'answered', value: {} });
  });

  it('treats names that are special in JavaScript as plain names', () => {
    const answer = parseProperties('{"__proto__":"p","constructor":"c"}');
    const value = answer.kind === 'answered' ? (answer.value ?? {}) : {};
    expect(Object.entries(value)).to.deep.equal([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
  });

  it('cuts a long value and keeps its name', () => {
    expect(kept({ a: 'x'.repeat(100_000), b: 'y' })).to.deep.equal({
      a: 'x'.repeat(MAX_PROPERTY_VALUE_LENGTH),
      b: 'y',
    });
  });

  it('cuts a name that is too long: one such property once made the whole cell unknown', () => {
    const long = 'k'.repeat(MAX_PROPERTY_KEY_LENGTH + 1);
    expect(kept({ [long]: 'v', 'executor:owner': 'executor' })).to.deep.equal({
      [long.slice(0, MAX_PROPERTY_KEY_LENGTH)]: 'v',
      'executor:owner': 'executor',
    });
  });

  const garden = Object.fromEntries(numbered(5000).map((name) => [`garden.${name}`, 'x']));

  it('keeps the names that identify the container first, if there are too many', () => {
    const others = Object.fromEntries(numbered(5000).map((name) => [name, 'x'.repeat(1000)]));
    const map = kept({ ...garden, ...others, log_config: 'c'.repeat(900), 'executor:owner': 'e' });
    expect(Object.keys(map)).to.have.length(MAX_PROPERTIES);
    expect(map).to.include({ log_config: 'c'.repeat(900), 'executor:owner': 'e' });
    expect(Object.values(map).join('')).to.have.length(32_768);
  });

  it('refuses hundreds of thousands of names before it parses them', () => {
    const many = Object.fromEntries(numbered(20_001).map((name) => [name, '']));
    expect(codeOf(parseProperties(JSON.stringify(many)))).to.equal('wrong-shape');
    expect(kept({ text: JSON.stringify(many) })).to.have.property('text');
  });

  it("never drops the only other name beside many of Garden's own, so that its owner is not lost", () => {
    expect(kept({ ...garden, 'my:key': '1' })).to.include({ 'my:key': '1' });
  });

  for (const text of ['[]', '"x"', '1', '{"a":1}', '{"a":null}', '{"a":{"b":"c"}}']) {
    it(`refuses ${text}`, () => {
      expect(codeOf(parseProperties(text))).to.equal('wrong-shape');
    });
  }

  it('returns every map within its limits', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText({ maxLength: 30 }), anyText()), (map) => {
        expect(Object.entries(kept(map))).to.deep.equal(Object.entries(map));
      }),
    );
  });
});

describe('parseGardenError', () => {
  it('gives the message, escaped and bounded', () => {
    const messageOf = (Message: string) =>
      parseGardenError(JSON.stringify({ Type: '', Message, Handle: '' }));
    expect(messageOf('unknown handle: x')).to.equal('unknown handle: x');
    expect(messageOf('1 error:\n\t* \u001b[31mdown')).to.equal('1 error:\\n\\t* \\u{1b}[31mdown');
    expect(messageOf('x'.repeat(10_000))).to.have.length(200);
  });

  for (const body of [
    '',
    '404 page not found\n',
    '{}',
    'null',
    '{"Message":1}',
    '{"Message":""}',
  ]) {
    it(`says null of ${JSON.stringify(body)}`, () => {
      expect(parseGardenError(body)).to.equal(null);
    });
  }
});
