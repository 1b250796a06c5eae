import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostHierarchies, readHostTables } from '../../src/demo-cell/cgroups/hierarchies.ts';
import { asByteString } from '../../src/model/ids.ts';
import { scanAtOnce } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { skip } from '../skip.ts';

describe('a threaded cgroup', () => {
  let top = '';

  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    if (process.getuid?.() !== 0) skip(this, 'needs root to make cgroups');
    const v2 = hostHierarchies(readHostTables()).find(({ version }) => version === 2);
    if (v2 === undefined) skip(this, 'needs a mount of cgroup v2');
    top = join(v2.mountPoint, `rollcall-threaded-${process.pid}`);
  });

  // The kernel refuses to list processes there with errno 95. Its name is EOPNOTSUPP in the kernel
  // and ENOTSUP in libuv: the scan knew only the first, so one such cgroup made every verdict
  // `unknown` for as long as it existed.
  it('is read by its threads, and hides nothing', async () => {
    const threaded = join(top, 'threaded');
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await once(sleeper, 'spawn');
    mkdirSync(threaded, { recursive: true });
    try {
      writeFileSync(join(threaded, 'cgroup.type'), 'threaded');
      writeFileSync(join(top, 'cgroup.procs'), String(sleeper.pid));
      writeFileSync(join(threaded, 'cgroup.threads'), String(sleeper.pid));
      const scan = scanAtOnce(new KernelReader('/'), {
        controller: 'v2',
        openedAt: asByteString(top),
        scope: asByteString('/'),
        first: [],
      });
      const found =
        scan.kind === 'seen'
          ? scan.directories.map(({ path, pids, trouble }) => ({ path, pids, trouble }))
          : scan;
      expect(found).to.deep.equal([
        { path: '/', pids: [sleeper.pid], trouble: null },
        { path: '/threaded', pids: [sleeper.pid], trouble: null },
      ]);
    } finally {
      sleeper.kill('SIGKILL');
      await once(sleeper, 'exit');
      rmdirSync(threaded);
      rmdirSync(top);
    }
  });
});
