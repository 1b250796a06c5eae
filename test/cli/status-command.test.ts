import fs from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AgentState } from '../../src/model/agent-state.ts';
import { runStatus, type StatusArguments } from '../../src/cli/status-command.ts';
import { checkTable } from '../../src/present/check-table.ts';
import { colors } from '../../src/present/color.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { answering, onSocket, withLength } from '../probe/socket-server.ts';
import { state, STATES } from '../present/agent-state-builder.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { ran, withAgent, type Written } from './running-agent.ts';

const status = (statusSocket: string, change: Partial<StatusArguments> = {}): Promise<Written> =>
  ran((io) =>
    runStatus(
      { statusSocket, format: 'table', color: 'never', all: false, watch: false, ...change },
      io,
    ),
  );

const shown = (name: string): AgentState => STATES[name]?.() ?? state();

const refused = ({ code, stdout, stderr }: Written, ...says: readonly string[]): void => {
  expect(code).to.equal(2);
  expect(stdout).to.equal('');
  expect(stderr).to.match(/^rollcall: [^\n]+\n$/);
  for (const part of says) expect(stderr).to.contain(part);
};

describe('rollcall status', () => {
  for (const [name, expected] of [
    ['all tracked', 0],
    ['untracked', 1],
    ['unknown', 2],
    ['drill', 1],
  ] as const) {
    it(`shows the table of check, and exits ${expected}: ${name}`, async () => {
      const { report } = shown(name);
      if (report === null) throw new Error('no report');
      await withAgent(shown(name), async ({ socketPath }) => {
        const { code, stdout, stderr } = await status(socketPath);
        expect(stdout).to.equal(
          checkTable(reportJson(report), {
            colors: colors(false),
            columns: 80,
            all: false,
            tellsNoCgroup: true,
            tellsSince: true,
          }),
        );
        expect({ code, stderr }).to.deep.equal({ code: expected, stderr: '' });
      });
    });
  }

  it('shows JSON, and nothing else on stdout', async () => {
    await withAgent(shown('untracked'), async ({ socketPath }) => {
      const { code, stdout } = await status(socketPath, { format: 'json' });
      expect(code).to.equal(1);
      expect(JSON.parse(stdout)).to.deep.include({ schemaVersion: 1, verdict: 'untracked' });
    });
  });

  it('writes the page for a file', async () => {
    await withAgent(shown('unknown'), async ({ socketPath }) => {
      const { code, stdout } = await status(socketPath, { format: 'html' });
      expect(code).to.equal(2);
      expect(stdout).to.match(/^<!doctype html>/i);
    });
  });

  it('colours when asked', async () => {
    await withAgent(shown('untracked'), async ({ socketPath }) => {
      expect((await status(socketPath, { color: 'always' })).stdout).to.contain('\u001b[31m');
      expect((await status(socketPath)).stdout).not.to.contain('\u001b');
    });
  });

  it('says that the first pass has not ended yet', async () => {
    await withAgent(shown('first pass'), async ({ socketPath }) => {
      refused(await status(socketPath), 'first pass', 'ask again');
    });
  });

  describe('says in one line what to do, and exits 2,', () => {
    it('where there is no socket', () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'none');
        refused(await status(path), path, 'monit summary', '--status-socket');
        refused(await status(''), '--status-socket');
      }));

    it('where nobody listens any more', () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 's');
        const server = net.createServer().listen(path);
        await once(server, 'listening');
        fs.renameSync(path, `${path}.kept`);
        server.close();
        refused(await status(`${path}.kept`), 'has ended', 'monit start rollcall');
      }));

    it('where it asks something else', () =>
      onSocket(answering('SSH-2.0-x\r\n\r\n'), async (path) => {
        refused(await status(path), path);
      }));

    it('where the answer is no report', async () => {
      await onSocket(answering(withLength('{"schemaVersion": 7}')), async (path) => {
        refused(await status(path), 'schemaVersion 7', 'same release');
      });
      await onSocket(answering(withLength('<html>')), async (path) => {
        refused(await status(path), 'no whole JSON');
      });
      await onSocket(
        answering(withLength('{"error":"\\u001b[2J"}', 'HTTP/1.1 404 x')),
        async (path) => {
          refused(await status(path), 'answered 404');
        },
      );
    });

    it('for a page that should refresh itself in a file', async () => {
      refused(await status('/x', { format: 'html', watch: true }), '--watch');
    });
  });
});
