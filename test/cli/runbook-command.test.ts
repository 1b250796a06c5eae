import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { runRunbook } from '../../src/cli/runbook-command.ts';
import { container, LOST, report, state, UNOWNED } from '../present/agent-state-builder.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectRefused, ran } from './rollcall.ts';
import { agentShowing } from './running-agent.ts';

const PROGRAM = fileURLToPath(new URL('runbook-on-terminal.ts', import.meta.url));

/** What `rollcall runbook unowned` does with a pager that is this shell script. */
const paged = async (script: string) => {
  const folder = temporaryFolder();
  const pager = path.join(folder, 'pager');
  fs.writeFileSync(pager, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  const args = [PROGRAM, 'unowned', pager];
  const { exitCode, signal, stdout } = await execa(process.execPath, args, {
    env: { OUTSIDE: 'not of the command' },
    reject: false,
    timeout: 60_000,
  });
  return { exitCode, signal, stdout };
};

const UNOWNED_ONLY = state({ report: report([container(0), UNOWNED, { ...LOST, drill: true }]) });

const shownFor = async (section: string, statusSocket: string): Promise<string> => {
  const args = { section, statusSocket, color: 'never' } as const;
  const { code, stdout } = await ran((io) => runRunbook(args, io));
  expect(code).to.equal(0);
  return stdout;
};

describe('the runbook of an alert that is about several reasons', () => {
  it('has the sections of the reasons that the cell has now, whatever the case', async () => {
    const { socketPath } = await agentShowing(UNOWNED_ONLY);
    const text = await shownFor('rollcalluntrackedCRITICAL', socketPath);
    expect(text).to.match(
      /^RollcallUntrackedCritical is about unowned on this cell now\.\n\nunowned\n/,
    );
    expect(text).not.to.match(/^unknown-to-garden$/m);
  });

  it('has every section that it can be about, and says why, if the cell has none or is silent', async () => {
    const { socketPath } = await agentShowing(UNOWNED_ONLY);
    const none = await shownFor('RollcallUntrackedWarning', socketPath);
    expect(none).to.match(/^This cell has no finding of severity warning now\./);
    const silent = await shownFor('RollcallUntrackedCritical', '/nowhere');
    expect(silent).to.match(/^What this cell has now is not known\. There is no socket \/nowhere/);
    expect(none)
      .to.match(/^partial$/m)
      .and.to.match(/^stuck$/m);
    expect(silent)
      .to.match(/^unowned$/m)
      .and.not.to.match(/^partial$/m);
  });

  it('names the sections where there is none with this name, which it escapes', async () => {
    const args = { section: 'a\u001b[2J', statusSocket: '/nowhere', color: 'never' } as const;
    const refused = await ran((io) => runRunbook(args, io));
    expectRefused(refused, 'has no section "a\\u{1b}[2J"; it has find-out-whose-it-is, ');
  });
});

describe('rollcall runbook on a terminal', () => {
  it('shows the section in the pager', async () => {
    const { exitCode, stdout } = await paged('echo BEGIN; cat; echo END');
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^BEGIN\n.*unowned.*\nEND$/s);
  });

  it('gives the pager the environment of the command and no other', async () => {
    const { stdout } = await paged('cat >/dev/null; echo "$LESS ${OUTSIDE-unset} $PAGER"');
    expect(stdout).to.match(/^FRX unset \/.*\/pager$/);
  });

  it('leaves Ctrl-C to the pager, and ends after it', async () => {
    // Ctrl-C ended rollcall, and left less and the shell on one terminal.
    const result = await paged('kill -INT $PPID; cat >/dev/null; echo END');
    expect(result).to.deep.equal({ exitCode: 0, signal: undefined, stdout: 'END' });
  });
});
