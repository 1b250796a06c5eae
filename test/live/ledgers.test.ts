import { mkdirSync, readFileSync, writeFileSync, utimesSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { LedgersView } from '../../src/model/answers.ts';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { skip } from '../skip.ts';
import { cellFor, needsReadableProgram, NOBODY } from './cells.ts';
import { clockAhead, MOVABLE_CLOCK } from './movable-clock.ts';
import { startAgent, STATUS_SOCKET, VERIFYING } from './running-agent.ts';
import { waitFor } from '../wait-for.ts';
import { check, containerOf, explain, inside, rollcall, type Surroundings } from './rollcall.ts';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const STORE = '/var/vcap/data/container-metadata';
const SILK = { network: 'silk' } as const;

async function ledgers(
  cell: Cell,
  args: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<LedgersView & { readonly exitCode: number | undefined }> {
  const ran = await rollcall(cell, ['ledgers', '--format', 'json', ...args], surroundings);
  expect(ran.stderr).to.equal('');
  return { ...(JSON.parse(ran.stdout) as LedgersView), exitCode: ran.exitCode };
}

/** `handle: ledger mark, …` for each mark but yes. */
const others = ({ containers }: LedgersView): readonly string[] =>
  containers.map(({ handle, marks }) => {
    const parts = Object.entries(marks).filter(([, mark]) => mark !== 'yes');
    return `${handle.slice(0, 1)}: ${parts.map((part) => part.join(' ')).join(', ')}`;
  });
const alone = (view: LedgersView): readonly string[] =>
  view.alone.map(({ kind, name }) => `${kind} ${name}`);

function removePolicyOf(handle: string, cell: Cell): void {
  const path = cell.outside(`${STORE}/store.json`);
  const entries = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const left = Object.entries(entries).filter(([one]) => one !== handle);
  writeFileSync(path, JSON.stringify(Object.fromEntries(left)));
  writeFileSync(`${path}_version`, '1000');
}

/** What only root may read, of both containers. */
function leaveForRoot(cell: Cell): void {
  const data = cell.outside('/var/vcap/data');
  for (const handle of [A, B])
    mkdirSync(`${data}/rep/shared/garden/instance_identity/${handle}`, { recursive: true });
  mkdirSync(`${data}/silk`);
  writeFileSync(
    `${data}/silk/store.json`,
    JSON.stringify({ [A]: { handle: A }, [B]: { handle: B } }),
  );
  const ports = JSON.stringify({ acquired_ports: { [A]: [61001], [B]: [61002] } });
  writeFileSync(`${data}/garden-cni/external-networker-state.json`, ports);
}

describe('the ledgers of a cell with real networks', function () {
  before(function () {
    if (spawnSync('ip', ['-V']).status !== 0) skip(this, 'needs ip (Debian: iproute2)');
  });

  it('agree about a container, its Envoy and its network, also to an ordinary user', async function () {
    const cell = await cellFor(this, SILK);
    for (const handle of [A, B]) await cell.create({ handle, kind: 'app', peas: ['envoy'] });
    const all = await ledgers(cell, ['--all']);
    expect([others(all), alone(all), all.exitCode]).to.deep.equal([['a: ', 'b: '], [], 0]);
    expect(all.containers.map(({ address }) => address)).to.deep.equal([
      '10.255.0.2',
      '10.255.0.3',
    ]);
    const { properties } = await explain(cell, B);
    expect(properties?.['garden.network.container-ip']).to.equal('10.255.0.3');
    expect(all.containers[0]?.policy?.appId).to.equal(all.containers[0]?.app?.id);
    needsReadableProgram(this);
    const open = ['chmod', '666', '/var/vcap/data/garden/garden.sock'];
    expect((await inside(cell, open)).exitCode).to.equal(0);
    const view = await ledgers(cell, ['--all'], { wrapper: NOBODY });
    expect([others(view), alone(view)]).to.deep.equal([['a: ', 'b: '], []]);
  });

  it('show two containers with one address', async function () {
    const cell = await cellFor(this, SILK, A, B);
    const given = (await ledgers(cell, ['--all'])).containers.map(({ address }) => address ?? '');
    const [address = '', other = ''] = given;
    const [init = 0] = cell.pids(B);
    const add = `-t ${init} -n ip addr add ${address}/32 dev eth0`;
    expect(spawnSync('nsenter', add.split(' ')).status).to.equal(0);
    const path = cell.outside(`${STORE}/store.json`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(other, address));
    const { sharing, exitCode } = await ledgers(cell);
    const shared = { address, handles: [A, B] };
    expect([sharing, exitCode]).to.deep.equal([[shared], 1]);
  });

  it('have entries of no container after a destroy that leaks, which a capture replays', async function () {
    const cell = await cellFor(this, SILK, A, B);
    await cell.setNetworkPlugin('leaks');
    await cell.destroy(B);
    leaveForRoot(cell);
    const { exitCode, ...view } = await ledgers(cell);
    const [address = ''] = alone(view).flatMap((one) => /^address (.*)/.exec(one)?.[1] ?? []);
    expect(alone(view)).to.deep.equal([
      `address ${address}`,
      `reservation ${address}`,
      `policy ${B}`,
      `namespace ${B}`,
      ...['overlay', 'image', 'silk', 'ports', 'identity'].map((kind) => `${kind} ${B}`),
    ]);
    expect([others(view), view.agreeing, exitCode]).to.deep.equal([[], 1, 1]);
    const file = '/var/vcap/data/leak.json.gz';
    expect((await rollcall(cell, ['capture', file])).exitCode).to.equal(0);
    const again = await ledgers(cell, ['--capture', file]);
    expect(alone(again)).to.deep.equal(alone(view));
  });

  it('differ about a container that Garden lost, and about one that has no process', async function () {
    const cell = await cellFor(this, SILK, A, B);
    await cell.forget(A);
    await cell.kill(B);
    const view = await ledgers(cell);
    expect(others(view)).to.deep.equal(['a: garden no, owner no, depot no']);
    expect([alone(view), view.exitCode]).to.deep.equal([[], 1]);
    // Its destroy may be under way for a while.
    expect(view.changing).to.deep.equal([B]);
    const all = await ledgers(cell, ['--all']);
    expect(others(all)[1]).to.equal('b: kernel no, runtime unknown');
    const { report } = await check(cell, ['--settle', '100ms']);
    const lost = containerOf(report, A);
    expect([lost.appSource, lost.app?.id]).to.deep.equal([
      'policy-store',
      view.containers[0]?.policy?.appId,
    ]);
  });

  it('differ about a container whose interface somebody deleted, while silk still has its address', async function () {
    const cell = await cellFor(this, SILK, A, B);
    const deleted = await inside(cell, ['ip', 'link', 'delete', 's-010255000002']);
    expect(deleted.exitCode).to.equal(0);
    const view = await ledgers(cell);
    expect(others(view)).to.deep.equal(['a: network no']);
    expect([alone(view), view.exitCode]).to.deep.equal([[], 1]);
  });

  it('let the agent count what is alone in three readings, and warn of what has no policy', async function () {
    const cell = await cellFor(this, SILK, A, B);
    const reconcile = { intervalSeconds: 60 };
    const agent = await startAgent(cell, { reconcile }, MOVABLE_CLOCK, VERIFYING);
    await agent.until('started');
    // The network of this cell is its own, so only a process in it reaches /metrics.
    const fetching = `fetch('http://127.0.0.1:${agent.port}/metrics').then((one) => one.text()).then(console.log)`;
    const counts = async () => {
      const { stdout } = await inside(cell, [process.execPath, '-e', fetching]);
      const found = stdout.matchAll(/^rollcall_leftovers\{ledger="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries(
        [...found].map(([, ledger = '', count]) => [ledger, Number(count)]),
      );
    };
    const afterPass = async () => {
      const { takenAt } = await agent.report();
      await waitFor('another pass', async () => {
        const now = Date.now() / 1000;
        utimesSync(cell.socketPath, now, now);
        return (await agent.report()).takenAt !== takenAt;
      });
    };
    const minutes = async (count: number) => {
      for (let left = count; left > 0; left--) {
        await agent.moveClock();
        await afterPass();
      }
      return counts();
    };
    await cell.setNetworkPlugin('leaks');
    await cell.destroy(B);
    removePolicyOf(A, cell);
    await afterPass();
    expect(await counts()).to.deep.equal({ cgroup: 0 });
    expect(await minutes(3)).to.deep.equal({ cgroup: 0, overlay: 1, depot: 0, namespace: 1 });
    const all = { address: 1, reservation: 1, policy: 1 };
    expect(await minutes(9)).to.include({ ...all, namespace: 1 });
    const report = await agent.report();
    expect(report.leftovers).to.include({ addresses: 1, policies: 1, namespaces: 1 });
    const warnings = report.cell.warnings.map(({ reason, worst }) => [reason, worst]);
    expect(warnings).to.deep.equal([['unpoliced', A]]);
    // Twelve minutes were made; an answer of minutes ago would count for nothing.
    const env = clockAhead(12);
    const asked = await ledgers(cell, ['--status-socket', STATUS_SOCKET], { env });
    expect(asked.unpoliced.map(({ handle }) => handle)).to.deep.equal([A]);
    expect((await ledgers(cell)).unpoliced).to.deep.equal([]);
    expect(report.verdict).to.equal('all-tracked');
    expect(agent.timeline().filter((line) => line.includes('differs'))).to.deep.equal([]);
  });

  it('are unknown for a policy store whose directory is made anew behind a mount', async function () {
    const cell = await cellFor(this, SILK, A);
    // As in a job of bpm: a mount of the directory that was there at its start.
    const script = `set -e
      mount --bind ${STORE} /mnt; mv ${STORE} ${STORE}.old; mkdir ${STORE}; mount --bind /mnt ${STORE}
      rm -r ${STORE}.old; exec "$@"`;
    const wrapper = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
    const view = await ledgers(cell, ['--all'], { wrapper });
    expect(others(view)).to.deep.equal(['a: policy unknown']);
    mkdirSync(cell.outside(STORE), { recursive: true });
  });

  it('agree while containers with networks come and go', async function () {
    const cell = await cellFor(this, SILK, A);
    // As often as it takes for some looks in the midst of it.
    for (let looks = 0; looks < 6;) {
      const state = { isOver: false };
      const churn = cell.churn(40, { cheap: false }).finally(() => (state.isOver = true));
      while (!state.isOver) {
        const view = await ledgers(cell);
        const { sharing, unread, exitCode } = view;
        expect({
          alone: alone(view),
          others: others(view),
          sharing,
          unread,
          exitCode,
        }).to.deep.equal({
          alone: [],
          others: [],
          sharing: [],
          unread: [],
          exitCode: 0,
        });
        looks += 1;
      }
      await churn;
    }
  });
});
