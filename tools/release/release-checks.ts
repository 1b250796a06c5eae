import path from 'node:path';
import type { Release, ReleaseJob } from './read-release.ts';
import type { ReleaseFinding } from './spec-files.ts';

/** Faults that `bosh create-release` packs silently, and that the Director or a cell breaks on. */
export const checkRelease = ({ findings, jobs }: Release): readonly ReleaseFinding[] => [
  ...findings,
  ...jobs.flatMap((job) => [...checkMonit(job), ...checkDestinations(job)]),
];

function checkMonit({ folder, spec, monit }: ReleaseJob): readonly ReleaseFinding[] {
  const file = `jobs/${folder}/monit`;
  // bosh packs such a job, but the Director rejects the release (release_job.rb).
  if (monit === null) {
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
    if (!isFileBelow(source))
      return [{ file, what: `templates: ${source} is outside templates/`, todo: 'move the file' }];
    if (!isFileBelow(target))
      return [{ file, what: `${what}, outside the job`, todo: 'use the path of a file below it' }];
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

const isFileBelow = (place: string): boolean => !/^\/|\/$|^$|(?:^|\/)\.\.(?:\/|$)/.test(place);
