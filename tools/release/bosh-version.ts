/** Older ones leave jobs/NAME/properties_schema.json out of the tarball without a word (bosh-cli release/job/dir_reader.go). */
const OLDEST = [7, 9, 1] as const;

/** What is wrong with the bosh that says this of `bosh --version`; null: nothing. A build of somebody's own says no number. */
export function boshProblem(output: string): string | null {
  const said = /version\s+(\S+)/.exec(output)?.[1] ?? 'nothing';
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number);
  if (numbers === undefined)
    return `bosh does not say its version (${said}), and ${OLDEST.join('.')} or newer is needed`;
  const at = OLDEST.findIndex((least, index) => numbers[index] !== least);
  return at === -1 || (numbers[at] ?? 0) > (OLDEST[at] ?? 0)
    ? null
    : `bosh is ${said}, and ${OLDEST.join('.')} or newer is needed: an older one leaves properties_schema.json out`;
}
