import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/status.ts';
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
import { cell, fleet, NOW, seriesOf, type StandInCell } from '../standin/fleet.ts';
import type { StandInApp } from '../standin/foundation.ts';
import { withHeldDeadlines } from '../standin/held-deadlines.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

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

/** One cell for everything that can be wrong. */
const MIXED: readonly StandInCell[] = [
  cell(0),
  cell(1, { containers: containers(20, LOST, UNOWNED, EMPTY) }),
  cell(2, { reconciled: 130, scraped: 125 }),
  cell(3, { reconciled: 130, scraped: 5 }),
  cell(4, { reconciled: 405, scraped: 400 }),
  cell(5, { containers: containers(5, PENDING), deployment: 'iso-seg', job: 'isolated_cell' }),
  cell(6, { report: { unknownCause: { kind: 'processes-hidden', by: null } } }),
  cell(7, { containers: drilled.containers }),
  cell(8, { reconciled: 170, intervalSeconds: 60, version: '0.2.0-rc.1' }),
  cell(9, { containers: containers(20, LOST), reconciled: 200, scraped: 195 }),
  cell(10, { reconciled: -3600 }),
];
const mixed = { series: MIXED.flatMap(seriesOf), apps: APPS };

/** 250 cells of which some are stale, gone and untracked. */
const big = {
  series: [
    ...fleet(240),
    cell(240, { containers: containers(20, LOST) }),
    cell(241, { containers: containers(20, UNOWNED, PENDING) }),
    ...fleet(249, { reconciled: 90, scraped: 88 }).slice(242, 246),
    ...fleet(250, { reconciled: 500, scraped: 495 }).slice(246, 249),
    cell(249, { report: { unknownCause: { kind: 'no-anchor', gdns: 'none' } } }),
  ].flatMap(seriesOf),
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
    const { code, stdout, stderr } = await ranPlugin({ series: fleet(1).flatMap(seriesOf) });
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

  it('shows 2,000 cells, a line each', async () => {
    const { code, stdout } = await ranPlugin({ series: fleet(2000).flatMap(seriesOf) });
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('cf  '))).to.have.length(2000);
    expect(lines.at(-2)).to.equal(
      '2000 cells: 2000 all tracked. Garden lists 40000 containers, and none is untracked.',
    );
    expect(code).to.equal(0);
  });

  it('has room for 2,000 cells, although a silent one makes it ask for five minutes of all', async () => {
    const cells = [...fleet(1998), cell(1998, { reconciled: 280, scraped: 275 }), cell(1999)];
    // A cell that is late now makes the second round reach from now to the silent one.
    const late = [cell(2000, { reconciled: 50, scraped: 46 })];
    const { stdout, stderr, standIn } = await ranPlugin(
      { series: [...cells, ...late].flatMap(seriesOf) },
      ['--output', 'json'],
    );
    expect(stderr).to.equal('');
    const { summary, notes } = JSON.parse(stdout) as FoundationStatus;
    expect(summary.byVerdict).to.include({ 'all-tracked': 1999, stale: 2 });
    expect(notes).to.have.length(1);
    expect(standIn.largestAnswer()).to.be.within(6_000_000, 9_000_000);
  });

  it('lists 200 instances and the reasons of 12 cells, and says how many more there are', async () => {
    const lines = async (instances: number, silent: number): Promise<readonly string[]> => {
      const cells = [
        // A cell names 20 at most.
        ...Array.from({ length: 11 }, (_, number) =>
          cell(number, {
            containers: Array.from(
              { length: Math.max(0, Math.min(20, instances - number * 20)) },
              (_one, index) => ({ ...LOST, handle: asHandle(`lost-${number}-${index}`) }),
            ),
          }),
        ),
        ...fleet(100 + silent, { reconciled: 100, scraped: 96 }).slice(100),
      ];
      const { stdout } = await ranPlugin({ series: cells.flatMap(seriesOf) });
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
      expect(count(/^diego_cell\/\S+ stale: /), `${silent}`).to.equal(12);
      expect(count(more), `${instances}, ${silent}`).to.equal(rests);
    }
  });

  it('shortens the BOSH ids on a terminal that is too narrow, and colours as cf does', async () => {
    const { stdout } = await ranPlugin(mixed, [], { io: { isTty: true, columns: 120 } });
    expectGolden('mixed-terminal.txt', stdout);
  });

  it('takes CF_COLOR for stronger than cf config, that than the terminal, and NO_COLOR only there', async () => {
    const colored = async (
      isTty: boolean,
      env: Record<string, string>,
      configuredColor: boolean | null = null,
    ): Promise<boolean> => {
      const { stdout } = await ranPlugin(mixed, [], { io: { isTty, env, configuredColor } });
      return stdout.includes('\u001b[');
    };
    expect(await colored(true, {}, false)).to.equal(false);
    expect(await colored(false, { NO_COLOR: '1' }, true)).to.equal(true);
    expect(await colored(false, { CF_COLOR: 'true' }, false)).to.equal(true);
    expect(await colored(true, { CF_COLOR: 'false' }, true)).to.equal(false);
    expect(await colored(false, { CF_COLOR: 'always' }, true)).to.equal(true);
    expect(await colored(true, {})).to.equal(true);
    expect(await colored(true, { NO_COLOR: '1' })).to.equal(false);
    expect(await colored(true, { CF_COLOR: 'false' })).to.equal(false);
    expect(await colored(false, {})).to.equal(false);
    expect(await colored(false, { CF_COLOR: 'true', NO_COLOR: '1' })).to.equal(true);
  });

  it('says on a terminal what it waits for, and takes it away again', async () => {
    const { stderr } = await ranPlugin(mixed, [], { io: { showsProgress: true } });
    expect(stderr).to.equal('Getting the state of the cells as admin...\r\u001b[2K');
  });

  it('says no more there than one line takes, because only one is taken away', async () => {
    const said = async (stderrColumns: number): Promise<string | undefined> => {
      const { stderr } = await ranPlugin(mixed, [], { io: { showsProgress: true, stderrColumns } });
      return stderr.split('\r')[0];
    };
    expect(await said(43)).to.equal('Getting the state of the cells as admin...');
    expect(await said(42)).to.equal('Getting the state of the cells as admin.…');
    expect(await said(1)).to.equal('');
  });

  it('asks with one token of cf, and Log Cache everything at once', async () => {
    const { standIn, code } = await withHeldDeadlines(({ set }) =>
      ranPlugin({ ...big, begun: () => set().length }),
    );
    expect(code).to.equal(1);
    expect(standIn.mostAtOnce()).to.equal(11);
    expect(standIn.requests.filter(({ pathname }) => pathname === '/')).to.have.length(1);
    expect(new Set(standIn.tokens)).to.deep.equal(new Set(['bearer token-1']));
  });
});
