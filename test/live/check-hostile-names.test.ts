import { expect } from 'chai';
import { oneLine } from '../../src/model/text.ts';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { typed } from '../cli/rollcall.ts';
import { cellFor } from './cells.ts';
import { check, inside, rollcall, SHORT, statuses } from './rollcall.ts';
import { startAgent } from './running-agent.ts';

const RED = '\u001b[31m';

/**
 * Whatever breaks a line or steers a terminal: C0 but the newline, C1, overrides, separators, lone
 * surrogates.
 */
const STEERING = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u;

/**
 * All of them can name a cgroup. Some mean something elsewhere: to a shell, in a path, in Garden's
 * or systemd's layout.
 */
const NAMES = [
  'x',
  '-rf',
  'a'.repeat(200),
  `Ünï "quoted" it's ${RED}red\u0007\u202e\u009b31m tab\t`,
  '..x',
  '...',
  '%2e%2e',
  'a,b=c d',
  '$(reboot)',
  '\u{1f600}',
  'garden',
  'garden-x',
  'good',
  'init',
  'x-envoy',
  '-envoy',
  'bpm-rep',
  'garden.service',
  'constructor',
  '__proto__',
  'toString',
];

const APP = {
  name: `evil\nname ${RED}${'y'.repeat(10_000)}`,
  spaceName: 's\r\n\u2028\ud800',
  organizationName: `"\\${RED}`,
  processType: '\u009b31m',
};

const SHAPES: readonly Pick<CellOptions, 'mode' | 'layout' | 'runtime'>[] = [
  { mode: 'auto', layout: 'plain', runtime: 'containerd' },
  { mode: 'v2', layout: 'throttled', runtime: 'containerd' },
];

/** The options of a command that shows the cell as it is now; it may run outside of the cell. */
async function capturedIn(cell: Cell): Promise<readonly string[]> {
  const file = '/var/vcap/data/cell.json.gz';
  await inside(cell, ['rm', '-f', file]);
  expect((await rollcall(cell, ['capture', file, ...SHORT])).exitCode).to.equal(0);
  return ['--capture', cell.outside(file)];
}

describe('A check of containers whose names are chosen to do harm', function () {
  for (const shape of SHAPES) {
    it(`reports every one of them, and escapes its name (${shape.mode}, ${shape.layout})`, async function () {
      const cell = await cellFor(this, shape);
      await Promise.all(
        NAMES.map((handle) => cell.create({ handle, kind: 'app', app: APP, processes: 0 })),
      );
      const { report, exitCode, stdout } = await check(cell, SHORT);
      const tracked = NAMES.map((handle) => [handle, 'tracked'] as const);
      expect(statuses(report)).to.deep.equal(Object.fromEntries(tracked));
      expect(exitCode).to.equal(0);
      expect(stdout).not.to.match(STEERING);
      const [container] = report.containers;
      expect(container?.app?.name, 'as it is, and bounded').to.equal(APP.name.slice(0, 256));

      const lost = ['garden', '__proto__', NAMES[3] ?? ''];
      for (const handle of lost) await cell.forget(handle);
      await cell.loseOwner('-rf');
      const captured = await capturedIn(cell);
      for (const columns of [40, 120]) {
        const table = await typed(['check', '--all', ...captured], { columns });
        expect([table.code, table.stderr]).to.deep.equal([1, '']);
        expect(table.stdout).not.to.match(STEERING);
        // Handles and commands are copied, so they stay whole.
        const isCopied = (line: string): boolean =>
          /^ {2}pid \d/.test(line) ||
          NAMES.some((name) => line.includes(oneLine(name, 10_000)) && displayWidth(name) > 8);
        const widths = table.stdout
          .split('\n')
          .filter((line) => !isCopied(line))
          .map(displayWidth);
        expect(Math.max(...widths), `${columns} columns`).to.be.at.most(columns);
      }
      for (const handle of ['-rf', NAMES[3] ?? '']) {
        const explained = await typed(['explain', '--format', 'json', ...captured, '--', handle]);
        const text = await typed(['explain', ...captured, '--', handle]);
        expect(JSON.parse(explained.stdout)).to.include({ handle });
        expect([explained.code, text.code]).to.deep.equal([1, 1]);
        expect(text.stdout).not.to.match(STEERING);
      }
    });
  }

  it('hides the values of command lines, except from root who asks for them', async function () {
    const cell = await cellFor(this, {}, 'x');
    const { report } = await check(cell, SHORT);
    const directory = report.containers[0]?.cgroups[report.cgroups.primary ?? ''] ?? '';
    const mount = report.cgroups.hierarchies
      .map(({ chosen }) => chosen?.mountPoint ?? '')
      .find((point) => point.endsWith('/memory') || point === '/sys/fs/cgroup');
    const script =
      'echo 0 >"$1/cgroup.procs"; exec sh -c "sleep 1000; :" ' +
      'app --password=hunter2 hunter2 --port=8080 "$2" >/dev/null 2>&1 &';
    const shown = `${RED}\n\u202e`;
    await inside(cell, ['sh', '-c', script, 'sh', `${mount ?? ''}${directory}`, shown]);
    await cell.forget('x');
    const after = await check(cell, SHORT);
    expect(after.stdout).to.contain('--password=… … --port=8080').and.not.to.contain('hunter2');
    expect(after.stdout).not.to.match(STEERING);
    const table = await rollcall(cell, ['check', ...SHORT]);
    expect(table.stdout).not.to.contain('hunter2').and.not.to.match(STEERING);
    const agent = await startAgent(cell);
    await agent.until('container.untracked x');
    const said = agent.lines.join('') + (await agent.get('/v1/report'));
    expect(said).to.contain('--password=… … --port=8080').and.not.to.contain('hunter2');
    const whole = await rollcall(cell, ['check', '--show-commands', ...SHORT]);
    expect(whole.stdout).to.contain('--password=hunter2 hunter2').and.not.to.match(STEERING);
  });
});
