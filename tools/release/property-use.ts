/** How a template asks for a property. */
type PropertyAsk =
  /** `p('x')`: without a value the deploy fails. */
  | 'required'
  /** `p('x', default)` or `if_p('x')`. */
  | 'optional';

interface PropertyUse {
  readonly name: string;
  readonly ask: PropertyAsk;
}

export interface TemplateUses {
  readonly uses: readonly PropertyUse[];
  /** The names of the links that it asks for. */
  readonly links: ReadonlySet<string>;
  /** Other texts of the code: names of properties where the template has a function of its own that asks by name. */
  readonly mentions: ReadonlySet<string>;
}

/**
 * What a template asks for, read from its text and not by running Ruby: `p`, `if_p`, `link` and `if_link`, with parentheses or
 * without, `properties.x` and `properties['x']`, and the template's own functions whose argument goes to `p`.
 */
export function propertyUses(erb: string): TemplateUses {
  const code = rubyCode(erb);
  const asksByVariable = /\bp\(\s*(?![\s'"[%)])/.test(code);
  const texts = asksByVariable ? textsOf(code) : [];
  return {
    uses: [
      ...calls(code, /(?<![\w.'"])p(?:\(|\s+(?=['"[%]))/g, P, (call) =>
        call.hasMore ? 'optional' : 'required',
      ),
      ...calls(code, /\b(?:else_)?if_p(?:\(|\s+(?=['"]))/g, LIST, () => 'optional'),
      ...[...code.matchAll(PROPERTIES)].map(([, steps = '']) => ({
        name: (steps.match(/\w+/g) ?? []).join('.'),
        ask: 'optional' as const,
      })),
      // A function that takes the name of a property: what is called so with a dotted name is meant as one.
      ...(asksByVariable
        ? calls(code, /\.(?:call)?\(/g, P, () => 'optional').filter(({ name }) => DOTTED.test(name))
        : []),
    ],
    links: new Set([...code.matchAll(LINK)].map(([, single, double]) => single ?? double ?? '')),
    mentions: new Set(texts),
  };
}

/** `properties.a.b` and `properties['a']['b']`, which give the same. */
const PROPERTIES = /(?<![\w.'"])properties((?:\.[a-z]\w*|\[\s*(?:'\w+'|"\w+")\s*\])+)/g;
const LINK = /(?<![\w'"])(?:else_)?(?:if_)?link(?:\(\s*|\s+)(?:'([^']*)'|"([^"#]*)")/g;

const DOTTED = /^[a-z]\w*(?:\.[a-z]\w*)+$/;

/** The Ruby of a template, without comments. */
const rubyCode = (erb: string): string =>
  [...erb.matchAll(/<%(?!%)[-=]?(#?)([\s\S]*?)-?%>/g)]
    .filter(([, comment]) => comment === '')
    .map(([, , code = '']) => code.replaceAll(/^\s*#.*$/gm, ''))
    .join('\n');

function calls(
  code: string,
  opening: RegExp,
  names: RegExp,
  ask: (call: { readonly hasMore: boolean }) => PropertyAsk,
): readonly PropertyUse[] {
  return [...code.matchAll(opening)].flatMap((found) => {
    const rest = code.slice(found.index + found[0].length);
    const [taken = ''] = names.exec(rest) ?? [];
    const hasMore = /^\s*,/.test(rest.slice(taken.length));
    return textsOf(taken).map((name) => ({ name, ask: ask({ hasMore }) }));
  });
}

const TEXT = String.raw`\s*(?:'[^']*'|"[^"#]*")\s*`;
/** The arguments of `if_p('x', 'y')`. */
const LIST = new RegExp(`^${TEXT}(?:,${TEXT})*`);
/** The names in `p('x', 1)` and `p(['x', 'y'], 1)`. */
const P = new RegExp(`^(?:\\s*\\[${TEXT}(?:,${TEXT})*\\]|${TEXT})`);

const textsOf = (code: string): readonly string[] => [
  ...[...code.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map(
    ([, single, double]) => single ?? double ?? '',
  ),
  ...[...code.matchAll(/%w\[([^\]]*)\]/g)].flatMap(([, words = '']) => words.trim().split(/\s+/)),
];
