import fs from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import type { SensorsView } from '../../src/model/answers.ts';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { CriClient } from '../cri-client.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor } from './cells.ts';
import { APP, createEveryKind, HEALTH_CHECK, OTHER, PRIVILEGED, TASK } from './every-kind.ts';
import { RunningAgent, startAgent, STATUS_SOCKET } from './running-agent.ts';
import { rollcall } from './rollcall.ts';

const CRI_SOCKET = '/var/vcap/data/agent/cri/cri.sock';
const NAMES = '/var/vcap/data/agent/names';
const CONFIG = { names: { criSocketPath: CRI_SOCKET } };

const clientOf = (cell: Cell): CriClient => new CriClient(cell.outside(CRI_SOCKET));

/** What each id names, as Falco asks: a list with the id, then the status of what that gives. */
async function namesFor(
  client: CriClient,
  ids: readonly string[],
): Promise<readonly (readonly [id: string, name: string])[]> {
  const named: (readonly [string, string])[] = [];
  for (const id of ids) {
    const { containers } = await client.ask('ListContainers', { filter: { id } });
    for (const { id: found } of containers) {
      const { status } = await client.ask('ContainerStatus', { container_id: found });
      named.push([status.id, status.metadata.name]);
    }
  }
  return named;
}

for (const mode of ['v1', 'v2'] as const)
  describe(`the names' socket, on a cell with cgroup ${mode}`, () => {
    it('names each kind of container by the first 12 characters of its id', async function () {
      const cell = await cellFor(this, { mode });
      await createEveryKind(cell);
      const agent = await startAgent(cell, CONFIG);
      await agent.report();
      const client = clientOf(cell);
      const handles = [APP, PRIVILEGED, TASK, HEALTH_CHECK, OTHER];
      const named = await namesFor(
        client,
        handles.map((handle) => handle.slice(0, 12)),
      );
      expect(named.map(([id]) => id)).to.deep.equal(handles);
      expect(named[0]).to.deep.equal([APP, 'billing/2']);
      const { status, info } = await client.ask('ContainerStatus', {
        container_id: PRIVILEGED,
        verbose: true,
      });
      expect(status.labels).to.include({ kind: 'app-instance' });
      expect(info).to.deep.equal({ info: '{"privileged":true}' });
    });

    it('answers each call with all that a client checks, for an app, a task and what is no app', async function () {
      const cell = await cellFor(this, { mode });
      await createEveryKind(cell);
      const agent = await startAgent(cell, CONFIG);
      await agent.report();
      const client = clientOf(cell);
      expect(await client.ask('Version')).to.include({
        version: '0.1.0',
        runtime_name: 'garden',
        runtime_api_version: 'v1',
      });
      const { status: runtime } = await client.ask('Status');
      expect(runtime.conditions.map(({ type, status }) => [type, status])).to.deep.equal([
        ['RuntimeReady', true],
        ['NetworkReady', true],
      ]);
      const { containers } = await client.ask('ListContainers');
      const { items: pods } = await client.ask('ListPodSandbox');
      const handles = [APP, PRIVILEGED, TASK, HEALTH_CHECK, OTHER].toSorted();
      expect(containers.map(({ id }) => id).toSorted()).to.deep.equal(handles);
      expect(pods.map(({ id }) => id).toSorted()).to.deep.equal(handles);
      for (const { id, pod_sandbox_id, created_at } of containers) {
        const { status } = await client.ask('ContainerStatus', { container_id: id });
        expect(status).to.deep.include({
          id,
          created_at,
          state: 'CONTAINER_RUNNING',
          image_ref: 'unknown',
        });
        expect(status.image.image).to.equal('unknown');
        expect(status.metadata.name).to.not.equal('');
        const { status: pod, info } = await client.ask('PodSandboxStatus', { pod_sandbox_id });
        expect(pod).to.deep.include({ id, created_at, state: 'SANDBOX_READY' });
        expect(pod.metadata).to.include({ name: status.metadata.name, uid: id });
        expect(pod.metadata.namespace).to.match(/^(?:-|[^/]+\/[^/]+)$/);
        expect(BigInt(created_at) > 0n).to.equal(true);
        expect(pod.network).to.be.an('object');
        expect(pod.linux?.namespaces?.options).to.be.an('object');
        expect(info).to.deep.equal({});
      }
      const nameOf = (handle: string): string | undefined =>
        pods.find(({ id }) => id === handle)?.metadata.name;
      expect([APP, OTHER].map(nameOf)).to.deep.equal(['billing/2', OTHER]);
      const ofApp = { filter: { id: APP.slice(0, 12) } };
      expect((await client.ask('ListPodSandbox', ofApp)).items.map(({ id }) => id)).to.deep.equal([
        APP,
      ]);
    });

    it('tells who asked for a container as soon as it is known', async function () {
      const cell = await cellFor(this, { mode });
      // The next pass is too late: a change on the cell makes the agent ask Garden for names.
      const agent = await startAgent(cell, { ...CONFIG, reconcile: { intervalSeconds: 60 } });
      await agent.report();
      const client = clientOf(cell);
      const { seen } = client.events();
      await client.ask('Version');
      expect(await namesFor(client, [APP.slice(0, 12)])).to.deep.equal([]);
      await cell.create({ handle: APP, kind: 'app', app: { name: 'billing', index: 2 } });
      await waitFor('its name', () => seen.length > 0);
      expect(
        seen.map((event) => [event.container_id, event.pod_sandbox_status?.metadata.name]),
      ).to.deep.equal([[APP, 'billing/2']]);
      expect(await namesFor(client, [APP])).to.deep.equal([[APP, 'billing/2']]);
    });

    it('is in rollcall sensors with what it was asked for, and changes no exit code', async function () {
      const cell = await cellFor(this, { mode }, APP);
      const agent = await startAgent(cell, CONFIG);
      await agent.report();
      await namesFor(clientOf(cell), [APP, 'garden.servi']);
      const args = ['sensors', '--status-socket', STATUS_SOCKET];
      const { stdout, exitCode } = await rollcall(cell, [...args, '--format', 'json']);
      expect(exitCode).to.equal(0);
      const { namesSocket } = JSON.parse(stdout) as SensorsView;
      expect(namesSocket).to.include({ path: CRI_SOCKET, falco: 'none' });
      expect(namesSocket?.asked.map(({ id, answer }) => [id, answer])).to.deep.equal([
        [APP, 'named'],
        ['garden.servi', 'unnameable'],
      ]);
      expect((await rollcall(cell, args)).stdout).to.contain("Names' socket: open since ");
    });

    it('is there again after the agent was killed, to the same client', async function () {
      const cell = await cellFor(this, { mode }, APP);
      const agent = await startAgent(cell, CONFIG);
      await agent.report();
      const client = clientOf(cell);
      expect(await namesFor(client, [APP])).to.have.length(1);
      await agent.end('KILL');
      agent.start();
      await agent.report();
      await waitFor(
        'an answer',
        async () => (await namesFor(client, [APP]).catch(() => [])).length > 0,
      );
    });

    it("is not opened, and no file is written, in another user's folders: the log says so", async function () {
      const cell = await cellFor(this, { mode }, APP);
      const agent = new RunningAgent(cell);
      await agent.prepare({ names: { criSocketPath: CRI_SOCKET, directory: NAMES } });
      const folders = [dirname(CRI_SOCKET), NAMES];
      await agent.run(['install', '-d', '-o', '65534', ...folders]);
      atEndOfTest(() => agent.endIfRunning());
      agent.start();
      await agent.until('cri.unavailable');
      await agent.until('names.not-written');
      for (const folder of folders) {
        const line = agent.lines.find((one) => one.includes(`the directory ${folder} belongs`));
        expect(line).to.contain('belongs to user 65534: remove it');
        expect(fs.readdirSync(cell.outside(folder))).to.deep.equal([]);
      }
      await agent.run(['rm', '-r', ...folders]);
      await agent.until('cri.available');
      await agent.until('names.written');
      expect(await namesFor(clientOf(cell), [APP])).to.have.length(1);
    });
  });
