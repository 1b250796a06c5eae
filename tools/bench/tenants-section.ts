import { execa } from 'execa';
import type { Cell } from '../demo-cell/cell/cell.ts';
import {
  endAll,
  medianOf,
  settle,
  SHORT_SECONDS,
  startAgents,
  timesOf,
  windowsOf,
  type Packages,
  type Row,
} from './agent-section.ts';
import { MANY_PROCESSES, startMany, type ManyProcesses } from './many-processes.ts';
import { startFloor } from './runners.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

interface Tenant {
  readonly what: string;
  readonly processes: Omit<ManyProcesses, 'program'>;
  /** The most that a pass may cost beside it, as a multiple of a quiet pass. */
  readonly most: number;
}

/** More would make whatever reads all processes of this machine wait, such as pgrep. */
const MANY = { name: 'gdn', count: 1000, groups: 2000 } as const;

const TENANTS: readonly Tenant[] = [
  { what: '1,000 processes named gdn, with 2,000 groups', processes: MANY, most: 1.2 },
  { what: 'the same, which hide their root', processes: { ...MANY, chroot: '/empty' }, most: 2 },
  {
    what: 'the dearest tenant: 1,000 new processes each second',
    processes: { name: 'gdn', count: 1000, seconds: 1 },
    most: 4,
  },
];

interface Measured {
  readonly cell: Cell;
  readonly packages: Packages;
  /** The program of the floor, and a folder for another one. */
  readonly floor: string;
  readonly directory: string;
  /** The container of the tenant. */
  readonly handle: string;
  readonly say: (what: string) => void;
}

/** What passes cost beside a tenant that wants them to be dear. The floor reads the cell as it was before. */
export async function tenantsSection(bench: Measured): Promise<Section> {
  const { cell, packages, floor, directory, handle, say } = bench;
  const program = `${directory}/many-processes`;
  await execa('gcc', ['-O2', '-static', '-o', program, MANY_PROCESSES]);
  const beside = { C: await startFloor(cell, floor, SHORT_SECONDS) };
  const costsNow = async (): Promise<Row['costs']> => {
    // An agent that starts reads the names of all processes.
    const agents = await startAgents(packages, cell, SHORT_SECONDS);
    await settle(cell, agents);
    const costs = await windowsOf({ ...agents, ...beside }, 5, 3);
    await endAll(agents);
    return costs;
  };
  say('passes without such a tenant');
  const quiet = await costsNow();
  const timesQuiet = (costs: Row['costs']): number => timesOf(costs, 'C') / timesOf(quiet, 'C');
  const rows: { readonly tenant: Tenant; readonly costs: Row['costs'] }[] = [];
  for (const tenant of TENANTS) {
    say(`beside ${tenant.what}`);
    const end = await startMany(cell, handle, { program, ...tenant.processes });
    const costs = await costsNow();
    rows.push({ tenant, costs });
    say(`${timesQuiet(costs).toFixed(2)} × a quiet pass`);
    await end();
  }
  await endAll(beside);
  return {
    title: 'A tenant that wants passes to be dear',
    columns: ['beside', 'rollcall, ms', '× a quiet pass'],
    rows: [
      ['no such tenant', milliseconds(medianOf(quiet, 'cpu')), ''],
      ...rows.map(({ tenant: { what }, costs }) => [
        what,
        milliseconds(medianOf(costs, 'cpu')),
        timesQuiet(costs).toFixed(2),
      ]),
    ],
    goals: rows.map(({ tenant: { what, most }, costs }) =>
      goalOf(what, timesQuiet(costs), [most, '× a quiet pass']),
    ),
  };
}
