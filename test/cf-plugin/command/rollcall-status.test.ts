import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../../src/model/ids.ts';
import { withDrill } from '../../../src/reconcile/container-report.ts';
import {
  containers,
  EMPTY,
  LOST,
  PENDING,
  report,
  UNOWNED,
} from '../../present/agent-state-builder.ts';
import {
  cell,
  cells,
  fleet,
  NOW,
  PROCESSES_HIDDEN,
  sensorLines,
  seriesOf,
} from '../standin/fleet.ts';
import type { StandInApp } from '../standin/foundation.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';
import { TOKEN } from '../standin/tokens.ts';

const appOf = ({ app }: typeof LOST): StandInApp => ({
  guid: app?.id ?? '',
  name: app?.name ?? '',
  space: app?.spaceName ?? '',
  organization: app?.organizationName ?? '',
});
const APPS = [LOST, EMPTY].map(appOf);

const drilled = withDrill(report(containers(20)), {
  handle: 'drill-5f0c22aa',
  since: new Date((NOW - 60) * 1000).toISOString(),
  until: new Date((NOW + 240) * 1000).toISOString(),
});

/** A foundation with a cell for everything that can be wrong. */
const MIXED = seriesOf(
  cell(0),
  cell(1, { containers: containers(20, LOST, UNOWNED, EMPTY) }),
  cell(2, { sampleAge: 125, passAge: 130 }),
  cell(3, { sampleAge: 5, passAge: 130 }),
  cell(4, { sampleAge: 200, passAge: 205, repSampleAge: null }),
  cell(5, {
    deployment: 'iso-seg',
    job: 'isolated_cell',
    containers: containers(5, PENDING),
  }),
  cell(6, PROCESSES_HIDDEN),
  cell(7, { containers: drilled.containers }),
  cell(8, { sampleAge: 6, passAge: 170, intervalSeconds: 60, version: '0.3.0-rc.1' }),
  cell(9, { sampleAge: 195, passAge: 200, containers: containers(20, LOST) }),
  cell(10, { sampleAge: 6, passAge: -3600 }),
  cell(11, { isCovered: false }),
  cell(12),
);
const mixed = { series: MIXED, apps: APPS };

/** 250 cells of which some are overdue, gone and untracked. */
const big = {
  series: seriesOf(
    ...cells(0, 239),
    cell(240, { containers: containers(20, LOST) }),
    cell(241, { containers: containers(20, UNOWNED, PENDING) }),
    ...cells(242, 245, { sampleAge: 88, passAge: 90 }),
    ...cells(246, 248, { sampleAge: 495, passAge: 500 }),
    cell(249, PROCESSES_HIDDEN),
  ),
  apps: APPS,
};

const golden = new URL('../../fixtures/cf-plugin/', import.meta.url);

/** Compares an output with a reviewed one; ROLLCALL_WRITE_GOLDEN=1 writes it, for review. */
function expectGolden(name: string, output: string): void {
  const file = new URL(name, golden);
  if (process.env['ROLLCALL_WRITE_GOLDEN'] === '1') writeFileSync(file, output);
  expect(existsSync(file), name).to.equal(true);
  expect(output).to.equal(readFileSync(file, 'utf8'));
}

describe('cf rollcall-status', () => {
  it('shows one cell on which all is well, and exits 0', async () => {
    const { code, stdout, stderr } = await ranPlugin({ series: seriesOf(cell(0)) });
    expectGolden('one-cell.txt', stdout);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });

  it('shows everything that can be wrong, worst first, and exits 1', async () => {
    const { code, stdout, stderr } = await ranPlugin(mixed);
    expectGolden('mixed.txt', stdout);
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
  });

  it('has all of it in the JSON, and nothing else on stdout', async () => {
    const { code, stdout, stderr, standIn } = await ranPlugin(mixed, ['--output', 'json']);
    expectGolden('mixed.json', stdout.replace(standIn.origin, 'https://api.example.com'));
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
  });

  it('shows 250 cells', async () => {
    const { code, stdout } = await ranPlugin(big, ['--expect-cells', '250']);
    expectGolden('250-cells.txt', stdout);
    expect(code).to.equal(1);
  });

  it('lists 200 instances and the reasons of 12 cells, and says how many more there are', async () => {
    const lines = async (instances: number, silent: number): Promise<readonly string[]> => {
      const fullAndSilent = [
        // A cell names 20 at most.
        ...Array.from({ length: 11 }, (_, number) =>
          cell(number, {
            containers: Array.from(
              { length: Math.max(0, Math.min(20, instances - number * 20)) },
              (_one, index) => ({ ...LOST, handle: asHandle(`lost-${number}-${index}`) }),
            ),
          }),
        ),
        ...cells(100, 99 + silent, { sampleAge: 96, passAge: 100 }),
      ];
      const { stdout } = await ranPlugin({ series: seriesOf(...fullAndSilent) });
      return stdout.split('\n');
    };
    const more = /^… and 1 more: --output json has all\.$/;
    for (const [instances, silent, rests] of [
      [200, 12, 0],
      [201, 12, 1],
      [200, 13, 1],
    ] as const) {
      const shown = await lines(instances, silent);
      const count = (pattern: RegExp): number => shown.filter((line) => pattern.test(line)).length;
      expect(count(/^unknown-to-garden /), `${instances}`).to.equal(200);
      expect(count(/^diego_cell\/\S+ overdue: /), `${silent}`).to.equal(12);
      expect(count(more), `${instances}, ${silent}`).to.equal(rests);
    }
  });

  it('shortens the BOSH ids on a terminal that is too narrow, and colours as cf does', async () => {
    const { stdout } = await ranPlugin(mixed, [], { io: { isTty: true, columns: 120 } });
    expectGolden('mixed-terminal.txt', stdout);
  });

  it('lets CF_COLOR override the terminal, and NO_COLOR only on a terminal', async () => {
    const colored = async (isTty: boolean, env: Record<string, string>): Promise<boolean> => {
      const { stdout } = await ranPlugin(mixed, [], { io: { isTty, env } });
      return stdout.includes('\u001b[');
    };
    expect(await colored(true, {})).to.equal(true);
    expect(await colored(true, { NO_COLOR: '1' })).to.equal(false);
    expect(await colored(true, { CF_COLOR: 'false' })).to.equal(false);
    expect(await colored(false, {})).to.equal(false);
    expect(await colored(false, { CF_COLOR: 'true', NO_COLOR: '1' })).to.equal(true);
  });

  it('leaves out columns that are the same in every row where the terminal is too narrow', async () => {
    const io = { isTty: true, columns: 90, env: { CF_COLOR: 'false' } };
    const { stdout } = await ranPlugin({ series: seriesOf(...fleet(2)) }, [], { io });
    const [titles, , , same] = stdout.split('\n\n')[0]?.split('\n') ?? [];
    expect(titles?.split(/ {3,}/)).to.deep.equal(['cell', 'ip', 'verdict']);
    expect(same).to.equal(
      'in all rows: deployment cf, instance group diego_cell, listed 20, tracked 20, pending 0, ' +
        'untracked 0, garden up, age 9s, version 0.2.0',
    );
    const wide = await ranPlugin({ series: seriesOf(...fleet(2)) }, [], {
      io: { ...io, columns: 200 },
    });
    expect(wide.stdout).to.match(/^deployment .* version$/m);
    const one = await ranPlugin({ series: seriesOf(cell(0)) }, [], { io });
    expect(one.stdout).to.match(/^deployment /m);
  });

  it('has a column for sensors where a cell has one', async () => {
    const moreLines = [
      sensorLines('falco', { seen: 57, unseen: 3 }),
      sensorLines('tracee', { isUp: false }),
      sensorLines('ids', { isSilent: true }),
    ].join('');
    const { stdout } = await ranPlugin({ series: seriesOf(cell(0, { moreLines }), cell(1)) });
    expect(stdout).to.match(/untracked {3}sensors +garden/);
    expect(stdout).to.match(/ 0 {3}falco 57\/60, ids silent, tracee down {3}up/);
  });

  it('traces each request where CF_TRACE says so, without the token', async () => {
    const { stderr, stdout } = await ranPlugin(mixed, ['--output=json'], {
      io: { env: { CF_TRACE: 'true' } },
    });
    expect(stderr).to.match(
      /^rollcall: GET http:\S+\/api\/v1\/read\/rollcall-heartbeat\?\S+ 200 \d+ ms$/m,
    );
    expect(stderr).not.to.contain(TOKEN.replace('bearer ', ''));
    expect(JSON.parse(stdout)).to.include({ schemaVersion: 1 });
    const folder = temporaryFolder();
    const file = path.join(folder, 'trace');
    const traced = await ranPlugin(mixed, [], { io: { env: { CF_TRACE: file } } });
    expect(traced.stderr).to.equal('');
    expect(readFileSync(file, 'utf8')).to.match(/^\S+Z rollcall: GET http:\S+ 200 \d+ ms$/m);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });
});
