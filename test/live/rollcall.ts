import { expectDocumented } from '../json-schemas.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { runInCell, type Cell, type Ran } from '../../tools/demo-cell/cell/cell.ts';
import type { reportJson } from '../../src/present/report-json.ts';
import type { explainJson } from '../../src/present/explain.ts';

export type { Ran };

/** Runs a command as somebody who logged in to the cell would. */
export const inside = runInCell;

/**
 * Long enough for a second pass, which `partial` needs; every other difference is a finding in the
 * first.
 */
export const SHORT = ['--settle', '100ms'];

export type ReportJson = ReturnType<typeof reportJson>;
export type ExplainJson = ReturnType<typeof explainJson>;
type ContainerJson = ReportJson['containers'][number];

/** `wrapper` stands before the command: another user, other namespaces. */
export interface Surroundings {
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `rollcall` with these arguments, in a process of its own in the cell. */
export async function rollcall(
  cell: Cell,
  args: readonly string[],
  { wrapper = [], env = {} }: Surroundings = {},
): Promise<Ran> {
  const ran = await inside(cell, [...wrapper, process.execPath, PROGRAM, ...args], env);
  expectDocumented(args, ran.stdout);
  return ran;
}

export interface Checked extends Ran {
  readonly report: ReportJson;
}

/** `rollcall check --format json`; fails if anything else than one JSON text is on stdout. */
export async function check(
  cell: Cell,
  args: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<Checked> {
  const ran = await rollcall(cell, ['check', '--format', 'json', ...args], surroundings);
  return { ...ran, report: parsed(ran) as ReportJson };
}

/** `rollcall explain --format json` of one container. */
export async function explain(
  cell: Cell,
  handle: string,
  args: readonly string[] = [],
): Promise<ExplainJson & Pick<Ran, 'exitCode'>> {
  const ran = await rollcall(cell, ['explain', '--format', 'json', ...args, '--', handle]);
  return { ...(parsed(ran) as ExplainJson), exitCode: ran.exitCode };
}

function parsed({ stdout, stderr, exitCode }: Ran): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`no JSON on stdout, exit ${exitCode}: ${stdout}\n${stderr}`);
  }
}

/** `status`, with the reason of what is not tracked, by handle. */
export const statuses = ({ containers }: ReportJson): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containers.map(({ handle, status, reason }) => [
      handle,
      reason === null ? status : `${status} ${reason}`,
    ]),
  );

export function containerOf({ containers }: ReportJson, handle: string): ContainerJson {
  const container = containers.find((one) => one.handle === handle);
  if (container === undefined) throw new Error(`${handle} is not in the report`);
  return container;
}

/** What was counted and not reported, in words. */
export const ignoring = (report: ReportJson): string =>
  Object.entries(report.ignored)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
