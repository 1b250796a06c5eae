import { compileOrder } from './compile-order.ts';
import type { ReleaseFinding } from './finding.ts';
import type { ReleaseContents, ReleasePackage } from './release-contents.ts';
import { nameFindings } from './release-name.ts';
import type { ReleaseTree } from './release-tree.ts';

/** The parts of each package, and how packages depend on each other. */
export function checkPackages(
  tree: ReleaseTree,
  { jobs, packages }: ReleaseContents,
): readonly ReleaseFinding[] {
  const dependencies = new Map(packages.map((one) => [one.folder, one.spec.dependencies]));
  const needed = new Set([
    ...jobs.flatMap(({ spec }) => spec.packages),
    ...[...dependencies.values()].flat(),
  ]);
  return [
    ...packages.flatMap((one) => [
      ...checkPackage(one, dependencies, tree),
      ...(needed.has(one.folder)
        ? []
        : [{ file: specOf(one), what: 'no job takes this package', todo: 'list it in a job' }]),
    ]),
    ...compileOrder(dependencies).circular.map((name) => ({
      file: `packages/${name}/spec`,
      what: 'depends on itself by way of its dependencies',
      todo: 'remove a dependency',
    })),
    ...overlaps(packages),
  ];
}

const specOf = ({ folder }: ReleasePackage): string => `packages/${folder}/spec`;

function checkPackage(
  one: ReleasePackage,
  known: ReadonlyMap<string, unknown>,
  tree: ReleaseTree,
): readonly ReleaseFinding[] {
  const { folder, spec, files } = one;
  const file = specOf(one);
  const top = `packages/${folder}`;
  const findings = [...nameFindings('package', file, one)];
  for (const name of spec.dependencies)
    if (!known.has(name))
      findings.push({
        file,
        what: `dependencies: ${name} is no package`,
        todo: 'correct the name',
      });
  if (!files.some(({ from }) => from === `${top}/packaging`))
    findings.push({ file: `${top}/packaging`, what: 'is missing', todo: 'write it' });
  if (tree.entries.has(`${top}/pre_packaging`))
    findings.push({
      file: `${top}/pre_packaging`,
      what: 'makes files that are in no fingerprint',
      todo: 'remove it, and make them in npm run build',
    });
  if (files.some(({ path, from }) => path === 'packaging' && from !== `${top}/packaging`))
    findings.push({ file, what: 'files: takes a file called packaging', todo: 'rename that file' });
  return findings;
}

/** bosh takes a file in two packages; then a change compiles both, and one of them has it for nothing. */
function overlaps(packages: readonly ReleasePackage[]): readonly ReleaseFinding[] {
  const owner = new Map<string, string>();
  return packages.flatMap((one) =>
    one.files.flatMap(({ from }) => {
      const other = owner.get(from);
      if (other === undefined) owner.set(from, one.folder);
      return other === undefined
        ? []
        : [
            {
              file: specOf(one),
              what: `files: ${from} is in ${other} too`,
              todo: 'keep it in one',
            },
          ];
    }),
  );
}
