import path from 'node:path';
import { isUnread } from './check-entries.ts';
import type { ReleaseFinding } from './finding.ts';
import type { JobSpec } from './job-spec.ts';
import type { ReleaseContents, ReleaseJob } from './release-contents.ts';
import { leavesItsFolder } from './packed-file.ts';
import { nameFindings } from './release-name.ts';
import type { ReleaseTree } from './release-tree.ts';

/** The parts of each job, except its properties. */
export function checkJobs(
  tree: ReleaseTree,
  { jobs, packages }: ReleaseContents,
): readonly ReleaseFinding[] {
  const known = new Set(packages.map(({ folder }) => folder));
  return jobs.flatMap((job) => [
    ...nameFindings('job', `jobs/${job.folder}/spec`, job),
    ...checkPackagesOf(job, known),
    ...checkMonit(job, tree),
    ...checkDestinations(job),
    ...checkTemplateFiles(job, tree),
    ...strayFiles(job, tree),
  ]);
}

function checkPackagesOf(
  { folder, spec }: ReleaseJob,
  packages: ReadonlySet<string>,
): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/spec`;
  const unknown = spec.packages.filter((name) => !packages.has(name));
  const twice = spec.packages.filter((name, at) => spec.packages.indexOf(name) !== at);
  return [
    ...unknown.map((name) => ({
      file,
      what: `packages: ${name} is no package`,
      todo: `write packages/${name}/spec, or correct the name`,
    })),
    ...twice.map((name) => ({ file, what: `packages: ${name} stands twice`, todo: 'remove one' })),
  ];
}

/** On an instance a template bin/run is what makes a job an errand. */
const isErrand = ({ templates }: JobSpec): boolean =>
  Object.values(templates).some((target) => target === 'bin/run');

function checkMonit({ folder, spec }: ReleaseJob, tree: ReleaseTree): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/monit`;
  const monit = tree.texts.get(file);
  if (isUnread(file, tree)) return [];
  // bosh packs such a job; the Director rejects the release (release_job.rb).
  if (monit === undefined)
    return [
      {
        file,
        what: 'is missing',
        todo: 'write it; an errand and a job without a process need an empty one',
      },
    ];
  return isErrand(spec) && monit.trim() !== ''
    ? [{ file, what: 'is not empty, but bin/run makes this job an errand', todo: 'empty it' }]
    : [];
}

function checkDestinations({ folder, spec }: ReleaseJob): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/spec`;
  const targets = Object.entries(spec.templates);
  return targets.flatMap(([source, target], at) => {
    const what = `templates: ${source} goes to ${target}`;
    if (leavesItsFolder(source))
      return [{ file, what: `templates: ${source} leaves templates/`, todo: 'move the file' }];
    if (leavesItsFolder(target))
      return [{ file, what: `${what}, outside the job`, todo: 'give a path below the job' }];
    if (target === '' || target.endsWith('/'))
      return [{ file, what: `${what}, which is no file`, todo: 'give the path of a file' }];
    const place = path.posix.normalize(target);
    if (place === 'monit')
      return [{ file, what: `${what}, where the job's monit goes`, todo: 'give another path' }];
    const [taken] = targets.flatMap(([other, its], position) => {
      const itsPlace = path.posix.normalize(its);
      if (position < at && itsPlace === place) return [`, where ${other} goes too`];
      return place.startsWith(`${itsPlace}/`) ? [`, below the file of ${other}`] : [];
    });
    return taken === undefined ? [] : [{ file, what: `${what}${taken}`, todo: 'change one' }];
  });
}

function checkTemplateFiles(
  { folder, spec }: ReleaseJob,
  tree: ReleaseTree,
): readonly ReleaseFinding[] {
  return Object.keys(spec.templates).flatMap((source) => {
    const kind = tree.entries.get(`jobs/${folder}/templates/${source}`)?.kind;
    if (kind === 'file' || kind === 'link to a file') return [];
    const what = `templates: ${source} is not in jobs/${folder}/templates`;
    return [{ file: `jobs/${folder}/spec`, what, todo: 'write the file, or remove the line' }];
  });
}

const OWN_FILES: ReadonlySet<string> = new Set(['spec', 'monit', 'properties_schema.json']);

function strayFiles({ folder, spec }: ReleaseJob, tree: ReleaseTree): readonly ReleaseFinding[] {
  const top = `jobs/${folder}/`;
  return [...tree.entries].flatMap(([file, { kind }]) => {
    if (!file.startsWith(top) || kind === 'folder') return [];
    const name = file.slice(top.length);
    if (!name.startsWith('templates/'))
      return OWN_FILES.has(name)
        ? []
        : [{ file, what: 'is no part of a job, and is not packed', todo: 'remove it' }];
    return Object.hasOwn(spec.templates, name.slice('templates/'.length))
      ? []
      : [{ file, what: 'is not listed in the spec', todo: `list it in ${top}spec, or remove it` }];
  });
}
