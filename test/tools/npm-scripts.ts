import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { root } from '../../tools/bootstrap/place.mjs';

const Manifest = v.object({ scripts: v.record(v.string(), v.string()) });
/** The commands of the npm scripts, by name. */
export const { scripts } = v.parse(
  Manifest,
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')),
);

/** Their programs answer `--help` themselves. */
export const WITH_OWN_HELP: ReadonlySet<string> = new Set(['rollcall', 'mocha']);

/** What a script gives to the set-up: the name of a program, then its arguments. */
export const argumentsOf = (script: string): readonly string[] =>
  (scripts[script] ?? '').split(' ').slice(2);
