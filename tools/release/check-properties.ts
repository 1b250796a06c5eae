import type { ReleaseJob } from './read-release.ts';
import { hasDefault, type ReleaseFinding } from './spec-files.ts';

type Complaint = readonly [what: string, todo: string];

export function checkProperties({ folder, spec, texts }: ReleaseJob): readonly ReleaseFinding[] {
  const declared = Object.keys(spec.properties);
  // The Director renders monit, too.
  const templates = [...texts]
    .filter(([name]) => name !== 'properties_schema.json')
    .map(([name, text]) => ({ file: `jobs/${folder}/${name}`, ...propertyUses(text) }));
  const undeclared = templates.flatMap(({ file, uses }) =>
    [...new Set(uses.map(({ name }) => name))]
      // p('metrics') returns the whole branch.
      .filter((name) => !declared.some((one) => isBranch(name, one)))
      .map((name) => ({
        file,
        what: `uses property ${name}, which the spec does not declare`,
        todo: `declare it in jobs/${folder}/spec, or correct the name`,
      })),
  );
  const consumed = spec.consumes?.map(({ name }) => name) ?? [];
  const notConsumed = templates.flatMap(({ file, links }) =>
    links
      .filter((name) => !consumed.includes(name))
      .map((name) => ({
        file,
        what: `uses link ${name}, which the spec does not consume`,
        todo: `consume it in jobs/${folder}/spec, or correct the name`,
      })),
  );
  const complaints = Object.entries(spec.properties).flatMap(([name, property]) => {
    const found: Complaint[] = [];
    if (!/^\w+(?:\.\w+)*$/.test(name)) found.push(['has a name that p() cannot find', 'use a.b_c']);
    if ((property.description ?? '').trim() === '')
      found.push(['has no description', 'describe it']);
    if (property.example === undefined) found.push(['has no example', 'add one']);
    const isUsed = templates.some(({ mentions }) => mentions.some((one) => isBranch(one, name)));
    if (!isUsed) found.push(['is not used by any template', 'use it, or remove it']);
    // A property without a default may be unset, and then p('x') stops the deploy of every cell.
    for (const { file, uses } of hasDefault(property) ? [] : templates) {
      const own = uses.filter((use) => use.name === name);
      if (own.length > 0 && own.every(({ isRequired }) => isRequired))
        found.push([
          `has no default, and ${file} requires it`,
          "add a default, or use if_p or p('x', nil)",
        ]);
    }
    return found.map(([what, todo]) => ({
      file: `jobs/${folder}/spec`,
      what: `property ${name} ${what}`,
      todo,
    }));
  });
  return [...undeclared, ...notConsumed, ...complaints];
}

const isBranch = (branch: string, name: string): boolean =>
  name === branch || name.startsWith(`${branch}.`);

export interface TemplateUses {
  /** `p('x')` is required: without a value the deploy fails. */
  readonly uses: readonly { readonly name: string; readonly isRequired: boolean }[];
  readonly links: readonly string[];
  /** All strings in the code: a template's own function may pass one to `p`. */
  readonly mentions: readonly string[];
}

/** The properties that a template uses, found in its text without running Ruby. */
export function propertyUses(erb: string): TemplateUses {
  const code = [...erb.matchAll(/<%(?!%)[-=]?(#?)([\s\S]*?)-?%>/g)]
    .filter(([, comment]) => comment === '')
    .map(([, , ruby = '']) => ruby.replaceAll(/^\s*#.*$/gm, ''))
    .join('\n');
  const asked = code.matchAll(/(?<![\w.'"])(p|if_p)[(\s]\s*(['"])([^'"#]*)\2(\s*,)?/g);
  const words = [...code.matchAll(/%w\[([^\]]*)\]/g)].map(([, list = '']) => list.trim());
  return {
    uses: [...asked].map(([, ask, , name = '', more]) => ({
      name,
      isRequired: ask === 'p' && more === undefined,
    })),
    links: [
      ...new Set(
        Array.from(
          code.matchAll(/(?<![\w'"])(?:if_)?link[(\s]\s*(['"])([^'"#]*)\1/g),
          ([, , name = '']) => name,
        ),
      ),
    ],
    mentions: [
      ...[...code.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map(([, one, two]) => one ?? two ?? ''),
      ...words.flatMap((list) => list.split(/\s+/)),
    ],
  };
}
