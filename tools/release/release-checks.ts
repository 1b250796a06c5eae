import path from 'node:path';
import type { Release, ReleaseJob } from './read-release.ts';
import { hasDefault, type ReleaseFinding } from './spec-files.ts';

/** Faults that `bosh create-release` packs silently, and that the Director or a cell breaks on. */
export const checkRelease = (release: Release): readonly ReleaseFinding[] => [
  ...checkPacking(release),
  ...release.jobs.flatMap(checkProperties),
];

/** The faults that prevent packing and installing. */
export const checkPacking = ({ findings, jobs }: Release): readonly ReleaseFinding[] => [
  ...findings,
  ...jobs.flatMap((job) => [...checkMonit(job), ...checkDestinations(job)]),
];

function checkMonit({ folder, spec, texts }: ReleaseJob): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/monit`;
  const monit = texts.get('monit');
  // bosh packs such a job, but the Director rejects the release (release_job.rb).
  if (monit === undefined) {
    const todo = 'write it; an errand and a job without a process need an empty one';
    return [{ file, what: 'is missing', todo }];
  }
  // On an instance, a template bin/run makes a job an errand.
  const isErrand = Object.values(spec.templates).includes('bin/run');
  return isErrand && monit.trim() !== ''
    ? [{ file, what: 'is not empty, but bin/run makes this job an errand', todo: 'empty it' }]
    : [];
}

function checkDestinations({ folder, spec }: ReleaseJob): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/spec`;
  const targets = Object.entries(spec.templates);
  return targets.flatMap(([source, target], at) => {
    const what = `templates: ${source} goes to ${target}`;
    if (leavesItsFolder(source))
      return [{ file, what: `templates: ${source} is outside templates/`, todo: 'move the file' }];
    if (leavesItsFolder(target))
      return [{ file, what: `${what}, outside the job`, todo: 'use a path below the job' }];
    if (target === '' || target.endsWith('/'))
      return [{ file, what: `${what}, which is not a file`, todo: 'use the path of a file' }];
    const place = path.posix.normalize(target);
    if (place === 'monit')
      return [{ file, what: `${what}, where the job's monit goes`, todo: 'use another path' }];
    const [taken] = targets.flatMap(([other, its], position) => {
      const itsPlace = path.posix.normalize(its);
      if (position < at && itsPlace === place) return [`, where ${other} goes too`];
      return place.startsWith(`${itsPlace}/`) ? [`, below the file of ${other}`] : [];
    });
    return taken === undefined ? [] : [{ file, what: `${what}${taken}`, todo: 'change one' }];
  });
}

const leavesItsFolder = (place: string): boolean =>
  place.startsWith('/') || place.split('/').includes('..');

type Complaint = readonly [what: string, todo: string];

function checkProperties({ folder, spec, texts }: ReleaseJob): readonly ReleaseFinding[] {
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
  return [...undeclared, ...complaints];
}

const isBranch = (branch: string, name: string): boolean =>
  name === branch || name.startsWith(`${branch}.`);

/** The properties that a template uses, found in its text without running Ruby. */
function propertyUses(erb: string) {
  const code = [...erb.matchAll(/<%(?!%)[-=]?(#?)([\s\S]*?)-?%>/g)]
    .filter(([, comment]) => comment === '')
    .map(([, , ruby = '']) => ruby.replaceAll(/^\s*#.*$/gm, ''))
    .join('\n');
  const asked = code.matchAll(/(?<![\w.'"])(p|if_p)[(\s]\s*(['"])([^'"#]*)\2(\s*,)?/g);
  const words = [...code.matchAll(/%w\[([^\]]*)\]/g)].map(([, list = '']) => list.trim());
  return {
    /** `p('x')` is required: without a value the deploy fails. */
    uses: [...asked].map(([, ask, , name = '', more]) => ({
      name,
      isRequired: ask === 'p' && more === undefined,
    })),
    /** All strings in the code: a template's own function may pass one to `p`. */
    mentions: [
      ...[...code.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map(([, one, two]) => one ?? two ?? ''),
      ...words.flatMap((list) => list.split(/\s+/)),
    ],
  };
}
