import path from 'node:path';
import * as v from 'valibot';
import type { Cell } from '../../src/demo-cell/cell.ts';
import { runInCell } from '../../src/demo-cell/run-in-cell.ts';
import { root } from '../bootstrap/place.mjs';

/** A program of this folder that measures something in a cell: what it is asked, and what it prints. */
interface Measurement<Asked extends v.GenericSchema, Result extends v.GenericSchema> {
  readonly script: string;
  readonly asked: Asked;
  readonly result: Result;
}

const Samples = v.array(v.number());
/** The compiled kernel-reads.c; null where there is none. */
const CProgram = v.nullable(v.string());

export const MOUNTINFO = {
  script: 'measure-mountinfo.ts',
  asked: v.object({ program: CProgram, lines: v.number(), rounds: v.number() }),
  result: v.object({
    lines: v.number(),
    bytes: v.number(),
    cgroupMounts: v.number(),
    c: v.object({ read: Samples, parse: Samples, both: Samples }),
    ours: v.object({
      read: Samples,
      parse: Samples,
      both: Samples,
      choose: Samples,
      all: Samples,
      look: Samples,
    }),
  }),
};

export const SCAN = {
  script: 'measure-scan.ts',
  asked: v.object({
    program: CProgram,
    rounds: v.number(),
    containers: v.number(),
    /** How often the flat read is made through the thread pool, which is slow. */
    asynchronously: v.number(),
  }),
  result: v.object({ flat: Samples, tree: Samples, ours: Samples, asynchronous: Samples }),
};

export const SOAK = {
  script: 'measure-soak.ts',
  asked: v.object({ looks: v.number(), every: v.number() }),
  result: v.array(
    v.object({
      looks: v.number(),
      heapKilobytes: v.number(),
      remembered: v.number(),
      findings: v.number(),
    }),
  ),
};

/** Runs a measurement as a process of its own in the cell. */
export async function measure<Asked extends v.GenericSchema, Result extends v.GenericSchema>(
  cell: Cell,
  { script, result }: Measurement<Asked, Result>,
  asked: v.InferInput<Asked>,
  /** What the measuring process is started through. */
  through: readonly string[] = [],
): Promise<v.InferOutput<Result>> {
  const file = path.join(root, 'tools/bench', script);
  const command = [...through, process.execPath, file, JSON.stringify(asked)];
  const { stdout, stderr, exitCode } = await runInCell(cell, command);
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${stderr}`);
  return v.parse(result, JSON.parse(stdout));
}

/** In the measuring process: what it is asked. */
export const askedOf = <Asked extends v.GenericSchema>({
  asked,
}: {
  readonly asked: Asked;
}): v.InferOutput<Asked> => v.parse(asked, JSON.parse(process.argv[2] ?? ''));

export const answerWith = (result: unknown): void => {
  process.stdout.write(JSON.stringify(result));
};
