import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { changesTo, passesTo, watchAgent } from '../../src/cli/status-command.ts';
import { answerOfAgent } from '../../src/cli/agent-answers.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { colors } from '../../src/present/color.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { expectDocumented } from '../json-schemas.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { answering, socketServing, withLength } from '../probe/socket-server.ts';
import { containers, LOST, report, STATES } from '../present/agent-state-builder.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectRefused, ran, typed, type Ran } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const status = (statusSocket: string, words = ''): Promise<Ran> =>
  typed(['status', '--status-socket', statusSocket, ...words.split(' ').filter(Boolean)]);

describe('rollcall status', () => {
  for (const [name, expected] of [
    ['all tracked', 0],
    ['untracked', 1],
    ['unknown', 2],
    ['drill', 1],
  ] as const) {
    it(`shows the table of check, and exits ${expected}: ${name}`, async () => {
      const { report: last } = STATES[name]();
      if (last === null) throw new Error('no report');
      const { socketPath } = await agentShowing(STATES[name]());
      const { code, stdout, stderr } = await status(socketPath);
      expect(stdout).to.equal(
        checkText(reportJson(last), {
          colors: colors(false),
          columns: 80,
          all: false,
          wide: false,
          isWhole: false,
          settleMilliseconds: Infinity,
        }),
      );
      expect({ code, stderr }).to.deep.equal({ code: expected, stderr: '' });
    });
  }

  it('shows JSON, and nothing else on stdout', async () => {
    const { socketPath } = await agentShowing(STATES.untracked());
    const { code, stdout } = await status(socketPath, '--json');
    expect(code).to.equal(1);
    expect(JSON.parse(stdout)).to.deep.include({ schemaVersion: 1, verdict: 'untracked' });
  });

  it('writes the page as the agent gives it', async () => {
    for (const make of Object.values(STATES).filter((one) => one().report !== null)) {
      const { socketPath } = await agentShowing(make());
      const { stdout } = await status(socketPath, '--format html');
      expect(stdout).to.equal(await answerOfAgent(socketPath, '/v1/page'));
    }
  });

  // Whoever can make a socket in its place chose what a terminal does: the page was not read at
  // all.
  it('passes no terminal escapes to a terminal, whatever answers in place of the agent', async () => {
    const page = '<p>\u001b]0;owned\u0007\u009b31m\u202e\r</p>\n';
    const { report: last } = STATES.untracked();
    const view = last === null ? '' : JSON.stringify(reportJson(last));
    const spoofed = (socket: net.Socket): void => {
      socket.on('data', (asked) => {
        socket.write(withLength(String(asked).includes('/v1/page') ? page : view));
      });
    };
    const path = await socketServing(spoofed);
    const { stdout } = await status(path, '--format html');
    const hole = '\ufffd';
    expect(stdout).to.equal(`<p>${hole}]0;owned${hole}${hole}31m${hole}${hole}</p>\n`);
  });

  it('says that the first pass has not completed yet', async () => {
    const { socketPath } = await agentShowing(STATES['first pass']());
    expectRefused(await status(socketPath), 'first pass', 'try again');
  });

  describe('says in one line what to do, and exits 2,', () => {
    it('where there is no socket', async () => {
      const folder = temporaryFolder();
      const path = join(folder, 'none');
      expectRefused(await status(path), path, 'monit summary', '--status-socket');
      expectRefused(await status(''), '--status-socket');
    });

    it('where nobody listens any more', async () => {
      const folder = temporaryFolder();
      const path = join(folder, 's');
      const server = net.createServer().listen(path);
      await once(server, 'listening');
      fs.renameSync(path, `${path}.kept`);
      server.close();
      expectRefused(await status(`${path}.kept`), 'has ended', 'monit start rollcall');
    });

    it('if it reaches something else', async () => {
      const path = await socketServing(answering('SSH-2.0-x\r\n\r\n'));
      expectRefused(await status(path), path);
    });

    it('if the answer is not a report', async () => {
      for (const [answer, ...says] of [
        [withLength('{"schemaVersion": 7}'), 'schemaVersion 7', 'same release'],
        [withLength('<html>'), 'not valid JSON'],
        [withLength('{"error":"\\u001b[2J"}', 'HTTP/1.1 404 x'), 'answered 404'],
      ] as const)
        expectRefused(await status(await socketServing(answering(answer))), ...says);
    });

    it('within its time, whoever answers without an end', async () => {
      const trickling = (socket: net.Socket): void => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
        const timer = setInterval(() => socket.write(' '), 100);
        socket.once('close', () => clearInterval(timer));
      };
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      const endless = (socket: net.Socket): void => {
        const more = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('drain', more);
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        more();
      };
      const [slow, large] = await Promise.all([
        status(await socketServing(trickling)),
        status(await socketServing(endless)),
      ]);
      expectRefused(slow, 'does not answer', 'within 5 s');
      expectRefused(large, 'is not an agent');
    });

    it('for a page that should refresh itself in a file', async () => {
      expectRefused(await status('/x', '--format html --watch'), '--watch');
    });
  });
});

const TRACKED = reportJson(report(containers(3)));
const BROKEN = reportJson(report(containers(3, LOST)));
const AWAY = new KnownFailure('AGENT_UNREACHABLE', 'No agent \u001b[2J listens.');

/** Watches through these answers, and is interrupted when the last has been asked for. */
async function watched(
  answers: readonly (ReportView | KnownFailure)[],
  format: 'table' | 'json',
): Promise<Ran> {
  const controller = new AbortController();
  let asked = 0;
  const ask = (): Promise<ReportView> => {
    const answer = answers[asked];
    asked += 1;
    if (answer === undefined) throw new Error('asked once more than there are answers');
    return answer instanceof KnownFailure ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const pause = (): Promise<void> => {
    if (asked === answers.length) controller.abort();
    return Promise.resolve();
  };
  const watching = { ask, pause, stop: controller.signal };
  const result = await ran((io) =>
    watchAgent(watching, format === 'json' ? passesTo(io) : changesTo(io)),
  );
  expectDocumented(['status', '--watch', '--format', format], result.stdout);
  return result;
}

const linesOf = ({ stdout }: Ran): readonly string[] => stdout.trimEnd().split('\n');

describe('rollcall status --watch', () => {
  it('writes a line, and only when something changed', async () => {
    const result = await watched([TRACKED, TRACKED, BROKEN, BROKEN, TRACKED], 'table');
    expect(result.code).to.equal(0);
    expect(linesOf(result).map((line) => line.split(' ')[1])).to.deep.equal([
      'all-tracked',
      'untracked',
      'all-tracked',
    ]);
  });

  it('writes one line of JSON per pass', async () => {
    const next = { ...TRACKED, takenAt: '2026-03-02T10:22:00.000Z' };
    const times = linesOf(await watched([TRACKED, TRACKED, next], 'json')).map(
      (line) => (JSON.parse(line) as ReportView).takenAt,
    );
    expect(times).to.deep.equal([TRACKED.takenAt, next.takenAt]);
  });

  it('continues while the agent does not answer, and exits as the last answer says', async () => {
    const away = await watched([TRACKED, AWAY, AWAY, BROKEN], 'table');
    expect(away.code).to.equal(1);
    expect(linesOf(away).map((line) => line.split(' ')[1])).to.deep.equal([
      'all-tracked',
      'unknown',
      'untracked',
    ]);
    expect((await watched([TRACKED, AWAY], 'table')).code).to.equal(2);
  });

  it('writes as JSON, too, why the agent does not answer', async () => {
    const lines = linesOf(await watched([TRACKED, AWAY, AWAY, TRACKED], 'json'));
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0])).to.deep.equal([
      'schemaVersion',
      'error',
      'schemaVersion',
    ]);
  });

  it('does not hide a bug of its own', async () => {
    const { code, stderr } = await watched([], 'table');
    expect(code).to.equal(2);
    expect(stderr).to.contain('bug');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`ends in order at ${signal}, its lines in a pipe`, async () => {
      const { socketPath } = await agentShowing(STATES.untracked());
      const args = [PROGRAM, 'status', '--watch', '--status-socket', socketPath];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      atEndOfTest(() => child.kill('SIGKILL'));
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      expect(line).to.match(/^\d{4}-\d\d-\d\dT\S+Z untracked 3 of 60 [^\n]+\n$/);
      child.kill(signal);
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    });
});
