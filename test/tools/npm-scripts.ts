import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { commandOf, tools } from '../../tools/bootstrap/commands.mjs';
import { root } from '../../tools/bootstrap/place.mjs';

const Manifest = v.object({ scripts: v.record(v.string(), v.string()) });
/** The commands of the npm scripts, by name. */
export const { scripts } = v.parse(
  Manifest,
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')),
);

/** What a person can start, by what follows `npm run`, and what the set-up then gets. */
export const COMMANDS: readonly (readonly [string, ReturnType<typeof commandOf>])[] = [
  ...Object.keys(scripts)
    .filter((script) => script !== 'tool')
    .map((script) => [script, commandOf((scripts[script] ?? '').split(' ').slice(2))] as const),
  ...[...tools.keys()].map((tool) => [`tool -- ${tool}`, commandOf(['tool', tool])] as const),
];

/** Their programs answer `--help` themselves. */
export const WITH_OWN_HELP: ReadonlySet<string> = new Set(['rollcall', 'mocha']);
