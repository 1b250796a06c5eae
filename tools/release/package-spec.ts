import * as v from 'valibot';
import { parseYamlFile, type YamlFile } from './yaml-file.ts';

const PackageSpecSchema = v.strictObject({
  name: v.string(),
  dependencies: v.nullish(v.array(v.string()), []),
  files: v.nullish(v.array(v.string()), []),
  excluded_files: v.nullish(v.array(v.string()), []),
  no_compression: v.optional(v.boolean()),
});

/** packages/NAME/spec: `files` are globs below src/ and blobs/. */
export type PackageSpec = Readonly<v.InferOutput<typeof PackageSpecSchema>>;

export const parsePackageSpec = (file: string, text: string): YamlFile<PackageSpec> =>
  parseYamlFile(file, text, PackageSpecSchema);
