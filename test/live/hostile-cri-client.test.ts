import { randomBytes } from 'node:crypto';
import http2 from 'node:http2';
import net from 'node:net';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { AGENT_FLAGS } from '../../tools/cell-package.ts';
import { CriClient } from '../cri-client.ts';
import { callOf, endOf, framed, sessionOn } from '../cri-session.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor } from './cells.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';

const APP = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';
const SOCKET = '/var/vcap/data/agent/cri/cri.sock';
const CONFIG = { names: { criSocketPath: SOCKET } };

/** Sources need the types stripped, which Node cannot do in this mode. */
const FLAGS = AGENT_FLAGS.filter((flag) => PROGRAM.endsWith('.cjs') || flag !== '--lite-mode');
/** Before the agent's command: runs it with the flags of the job. */
const AS_THE_JOB = ['sh', '-c', `exec "$0" ${FLAGS.join(' ')} "$@"`];

/** What bpm.yml allows the job; half of it is for the heap. */
const MAX_MEGABYTES = 256;
const MEBIBYTE = 1024 * 1024;

const CONTAINERS = 250;
const LISTS = 3000;
/** So few that most of their answers fit into what clients may leave unread. */
const LISTS_AT_ONCE = 32;
/**
 * How much of the main thread's CPU time there may be for each pass. Passes that waited for a second
 * of other work would have more, however busy the machine is.
 */
const MAX_CPU_SECONDS_OF_A_PASS = 1;

const times = <T>(count: number, make: (n: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** One call for each message, all at once. @returns when each has its answer */
async function sendAll(path: string, messages: readonly Buffer[]): Promise<void> {
  const session = await sessionOn(path);
  const ends = messages.map((message) => {
    const call = callOf(session);
    call.end(message);
    return endOf(call);
  });
  await Promise.all(ends);
  session.destroy();
}

/** What a client does for a while. */
const ATTACKS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'resets calls and connections': async (path) => {
    for (let round = 0; round < 20; round++) {
      const session = await sessionOn(path);
      for (let n = 0; n < 30; n++) {
        const call = callOf(session);
        call.write(framed(Buffer.alloc(0)));
        if (n % 2 === 0) call.close(http2.constants.NGHTTP2_CANCEL);
      }
      session.destroy();
    }
  },
  'sends messages of a megabyte': async (path) => {
    const messages = times(20, () => framed(Buffer.alloc(MEBIBYTE)));
    for (let round = 0; round < 5; round++) await sendAll(path, messages);
  },
  'lies about the length of its messages': (path) =>
    sendAll(path, [
      framed(Buffer.alloc(3), 60_000),
      framed(Buffer.alloc(3), 2 ** 32 - 1),
      framed(Buffer.alloc(60_000), 0),
      framed(Buffer.alloc(60_000, 0x0a)),
      Buffer.concat(times(10_000, () => framed(Buffer.alloc(0)))),
      randomBytes(MEBIBYTE),
    ]),
  'opens 200 sessions': async (path) => {
    const sessions = times(200, () => net.connect(path));
    let refused = 0;
    for (const session of sessions)
      session
        .on('error', () => undefined)
        .on('close', () => (refused += 1))
        .resume()
        .write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await waitFor('the end of most', () => refused >= 192);
    for (const session of sessions) session.destroy();
  },
  'asks for a thousand random ids': async (path) => {
    const client = new CriClient(path);
    await Promise.all(
      times(1000, async () => {
        const id = randomBytes(6).toString('hex');
        const { containers } = await client.ask('ListContainers', { filter: { id } });
        expect(containers).to.deep.equal([]);
      }),
    );
    client.close();
  },
};

interface Usage {
  readonly pid: number;
  /** Of its main thread. */
  readonly cpuSeconds: number;
  /** The most that it had in memory. */
  readonly megabytes: number;
  readonly passes: number;
}

const USAGE =
  'pid=$(pgrep -n -f "[a]gent --config") && echo $pid && cat /proc/$pid/schedstat /proc/$pid/status';

async function usageOf(agent: RunningAgent): Promise<Usage> {
  const passes = await agent.passes();
  const { stdout } = await agent.run(['sh', '-c', USAGE]);
  const [pid = '', schedstat = ''] = stdout.split('\n');
  const [nanoseconds = ''] = schedstat.split(' ');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(stdout)?.[1];
  return {
    pid: Number(pid),
    cpuSeconds: Number(nanoseconds) / 1e9,
    megabytes: Number(peak) / 1024,
    passes,
  };
}

/** The agent lives on in its memory, makes passes, and answers both an operator and a sensor. */
async function expectUnharmed(cell: Cell, agent: RunningAgent, before: Usage): Promise<void> {
  await agent.afterPass();
  const { pid, megabytes } = await usageOf(agent);
  expect(pid).to.equal(before.pid);
  expect(megabytes).to.be.below(MAX_MEGABYTES);
  expect((await agent.report()).verdict).to.equal('all-tracked');
  const client = new CriClient(cell.outside(SOCKET));
  const { containers } = await client.ask('ListContainers', { filter: { id: APP.slice(0, 12) } });
  expect(containers.map(({ id }) => id)).to.deep.equal([APP]);
}

/** Asks for the whole list until it was answered so many times. */
async function answeredLists(path: string, count: number): Promise<void> {
  const sessions = await Promise.all(times(7, () => sessionOn(path)));
  let answered = 0;
  await Promise.all(
    times(LISTS_AT_ONCE, async (n) => {
      const session = sessions[n % sessions.length] ?? expect.fail();
      while (answered < count) {
        const call = callOf(session);
        call.end(framed(Buffer.alloc(0)));
        if ((await endOf(call)) === 0) answered += 1;
      }
    }),
  );
  for (const session of sessions) session.destroy();
}

for (const mode of ['v1', 'v2'] as const)
  describe(`beside an agent on a cell with cgroup ${mode}, a client of the names' socket does no harm if it`, () => {
    for (const [what, attack] of Object.entries(ATTACKS))
      it(what, async function () {
        const cell = await cellFor(this, { mode }, APP);
        const agent = await startAgent(cell, CONFIG, AS_THE_JOB);
        await agent.report();
        const before = await usageOf(agent);
        await attack(cell.outside(SOCKET));
        await expectUnharmed(cell, agent, before);
      });

    it(`asks for the whole list ${LISTS} times, without a delay of passes`, async function () {
      this.timeout(240_000);
      const cell = await cellFor(this, { mode }, APP);
      await cell.createMany(CONTAINERS - 1);
      const agent = await startAgent(cell, CONFIG, AS_THE_JOB);
      await agent.report();
      await agent.afterPass();
      const before = await usageOf(agent);
      await answeredLists(cell.outside(SOCKET), LISTS);
      const after = await usageOf(agent);
      const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
      expect(after.passes - before.passes).to.be.at.least(
        Math.floor(cpuSeconds / MAX_CPU_SECONDS_OF_A_PASS),
      );
      await expectUnharmed(cell, agent, before);
    });
  });
