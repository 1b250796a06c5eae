import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { CellIdentity } from '../../src/model/cell-identity.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import type { Cell } from './cell/cell.ts';
import { until } from './cgroups/processes.ts';
import { runInBackground } from './gdn/cell-program.ts';
import { BOX_HOME } from './gdn/config.ts';
import { ask } from './gdn/control.ts';
import { rollcallCommand } from './scenes.ts';
import { BREAKS } from './story-cell.ts';

/** Where a cell has it. */
const PROGRAM = '/var/vcap/jobs/rollcall/bin/rollcall';
/** The steps of a finding begin with it. A container image for builds often has none, and here everybody is root. */
const SUDO = '/var/vcap/jobs/rollcall/bin/sudo';
/** `PROGRAM` for the machine, which enters the cell. */
const FROM_OUTSIDE = '/var/vcap/rollcall';
const CONFIG = '/var/vcap/jobs/rollcall/config/agent.json';
const LOG = '/var/vcap/sys/log/rollcall/rollcall.stdout.log';
const SOCKET = '/var/vcap/data/rollcall/rollcall.sock';
const PAGE_ADDRESS = `${BOX_HOME}/page-address`;

/** So short that nobody waits for the findings of a demo. */
const RECONCILE = { intervalSeconds: 1, gracePeriodSeconds: 2 };
/** As the Director would give it to the templates of the job. */
const IDENTITY: CellIdentity = {
  deployment: 'cf',
  group: 'diego-cell',
  index: 0,
  id: '0f1b7c1e-2b8e-4f5c-9a51-demo',
  az: 'z1',
  ip: '10.0.16.4',
};
const DEADLINE_MILLISECONDS = 30_000;

/**
 * Starts an agent in the cell, as its job would, and its page. Before anything breaks, so that it
 * knows whose the containers are.
 * @throws KnownFailure DEMO_FAILED if the agent does not compare the cell
 */
export async function startAgentOf(cell: Cell): Promise<void> {
  const enter = cell.enterForPeople.join(' ');
  installProgram(cell);
  install(
    cell.outside(FROM_OUTSIDE),
    `exec env ROLLCALL_TYPED_AS=${cell.outside(FROM_OUTSIDE)} ${enter} ${PROGRAM} "$@"`,
  );
  for (const file of [CONFIG, SOCKET]) mkdirSync(cell.outside(dirname(file)), { recursive: true });
  writeFileSync(cell.outside(CONFIG), JSON.stringify({ cell: IDENTITY, reconcile: RECONCILE }));
  await cell.others.bpmProgram('rollcall', LOG, [PROGRAM, 'agent', '--config', CONFIG]);
  await runInBackground(cell.enterButNetwork, `${BOX_HOME}/page.log`, [
    process.execPath,
    fileURLToPath(new URL('./page/main.ts', import.meta.url)),
    SOCKET,
    PAGE_ADDRESS,
  ]);
  await until(() => whatIsMissing(cell, 0), DEADLINE_MILLISECONDS);
}

/** What the steps of a finding begin with, where a cell has it. */
export function installProgram(cell: Cell): void {
  install(cell.outside(PROGRAM), `exec ${rollcallCommand([]).join(' ')} "$@"`);
  install(cell.outside(SUDO), 'exec "$@"');
}

/**
 * Keeps the cell, once its agent has found what the story broke.
 * @returns the commands to try, for people
 * @throws KnownFailure DEMO_FAILED if it does not report that
 */
export async function keepCell(cell: Cell): Promise<string> {
  await until(() => whatIsMissing(cell, BREAKS.length - 1), DEADLINE_MILLISECONDS);
  cell.keep();
  return commandsFor(cell, cell.enterForPeople.join(' '));
}

/** Where the machine reaches the page of a cell with an agent. */
export const pageAddress = (cell: Cell): string => readFileSync(cell.outside(PAGE_ADDRESS), 'utf8');

function install(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

async function whatIsMissing(cell: Cell, findings: number): Promise<string | null> {
  if (!existsSync(cell.outside(PAGE_ADDRESS))) return 'the page of the cell is not served';
  const socketPath = cell.outside(SOCKET);
  const question = { method: 'GET', path: '/v1/report', deadlineMilliseconds: 1000 } as const;
  const { body } = await ask(socketPath, question).catch(() => ({ body: '' }));
  const report = parseReportJson(body);
  const found = report.ok ? report.value.summary.untracked : -1;
  return found >= findings ? null : 'the agent of the cell does not report what is broken';
}

function commandsFor(cell: Cell, enter: string): string {
  const rollcall = cell.outside(FROM_OUTSIDE);
  const [first] = BREAKS;
  const rows = [
    ['What the agent knows (exit code 1: something is untracked)', `${rollcall} status`],
    ['Follow it: a line for each change, until Ctrl-C', `${rollcall} status --watch`],
    ['Everything known about one container', `${rollcall} explain ${first.handle.slice(0, 8)}`],
    ['Raise a finding that is only a drill', `${rollcall} drill --for 5m`],
    ['The log of the agent', `tail -F ${cell.outside(LOG)}`],
    ['Its page, in a browser', pageAddress(cell)],
    [
      'A shell in the cell, with rollcall in its PATH',
      `${enter} env PATH=${dirname(PROGRAM)}:$PATH sh`,
    ],
    ['Remove the cell completely', `kill -9 ${cell.rootPid}`],
  ] as const;
  const lines = rows.map(([what, command]) => `${what}:\n  ${command}\n`);
  return `\nThe cell in a box keeps running, with an agent.\n${lines.join('')}\n`;
}
