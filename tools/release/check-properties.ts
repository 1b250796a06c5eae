import type { ReleaseJob } from './read-release.ts';
import { hasDefault, type JobProperty, type ReleaseFinding } from './spec-files.ts';

/** Compares the properties in a job's spec with those that its templates use. */
export function checkProperties(job: ReleaseJob): readonly ReleaseFinding[] {
  const templates = templateUses(job);
  const properties = Object.entries(job.spec.properties);
  return [
    ...templates.flatMap(([file, { uses, links }]) => [
      ...undeclared(file, uses, job),
      ...notConsumed(file, links, job),
    ]),
    ...properties.flatMap(([name, property]) =>
      [
        ...described(name, property),
        ...(isUsed(name, templates)
          ? []
          : [{ what: 'is not used by any template', todo: 'use it, or remove it' }]),
        ...askedInVain(name, property, templates),
      ].map(({ what, todo }) => ({
        file: `jobs/${job.folder}/spec`,
        what: `property ${name} ${what}`,
        todo,
      })),
    ),
  ];
}

type Uses = readonly (readonly [file: string, uses: TemplateUses])[];

/** The Director renders monit, too. */
const templateUses = ({ folder, texts }: ReleaseJob): Uses =>
  [...texts]
    .filter(([name]) => name !== 'properties_schema.json')
    .map(([name, text]) => [`jobs/${folder}/${name}`, propertyUses(text)]);

function undeclared(
  file: string,
  uses: TemplateUses['uses'],
  { folder, spec }: ReleaseJob,
): readonly ReleaseFinding[] {
  const names = new Set(uses.map(({ name }) => name));
  const declared = Object.keys(spec.properties);
  return [...names]
    .filter(
      // p('metrics') returns the whole branch; properties.metrics.port.to_s reads metrics.port.
      (name) => !declared.some((one) => isBranch(name, one) || isBranch(one, name)),
    )
    .map((name) => ({
      file,
      what: `uses property ${name}, which the spec does not declare`,
      todo: `declare it in jobs/${folder}/spec, or correct the name`,
    }));
}

function notConsumed(
  file: string,
  links: TemplateUses['links'],
  { folder, spec }: ReleaseJob,
): readonly ReleaseFinding[] {
  const consumed = new Set(spec.consumes?.map(({ name }) => name));
  return [...links]
    .filter((name) => !consumed.has(name))
    .map((name) => ({
      file,
      what: `uses link ${name}, which the spec does not consume`,
      todo: `consume it in jobs/${folder}/spec, or correct the name`,
    }));
}

const isBranch = (branch: string, name: string): boolean =>
  name === branch || name.startsWith(`${branch}.`);

const isUsed = (name: string, templates: Uses): boolean =>
  templates.some(
    ([, { uses, mentions }]) =>
      mentions.has(name) ||
      uses.some((use) => isBranch(use.name, name) || isBranch(name, use.name)),
  );

interface Complaint {
  readonly what: string;
  readonly todo: string;
}

function described(name: string, property: JobProperty): readonly Complaint[] {
  const complaints: Complaint[] = [];
  if (!isPropertyName(name))
    complaints.push({ what: 'has a name that p() cannot find', todo: 'use a.b_c' });
  if ((property.description ?? '').trim() === '')
    complaints.push({ what: 'has no description', todo: 'describe it' });
  if (property.example === undefined) complaints.push({ what: 'has no example', todo: 'add one' });
  return complaints;
}

const isPropertyName = (name: string): boolean => /^\w+(?:\.\w+)*$/.test(name);

/** A property without a default may be unset, and then `p('x')` stops the deploy of every cell. */
function askedInVain(name: string, property: JobProperty, templates: Uses): readonly Complaint[] {
  if (hasDefault(property)) return [];
  return templates.flatMap(([file, { uses }]) => {
    const own = uses.filter((use) => use.name === name);
    return own.some(({ ask }) => ask === 'required') && own.every(({ ask }) => ask === 'required')
      ? [
          {
            what: `has no default, and ${file} requires it`,
            todo: "add a default, or use if_p or p('x', nil)",
          },
        ]
      : [];
  });
}

/** How a template reads a property. */
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
  /** The names of the links that it uses. */
  readonly links: ReadonlySet<string>;
  /**
   * Other strings in the code. If the template has a function that reads a property by name, these
   * count as names of properties.
   */
  readonly mentions: ReadonlySet<string>;
}

/**
 * The properties and links that a template uses, found in its text without running Ruby: `p`,
 * `if_p`, `link` and `if_link` with or without parentheses, `properties.x` and `properties['x']`,
 * and the template's own functions that pass an argument to `p`.
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
      // A function that takes the name of a property: each call with a dotted name counts as a use.
      ...(asksByVariable
        ? calls(code, /\.(?:call)?\(/g, P, () => 'optional').filter(({ name }) => DOTTED.test(name))
        : []),
    ],
    links: new Set([...code.matchAll(LINK)].map(([, single, double]) => single ?? double ?? '')),
    mentions: new Set(texts),
  };
}

/** `properties.a.b` and `properties['a']['b']` are equivalent. */
const PROPERTIES = /(?<![\w.'"])properties((?:\.[a-z]\w*|\[\s*(?:'\w+'|"\w+")\s*\])+)/g;
const LINK = /(?<![\w'"])(?:else_)?(?:if_)?link(?:\(\s*|\s+)(?:'([^']*)'|"([^"#]*)")/g;

const DOTTED = /^[a-z]\w*(?:\.[a-z]\w*)+$/;

/** The Ruby code of a template, without comments. */
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
