import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { identify, isAlive, withLock } from '../../tools/bootstrap/lock.mjs';
import { inTemporaryFolder } from '../temporary-folder.ts';

const lockModule = new URL('../../tools/bootstrap/lock.mjs', import.meta.url).href;
const nobodyWaits = (): void => {
  throw new Error('it was to be had without waiting');
};

describe('the lock of the set-up', () => {
  it('is free again after the work, also when the work failed', async () => {
    await inTemporaryFolder(async (folder) => {
      const failure = await withLock(folder, nobodyWaits, () =>
        Promise.reject(new Error('no network')),
      ).catch(String);
      expect(failure).to.equal('Error: no network');
      expect(await withLock(folder, nobodyWaits, () => Promise.resolve('done'))).to.equal('done');
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  });

  it('is not held by a run that was killed', async () => {
    await inTemporaryFolder(async (folder) => {
      const killed = await sleeper();
      writeFileSync(path.join(folder, identityOf(killed)), '');
      await end(killed);
      expect(await withLock(folder, nobodyWaits, () => Promise.resolve('mine'))).to.equal('mine');
    });
  });

  it('is not held by another process that got the pid of a killed run', async () => {
    await inTemporaryFolder(async (folder) => {
      writeFileSync(path.join(folder, `${process.ppid}.1`), '');
      expect(await withLock(folder, nobodyWaits, () => Promise.resolve('mine'))).to.equal('mine');
    });
  });

  it('is still held by the npm that a killed run left behind', async () => {
    await inTemporaryFolder(async (folder) => {
      const orphan = await sleeper();
      const identity = identityOf(orphan);
      writeFileSync(path.join(folder, identity), '');
      const waitedFor: string[] = [];
      const onWait = (pid: string): void => {
        waitedFor.push(pid);
        orphan.kill('SIGKILL');
      };
      const orphanLived = await withLock(folder, onWait, () => Promise.resolve(isAlive(identity)));
      expect(waitedFor).to.deep.equal([String(orphan.pid)]);
      expect(orphanLived).to.equal(false);
    });
  });

  it('is held by a child too, for as long as the work lasts', async () => {
    await inTemporaryFolder(async (folder) => {
      const child = await sleeper();
      await withLock(folder, nobodyWaits, (alsoHeldBy) => {
        alsoHeldBy(Number(child.pid));
        expect(readdirSync(folder)).to.have.members([identify(process.pid), identityOf(child)]);
        return Promise.resolve();
      });
      expect(readdirSync(folder)).to.deep.equal([]);
      await end(child);
    });
  });

  it('is held by one of many that start at once', async () => {
    await inTemporaryFolder(async (folder) => {
      const log = path.join(folder, 'log');
      const program = `
        import { appendFileSync } from 'node:fs';
        import { withLock } from ${JSON.stringify(lockModule)};
        await withLock(${JSON.stringify(path.join(folder, 'lock'))}, () => {}, async () => {
          appendFileSync(${JSON.stringify(log)}, 'in\\n');
          await new Promise((resolve) => setTimeout(resolve, 20));
          appendFileSync(${JSON.stringify(log)}, 'out\\n');
        });`;
      const contenders = Array.from({ length: 6 }, () =>
        spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' }),
      );
      const codes = await Promise.all(contenders.map((each) => once(each, 'exit')));
      expect(codes.map(([code]) => Number(code))).to.deep.equal([0, 0, 0, 0, 0, 0]);
      expect(readFileSync(log, 'utf8')).to.equal('in\nout\n'.repeat(6));
    });
  });
});

describe('the identity of a process', () => {
  it('survives a command with spaces and parentheses', async () => {
    const child = spawn(process.execPath, [
      '--eval',
      `process.title = 'a) Z (b'; console.log('there'); setInterval(() => {}, 1000)`,
    ]);
    await once(child.stdout, 'data');
    expect(isAlive(identityOf(child))).to.equal(true);
    await end(child);
  });

  it('ends with the process', async () => {
    const child = await sleeper();
    const identity = identityOf(child);
    expect(isAlive(identity)).to.equal(true);
    await end(child);
    expect(isAlive(identity)).to.equal(false);
  });

  it('is not alive for invalid names', () => {
    for (const name of ['', 'x', '.', '0.0', '-1.5', '99999999999.1', 'NaN']) {
      expect(isAlive(name), name).to.equal(false);
    }
  });
});

async function sleeper(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function identityOf(child: ChildProcess): string {
  const identity = identify(Number(child.pid));
  if (identity === null) throw new Error(`no process ${child.pid}`);
  return identity;
}
