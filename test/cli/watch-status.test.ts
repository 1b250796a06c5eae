import { expect } from 'chai';
import type { Io } from '../../src/terminal/io.ts';
import { watchStatus } from '../../src/cli/watch-status.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { containers, LOST, report } from '../present/agent-state-builder.ts';
import { ran, type Written } from './running-agent.ts';

const TRACKED = reportJson(report(containers(3)));
const BROKEN = reportJson(report(containers(3, LOST)));
const AWAY = new KnownFailure('AGENT_UNREACHABLE', 'No agent \u001b[2J listens.');

/** Watches through these answers, and is interrupted when the last has been asked for. */
function watched(
  answers: readonly (ReportView | KnownFailure)[],
  format: 'table' | 'json',
  change: Partial<Io> = {},
): Promise<Written> {
  const controller = new AbortController();
  let asked = 0;
  const ask = (): Promise<ReportView> => {
    const answer = answers[asked];
    asked += 1;
    if (answer === undefined) throw new Error('asked once more than there are answers');
    return answer instanceof KnownFailure ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const draw = (view: ReportView): string => `TABLE ${view.verdict}\n`;
  const pause = (): Promise<void> => {
    if (asked === answers.length) controller.abort();
    return Promise.resolve();
  };
  return ran(
    (io) => watchStatus({ ask, draw, format, pause, stop: controller.signal }, io),
    change,
  );
}

describe('rollcall status --watch', () => {
  it('draws the table anew on a terminal, and ends with the last exit code', async () => {
    const { code, stdout } = await watched([TRACKED, BROKEN], 'table', { isTty: true });
    expect(code).to.equal(1);
    const screens = stdout.split('\u001b[H\u001b[2J');
    expect(screens).to.have.length(3);
    expect(screens[1]).to.match(/TABLE all-tracked\n$/);
    expect(screens[2]).to.match(/TABLE untracked\n$/);
  });

  it('writes a line elsewhere, and only when something changed', async () => {
    const { code, stdout } = await watched([TRACKED, TRACKED, BROKEN, BROKEN, TRACKED], 'table');
    expect(code).to.equal(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[1]),
    ).to.deep.equal(['all-tracked', 'untracked', 'all-tracked']);
    expect(stdout).not.to.contain('\u001b');
  });

  it('writes a line of JSON a pass', async () => {
    const next = { ...TRACKED, takenAt: '2026-03-02T10:22:00.000Z' };
    const { stdout } = await watched([TRACKED, TRACKED, next], 'json');
    const times = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as ReportView).takenAt);
    expect(times).to.deep.equal([TRACKED.takenAt, next.takenAt]);
  });

  it('shows an agent that does not answer as that, and goes on', async () => {
    const { code, stdout } = await watched([TRACKED, AWAY, AWAY, TRACKED], 'table');
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.have.length(3);
    expect(stdout).to.contain('unknown No agent \\u{1b}[2J listens.');
    expect((await watched([TRACKED, AWAY], 'table')).code).to.equal(2);
    const { stdout: screen } = await watched([AWAY], 'table', { isTty: true });
    expect(screen).to.contain('listens.');
    const { stdout: json } = await watched([AWAY], 'json');
    expect(JSON.parse(json)).to.have.property('error');
  });

  it('does not hide a defect of its own', async () => {
    const { code, stderr } = await watched([], 'table');
    expect(code).to.equal(2);
    expect(stderr).to.contain('defect');
  });
});
