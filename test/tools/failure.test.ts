import { expect } from 'chai';
import { execa } from 'execa';
import { whyFailed } from '../../tools/failure.ts';

const ended = (command: string, args: readonly string[], timeout = 60_000) =>
  execa(command, args, { reject: false, timeout });

describe('why a program failed', () => {
  it('is that it took too long, whatever it printed', async () => {
    const ran = await ended(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], 1000);
    expect(whyFailed(ran, 'half an output')).to.match(/^it was still running after [1-9]\d* s$/);
  });

  it('is what it said', async () => {
    const ran = await ended(process.execPath, ['-e', 'console.error("no space"); process.exit(1)']);
    expect(whyFailed(ran, ran.stderr)).to.equal('no space');
  });

  it('is how it ended, if it said nothing', async () => {
    const silent = await ended(process.execPath, ['-e', 'process.exit(3)']);
    expect(whyFailed(silent, '')).to.match(/^Command failed with exit code 3: /);
    expect(whyFailed(await ended('/no/such/program', []), '')).to.contain('ENOENT');
    const killed = await ended(process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")']);
    expect(whyFailed(killed, '')).to.match(/SIGKILL/);
  });

  it('is that it ended well, if it should not have', async () => {
    expect(whyFailed(await ended(process.execPath, ['-e', '']), '')).to.equal(
      'it ended without an error',
    );
  });
});
