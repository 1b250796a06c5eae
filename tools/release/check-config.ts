import * as v from 'valibot';
import type { ReleaseFinding } from './finding.ts';
import { isReleaseName, NAME_RULE } from './release-name.ts';
import type { ReleaseTree } from './release-tree.ts';
import { parseYamlFile } from './yaml-file.ts';

const file = 'config/final.yml';

const FinalSchema = v.nullable(
  v.looseObject({ name: v.optional(v.string()), final_name: v.optional(v.string()) }),
);

/** The name of the release (bosh-cli: releasedir/fs_config.go). */
export function checkFinalConfig(tree: ReleaseTree): readonly ReleaseFinding[] {
  const text = tree.texts.get(file);
  if (text === undefined) return [{ file, what: 'is missing', todo: 'write it, with name: NAME' }];
  const parsed = parseYamlFile(file, text, FinalSchema);
  if (parsed.kind === 'unusable') return parsed.findings;
  const { name, final_name: finalName } = parsed.value ?? {};
  if (name !== undefined && finalName !== undefined)
    return [{ file, what: 'has name and final_name', todo: 'keep name and remove final_name' }];
  const chosen = name ?? finalName ?? '';
  if (chosen === '') return [{ file, what: 'has no name', todo: 'add name: NAME' }];
  return isReleaseName(chosen)
    ? []
    : [{ file, what: `name ${JSON.stringify(chosen)} is no name of a release`, todo: NAME_RULE }];
}
