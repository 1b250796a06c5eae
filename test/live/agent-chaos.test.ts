import { expect } from 'chai';
import fs from 'node:fs';
import { serveLocally } from '../../tools/local-server.ts';
import { waitFor } from '../wait-for.ts';
import { answerTo, lendingCells } from './cells.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { explain } from './rollcall.ts';
import { RunningAgent, startAgent, STATUS_SOCKET } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const C = 'cccccccc-0000-4000-8000-000c';
const P = 'eeeeeeee-0000-4000-8000-000e';

describe('the agent on a cell in a box, in trouble', () => {
  const cellFor = lendingCells();

  it('tells exactly what happened, once', async function () {
    const cell = await cellFor(this, { reversed: true, tag: 'ab' });
    await cell.create({ handle: A, kind: 'app', peas: ['envoy'] });
    for (const handle of [B, C]) await cell.create({ handle, kind: 'app' });
    await cell.create({ handle: P, kind: 'app', privileged: true });
    const agent = await startAgent(cell);
    const expected = ['started', 'mounts.chosen'];
    const reported = (...lines: string[]): void => {
      expected.push(...lines);
      expect(agent.timeline()).to.deep.equal(expected);
    };
    await agent.until('mounts.chosen');
    reported();

    // Containers come and go: nothing to say.
    await cell.churn(40, { parallel: 4 });
    await agent.afterPass();
    reported();

    // Garden forgets one.
    await cell.forget(A);
    await agent.until('container.untracked');
    reported(`container.untracked ${A} unknown-to-garden`);

    // Garden's answers no longer say whose it is; the agent remembers, and explain asks it.
    const { app, events } = await explain(cell, A, ['--status-socket', STATUS_SOCKET]);
    expect(app?.name).to.be.a('string');
    expect(events.map(({ message }) => message)).to.deep.equal(['rollcall.container.untracked']);

    // The agent is killed and comes back: the same picture, and no alarm twice.
    const known = (await agent.report()).containers.map(
      ({ handle, status }) => `${handle} ${status}`,
    );
    expect(await agent.end('KILL')).not.to.equal(0);
    agent.start();
    await agent.until('mounts.chosen', 2);
    await agent.afterPass();
    reported('started', 'mounts.chosen');
    expect(
      (await agent.report()).containers.map(({ handle, status }) => `${handle} ${status}`),
    ).to.deep.equal(known);

    // Garden is gone for a while: the picture stays.
    await cell.garden.stop();
    await agent.until('garden.unavailable');
    expect(await agent.report()).to.deep.include({ verdict: 'unknown' });
    expect((await agent.report()).containers).to.have.length(4);
    await cell.garden.start();
    await agent.until('garden.available');
    reported('garden.unavailable', 'garden.available');

    // Garden hangs, answers 500, and answers rubbish.
    for (const [index, fault] of [
      { kind: 'hang' } as const,
      { kind: 'status', status: 500, body: '{"Message":"no"}' } as const,
      { kind: 'garbage' } as const,
    ].entries()) {
      await cell.garden.setFault(fault, 'list');
      await agent.until('garden.unavailable', index + 2);
      await cell.garden.setFault({ kind: 'none' }, 'all');
      await agent.until('garden.available', index + 2);
      reported('garden.unavailable', 'garden.available');
    }

    // A mount vanishes.
    if (cell.mode === 'v2') {
      // That of the only hierarchy: it reads the second one, and says so, also when it comes back.
      await agent.run(['umount', '-l', '/sys/fs/cgroup']);
      await agent.until('mounts.changed v2');
      await agent.afterPass();
      expect((await agent.report()).containers).to.have.length(4);
      await agent.run(['mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup']);
      await agent.until('mounts.changed v2', 2);
      await agent.afterPass();
      reported('mounts.changed v2', 'mounts.changed v2');
    } else {
      // That of its hierarchy, and so did the second one: it reads another hierarchy.
      await agent.run(['umount', '-l', '/tmp/cgroups-ab/memory', '/sys/fs/cgroup/memory']);
      await agent.until('mounts.changed memory');
      await agent.afterPass();
      reported('mounts.changed memory');
    }
    expect((await agent.report()).containers).to.have.length(4);

    // Its disk is full, and then it is not.
    await agent.run([
      'mount',
      '-t',
      'tmpfs',
      '-o',
      'size=4k,nr_inodes=1',
      'tmpfs',
      '/var/vcap/data/agent/memory',
    ]);
    await cell.destroy(C);
    await agent.until('memory.not-written');
    await agent.run(['umount', '-l', '/var/vcap/data/agent/memory']);
    await agent.afterPass();
    reported('memory.not-written', 'memory.written');

    // Somebody removes its socket; it comes back, without a word.
    fs.rmSync(cell.outside(STATUS_SOCKET));
    await waitFor('the status socket', () => fs.existsSync(cell.outside(STATUS_SOCKET)));
    reported();

    // Somebody takes its directory away: it cannot come back without it, and does so with it.
    await agent.run(['mv', '/var/vcap/data/agent/status', '/var/vcap/data/agent/status-away']);
    await agent.until('status.unavailable');
    await agent.run(['mkdir', '/var/vcap/data/agent/status']);
    await agent.until('status.available');
    reported('status.unavailable', 'status.available');

    // Garden crashes and loses whose its containers are.
    await cell.garden.kill();
    await agent.until('garden.unavailable', 5);
    await cell.garden.start();
    await agent.until('container.untracked', 3);
    reported(
      'garden.unavailable',
      'garden.available',
      `container.untracked ${B} unowned`,
      `container.untracked ${P} unowned`,
    );

    // The one that Garden forgot ends at last.
    await cell.kill(A);
    await agent.until('container.gone');
    reported(`container.gone ${A} unknown-to-garden`);

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
