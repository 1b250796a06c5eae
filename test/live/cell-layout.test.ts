import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { runInCell, type Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { commOf } from '../../tools/demo-cell/cgroups/processes.ts';
import {
  handlesOf,
  cellFor,
  ancestryOf,
  cgroupsOfProcess,
  processesOf,
  tracesOf,
} from './cells.ts';

const H = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const P = 'c0ffee00-1234-4567-89ab-cdef';
const SERVICE = '/system.slice/garden.service';

type Paths = Readonly<Record<string, string>>;

/**
 * Where a process must be, per controller; one that is not named stays in the cell's own cgroup.
 */
interface Layout {
  readonly options: Pick<CellOptions, 'mode' | 'layout' | 'runtime' | 'cgroupNamespace'>;
  readonly gdn: Paths;
  readonly app: Paths;
  readonly envoy: Paths;
  readonly healthCheck: Paths;
  readonly privileged: Paths;
}

/**
 * As recorded on cells of each kind: on v1 the cgroup of the service is in the hierarchy of memory
 * alone, on v2 containerd keeps the processes of a container in `init`.
 */
function layoutOf(options: Layout['options']): Layout {
  const { mode, layout, runtime } = options;
  const everywhere = (path: string, onV2 = path): Paths => ({
    ...(mode === 'v2' ? {} : { memory: SERVICE + path, freezer: path }),
    ...(mode === 'v1' ? {} : { v2: onV2 }),
  });
  const own = `${layout === 'plain' ? '/garden' : '/garden/good'}/${H}`;
  return {
    options,
    gdn: {
      ...(mode === 'v2' ? {} : { memory: SERVICE }),
      ...(mode === 'v1' ? {} : { v2: SERVICE }),
    },
    app: everywhere(own, mode === 'v2' && runtime === 'containerd' ? `${own}/init` : own),
    envoy: everywhere(`${own}/${H}-envoy`),
    healthCheck: everywhere(`${own}-liveness-healthcheck-0`),
    privileged: everywhere(`/${P}`, mode === 'v2' ? `/system.slice/${P}` : `/${P}`),
  };
}

const LAYOUTS = (
  [
    { mode: 'v1', layout: 'plain', runtime: 'runc', cgroupNamespace: 'host' },
    { mode: 'v1', layout: 'throttled', runtime: 'containerd', cgroupNamespace: 'private' },
    { mode: 'hybrid', layout: 'plain', runtime: 'containerd', cgroupNamespace: 'host' },
    { mode: 'hybrid', layout: 'throttled', runtime: 'runc', cgroupNamespace: 'private' },
    { mode: 'v2', layout: 'plain', runtime: 'runc', cgroupNamespace: 'private' },
    { mode: 'v2', layout: 'throttled', runtime: 'containerd', cgroupNamespace: 'host' },
  ] as const
).map(layoutOf);

const COMPARED = new Set(['memory', 'freezer', 'v2']);

/** The hierarchies that the layouts name, as far as this machine has them. */
function comparedCgroups(pid: number, cell: Cell): Paths {
  const cgroups = cgroupsOfProcess(pid, cell.runId);
  return Object.fromEntries(Object.entries(cgroups).filter(([name]) => COMPARED.has(name)));
}

function processNamed(name: string, handle: string, cell: Cell): number {
  const pid = processesOf(handle, cell.rootPid).find((one) => commOf(one) === name);
  if (pid === undefined) throw new Error(`no ${name} runs in ${handle}`);
  return pid;
}

for (const layout of LAYOUTS) {
  const { mode, runtime, cgroupNamespace } = layout.options;
  const words = `${mode} ${layout.options.layout} ${runtime}, ${cgroupNamespace} cgroup namespace`;

  describe(`a cell in a box: ${words}`, function () {
    it('lays out cgroups and processes as the recorded cells did, and leaves nothing', async function () {
      const cell = await cellFor(this, layout.options);
      await cell.create({ handle: H, kind: 'app', peas: ['envoy', 'liveness-healthcheck'] });
      await cell.create({ handle: P, kind: 'app', privileged: true });
      const gdn = cell.garden.hostPid() ?? 0;
      const init = processNamed('garden-init', H, cell);
      const app = processNamed('launcher', H, cell);

      expect(comparedCgroups(gdn, cell), 'gdn').to.deep.equal(layout.gdn);
      expect(comparedCgroups(init, cell), 'init').to.deep.equal(layout.app);
      expect(comparedCgroups(app, cell), 'app').to.deep.equal(layout.app);
      const envoy = processNamed('envoy', H, cell);
      expect(comparedCgroups(envoy, cell), 'envoy').to.deep.equal(layout.envoy);
      const healthCheck = processNamed('healthcheck', H, cell);
      expect(comparedCgroups(healthCheck, cell), 'health').to.deep.equal(layout.healthCheck);
      const privileged = processNamed('garden-init', P, cell);
      expect(comparedCgroups(privileged, cell), 'privileged').to.deep.equal(layout.privileged);

      expect(commOf(gdn)).to.equal('gdn');
      expect(ancestryOf(gdn).parent).to.equal(cell.rootPid);
      expect(ancestryOf(gdn).namespacePids).to.have.lengthOf(2); // the machine's and the cell's
      expect(ancestryOf(init).namespacePids).to.have.lengthOf(3).and.to.include(1);
      const aboveInit = ancestryOf(init).parent;
      if (runtime === 'runc') expect(aboveInit).to.equal(cell.rootPid);
      else {
        expect(commOf(aboveInit)).to.equal('containerd-shim');
        expect(readFileSync(`/proc/${aboveInit}/cmdline`, 'utf8').replaceAll('\0', ' ')).to.include(
          ` -namespace garden -id ${H} `,
        );
        expect(ancestryOf(aboveInit).parent).to.equal(cell.rootPid);
      }
      const dadoo = ancestryOf(app).parent;
      expect(commOf(dadoo)).to.equal('dadoo');
      expect(ancestryOf(dadoo).parent).to.equal(gdn);
      expect(comparedCgroups(dadoo, cell), 'dadoo').to.deep.equal(layout.gdn);

      expect(await handlesOf(cell)).to.deep.equal([H, P]);
      expect(await handlesOf(cell, 'executor:owner=executor')).to.deep.equal([H, P]);
      await cell.destroy(H);
      expect(await handlesOf(cell)).to.deep.equal([P]);
      expect(processesOf(H, cell.rootPid)).to.deep.equal([]);
      expect(readFileSync(`/proc/${cell.rootPid}/mountinfo`, 'utf8')).not.to.include(H);
      await cell.stop();
      expect(tracesOf(cell.runId)).to.deep.equal([]);
    });
  });
}

/**
 * A process of the cell whose mount table is its own and has no /proc. It gives its pid in the
 * cell.
 */
const WITHOUT_PROC = `
echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
unshare --mount sh -c 'mount -t tmpfs tmpfs /proc && exec sleep 600' </dev/null >/dev/null 2>&1 &
echo $!
`;
const MAX_STARTS = 20;

/** Another process of the cell may start first and take the pid. */
async function startWithoutProc(cell: Cell, pid: number): Promise<void> {
  for (let starts = 0; starts < MAX_STARTS; starts++) {
    const { stdout } = await runInCell(cell, ['sh', '-c', WITHOUT_PROC, 'sh', String(pid)]);
    if (Number(stdout) === pid) return;
  }
  throw new Error(`no process got the pid ${pid}`);
}

describe('a command in a cell in a box', () => {
  it('sees the mounts of the cell, whichever process has the pid there that pid 1 has outside', async function () {
    const cell = await cellFor(this);
    await startWithoutProc(cell, cell.rootPid);
    const { exitCode } = await runInCell(cell, ['test', '-e', '/proc/1/mountinfo']);
    expect(exitCode).to.equal(0);
  });
});
