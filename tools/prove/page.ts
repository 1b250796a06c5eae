import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { objectIn, whole } from '../../src/parse/json.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { fileWith } from '../generated-part.ts';
import { paragraph } from '../markdown.ts';

const PROOF_PAGE = 'docs/contributing/proof.md';
const PROVED_FILE = 'docs/appendix/proved.json';

const Proved = v.object({
  invariants: v.object({
    nextSeed: whole,
    /** Passes and histories in which every property held. */
    passes: whole,
    histories: whole,
  }),
  /** Steps of cells in a box after which agent, model and kernel agreed. */
  kernel: v.object({ nextSeed: whole, steps: whole }),
});

/** What all searches together have shown, and where the next one goes on. */
export type Proved = Readonly<v.InferOutput<typeof Proved>>;

export function provedSoFar(): Proved {
  const proved = objectIn(readFileSync(path.join(root, PROVED_FILE), 'utf8'), Proved);
  if (proved !== null) return proved;
  throw new ToolFailure('PROOF_UNREADABLE', `${PROVED_FILE} is damaged: restore it with git`);
}

/** The page and its counts, by file. docs/contributing/proof.md is written by hand except for these. */
export const proofFiles = (proved: Proved): ReadonlyMap<string, string> =>
  new Map([
    [PROVED_FILE, `${JSON.stringify(proved, null, 2)}\n`],
    [PROOF_PAGE, fileWith(PROOF_PAGE, partsOf(proved))],
  ]);

const inGroups = (count: number): string => count.toLocaleString('en');

const partsOf = ({ invariants, kernel }: Proved) => ({
  [PROVED_FILE]: paragraph(
    `So far every property held in ${inGroups(invariants.passes)} passes of ${inGroups(invariants.histories)} histories. The next search begins with seed ${inGroups(invariants.nextSeed)}.`,
  ),
  'test/live/kernel-steps.ts': paragraph(
    `So far they agreed after each of ${inGroups(kernel.steps)} steps. The next cell has seed ${inGroups(kernel.nextSeed)}.`,
  ),
});
