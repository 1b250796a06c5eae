import type { ReleaseFinding } from './finding.ts';

/** Names become parts of paths on the cell (/var/vcap/jobs/NAME) and of the Director's, so they keep to what both take. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

export const isReleaseName = (name: string): boolean => NAME.test(name);

export const NAME_RULE = 'use letters, digits, - and _ only';

/** The name in a job's or a package's spec, which must also be that of its folder. */
export function nameFindings(
  kind: 'job' | 'package',
  file: string,
  { folder, spec }: { readonly folder: string; readonly spec: { readonly name: string } },
): readonly ReleaseFinding[] {
  const { name } = spec;
  const other = `name is ${name}, the folder ${folder}`;
  return [
    ...(name === folder ? [] : [{ file, what: other, todo: 'give both one name' }]),
    ...(isReleaseName(name)
      ? []
      : [{ file, what: `name ${name} is no name of a ${kind}`, todo: NAME_RULE }]),
  ];
}
