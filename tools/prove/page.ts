import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { objectIn, recordOf, whole } from '../../src/parse/json.ts';
import { BOUNDARIES } from '../../test/fuzz/boundaries.ts';
import { PROPERTIES } from '../../test/invariants/properties.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { pageWith } from '../generated-part.ts';
import { item, markdownTable, paragraph } from '../markdown.ts';

export const PROOF_PAGE = 'docs/proof.md';
const PROVED_FILE = 'docs/appendix/proved.json';

const nextSeed = whole;
const Proved = v.object({
  invariants: v.object({
    nextSeed,
    /** Passes and histories in which every property held. */
    passes: whole,
    histories: whole,
    /** Seeds with a history that breaks a property; they are searched again first. */
    brokenSeeds: v.array(whole),
  }),
  /** By boundary: the texts in which nothing was found. */
  fuzz: recordOf(v.object({ nextSeed, inputs: whole })),
  /** Steps of cells in a box after which agent, model and kernel agreed. */
  kernel: v.object({ nextSeed, steps: whole }),
  /** Starts of agents on cells in a box that did what they must. */
  starts: v.object({ nextSeed, starts: whole }),
  /** What two clones made alike; the vulnerabilities that npm knew, null if the registry did not say. */
  supply: v.object({ files: whole, vulnerabilities: v.nullable(whole) }),
});

/** What all searches together have shown, and where the next one goes on. */
export type Proved = Readonly<v.InferOutput<typeof Proved>>;

export function provedSoFar(): Proved {
  const proved = objectIn(readFileSync(path.join(root, PROVED_FILE), 'utf8'), Proved);
  if (proved !== null) return proved;
  throw new ToolFailure('PROOF_UNREADABLE', `${PROVED_FILE} is damaged: restore it with git`);
}

/** The page and its counts, by file. docs/proof.md is written by hand except for these. */
export const proofFiles = (proved: Proved): ReadonlyMap<string, string> =>
  new Map([
    [PROVED_FILE, `${JSON.stringify(proved, null, 2)}\n`],
    [
      PROOF_PAGE,
      pageWith(PROOF_PAGE, {
        'test/invariants/properties.ts': Object.keys(PROPERTIES)
          .map((name) => item(name))
          .join('\n'),
        [PROVED_FILE]: invariantCounts(proved),
        'test/fuzz/boundaries.ts': fuzzCounts(proved),
        'test/live/kernel-steps.ts': kernelCounts(proved),
        'test/live/agent-starts.test.ts': startCounts(proved),
        'tools/prove/supply.ts': supplyShown(proved),
      }),
    ],
  ]);

const inGroups = (count: number): string => count.toLocaleString('en');

function invariantCounts({ invariants }: Proved): string {
  const { nextSeed: next, passes, histories, brokenSeeds } = invariants;
  const held = `So far every property held in ${inGroups(passes)} passes of ${inGroups(histories)} histories. The next search begins with seed ${inGroups(next)}.`;
  const broken =
    brokenSeeds.length === 0
      ? ''
      : ` The histories of these seeds are not among them, because one breaks a property: ${brokenSeeds.join(', ')}.`;
  return paragraph(held + broken);
}

const fuzzCounts = ({ fuzz }: Proved): string =>
  markdownTable(
    ['boundary', 'texts', 'next seed'],
    Object.keys(BOUNDARIES).map((name) => [
      name,
      inGroups(fuzz[name]?.inputs ?? 0),
      inGroups(fuzz[name]?.nextSeed ?? 1),
    ]),
  );

const kernelCounts = ({ kernel: { steps, nextSeed: next } }: Proved): string =>
  paragraph(
    `So far they agreed after each of ${inGroups(steps)} steps. The next cell has seed ${inGroups(next)}.`,
  );

const startCounts = ({ starts: { starts, nextSeed: next } }: Proved): string =>
  paragraph(
    `So far ${inGroups(starts)} starts did what they must. The next cell has seed ${inGroups(next)}.`,
  );

const supplyShown = ({ supply: { files, vulnerabilities } }: Proved): string =>
  paragraph(
    `In the last run ${inGroups(files)} files were equal. ${
      vulnerabilities === null
        ? 'The registry did not answer `npm audit`.'
        : `npm knew of ${inGroups(vulnerabilities)} vulnerabilities.`
    }`,
  );
