import { expect } from 'chai';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { serveLocally } from '../local-server.ts';
import { waitFor } from '../wait-for.ts';
import { answerTo, cellFor } from './cells.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { explain } from './rollcall.ts';
import { MEMORY, RunningAgent, startAgent, STATUS_SOCKET } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const C = 'cccccccc-0000-4000-8000-000c';
const P = 'eeeeeeee-0000-4000-8000-000e';

const isUnavailable = (line: string): boolean => line === 'garden.unavailable';

describe('the agent on a cell in a box, in trouble', () => {
  it('logs everything that happens, once, and nothing else', async function () {
    const cell = await cellFor(this, { reversed: true, tag: 'ab' });
    await cell.create({ handle: A, kind: 'app', peas: ['envoy'] });
    for (const handle of [B, C]) await cell.create({ handle, kind: 'app' });
    await cell.create({ handle: P, kind: 'app', privileged: true });
    const agent = await startAgent(cell);
    const expected: string[] = [];
    /**
     * What is done, and what the agent logs of it: then, and until a pass has ended that began
     * after it.
     */
    const tells = async (act: () => unknown, ...lines: readonly string[]): Promise<void> => {
      await act();
      expected.push(...lines);
      await waitFor(lines.join(), () => agent.timeline().length >= expected.length);
      await agent.afterPass();
      expect(agent.timeline()).to.deep.equal(expected);
    };
    const picture = async () =>
      (await agent.report()).containers.map(({ handle, status }) => `${handle} ${status}`);
    await tells(() => undefined, 'started', 'mounts.chosen');

    // Containers come and go: nothing to say.
    await tells(() => cell.churn(40, { parallel: 4 }));

    // Garden forgets one.
    await tells(() => cell.forget(A), `container.untracked ${A} unknown-to-garden`);

    // Garden's answers no longer say whose it is; the agent remembers, and explain asks it.
    const { app, events } = await explain(cell, A, ['--status-socket', STATUS_SOCKET]);
    expect(app?.name).to.be.a('string');
    expect(events.map(({ message }) => message)).to.deep.equal(['rollcall.container.untracked']);

    // The agent is killed and comes back: the same picture, and no alarm twice.
    const known = await picture();
    expect(await agent.end('KILL')).not.to.equal(0);
    await tells(() => agent.start(), 'started', 'mounts.chosen');
    expect(await picture()).to.deep.equal(known);

    // Garden is gone for a while: the picture stays.
    await tells(() => cell.garden.stop(), 'garden.unavailable');
    expect(await agent.report()).to.deep.include({ verdict: 'unknown' });
    expect(await picture()).to.have.length(4);
    await tells(() => cell.garden.start(), 'garden.available');

    // Garden hangs, answers 500, and answers rubbish.
    for (const fault of [
      { kind: 'hang' } as const,
      { kind: 'status', status: 500, body: '{"Message":"no"}' } as const,
      { kind: 'garbage' } as const,
    ]) {
      await cell.garden.setFault(fault, 'list');
      await agent.until('garden.unavailable', expected.filter(isUnavailable).length + 1);
      const ends = () => cell.garden.setFault({ kind: 'none' });
      await tells(ends, 'garden.unavailable', 'garden.available');
    }

    // A mount vanishes.
    if (cell.mode === 'v2') {
      // That of the only hierarchy: it reads the second one, and says so, also when it comes back.
      await tells(() => agent.run(['umount', '-l', '/sys/fs/cgroup']), 'mounts.changed v2');
      expect(await picture()).to.have.length(4);
      const again = ['mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup'];
      await tells(() => agent.run(again), 'mounts.changed v2');
    } else {
      // That of its hierarchy, and so did the second one: it reads another hierarchy.
      const both = ['/tmp/cgroups-ab/memory', '/sys/fs/cgroup/memory'];
      await tells(() => agent.run(['umount', '-l', ...both]), 'mounts.changed memory');
    }
    expect(await picture()).to.have.length(4);

    // Its disk is full, and then it is not.
    const full = `mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs ${dirname(MEMORY)}`;
    await agent.run(full.split(' '));
    await tells(() => cell.destroy(C), 'memory.not-written');
    await tells(() => agent.run(['umount', '-l', dirname(MEMORY)]), 'memory.written');

    // Somebody removes its socket; it comes back, without a word.
    await tells(async () => {
      fs.rmSync(cell.outside(STATUS_SOCKET));
      await waitFor('the status socket', () => fs.existsSync(cell.outside(STATUS_SOCKET)));
    });

    // Somebody takes its directory away: it cannot come back without it, and does so with it.
    const folder = dirname(STATUS_SOCKET);
    await tells(() => agent.run(['mv', folder, `${folder}-away`]), 'status.unavailable');
    await tells(() => agent.run(['mkdir', folder]), 'status.available');

    // Garden crashes and loses whose its containers are.
    await tells(() => cell.garden.kill(), 'garden.unavailable');
    const lost = [B, P].map((handle) => `container.untracked ${handle} unowned`);
    await tells(() => cell.garden.start(), 'garden.available', ...lost);

    // The one that Garden forgot ends at last.
    await tells(() => cell.kill(A), `container.gone ${A} unknown-to-garden`);

    // And it stops on SIGTERM.
    expect(await agent.end('TERM')).to.equal(0);
    expect(agent.timeline().at(-1)).to.equal('stopping');
    for (const line of agent.lines) expect(Buffer.byteLength(line)).to.be.at.most(900);
  });

  it('stops on SIGTERM while Garden hangs, without waiting for its answer', async function () {
    const cell = await cellFor(this);
    await cell.garden.setFault({ kind: 'hang' }, 'list');
    // Twice as long as an end may take here.
    const agent = await startAgent(cell, { garden: { timeoutSeconds: 60 } });
    await agent.until('started');
    await waitFor('a request to Garden', () =>
      / 03 +\d+ \S*\/garden\.sock$/m.test(fs.readFileSync('/proc/net/unix', 'utf8')),
    );
    expect(await agent.end('TERM')).to.equal(0);
    expect(agent.timeline().at(-1)).to.equal('stopping');
  });

  it('ends on SIGTERM although nobody reads its log any more', async function () {
    const cell = await cellFor(this);
    const fifo = '/var/vcap/data/agent/log';
    const unread = `mkfifo ${fifo}; exec 3<>${fifo}; rm ${fifo}; exec "$@" >&3`;
    const agent = await startAgent(cell, {}, ['sh', '-c', unread, 'sh']);
    await agent.report();
    // Each begins another one and ends the one before: two lines, and a pipe holds 64 kB.
    const drill = { method: 'POST', socketPath: cell.outside(STATUS_SOCKET), path: '/v1/drill' };
    for (let count = 0; count < 150; count++) await answerTo(drill);
    expect(JSON.parse(await agent.get('/healthz'))).to.deep.equal({ status: 'ok' });
    expect(await agent.end('TERM')).to.equal(0);
  });

  it('goes on without metrics while its port is taken, says so, and serves them when it can', async function () {
    const agent = new RunningAgent(await cellFor(this));
    await agent.prepare({});
    atEndOfTest(() => agent.endIfRunning());
    const squatter = await serveLocally(() => undefined, agent.port);
    agent.start();
    await agent.until('metrics.unavailable');
    const sick = await agent.get('/healthz');
    expect(JSON.parse(sick)).to.have.property('status', 'no-metrics');
    expect(sick).to.contain(`port ${agent.port} of 127.0.0.1 is in use`);
    expect(await agent.get('/v1/events')).to.contain('rollcall.metrics.unavailable');
    await squatter.stop();
    await agent.until('metrics.available');
    expect(JSON.parse(await agent.get('/healthz'))).to.deep.equal({ status: 'ok' });
    expect(await agent.metrics()).to.contain('rollcall_garden_up');
    expect(await agent.end('TERM')).to.equal(0);
  });
});
