import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { namesSocketOfAgent } from '../../src/cli/agent-answers.ts';
import type { NamesSocket } from '../../src/model/names-socket.ts';
import { noNames } from '../../src/names/known-names.ts';
import type { AgentState } from '../../src/model/agent-state.ts';
import type { Health } from '../../src/agent/retried-server.ts';
import { serveStatus, type StatusOptions } from '../../src/agent/status-socket.ts';
import { state, STATES } from '../present/agent-state-builder.ts';
import { expectDocumentedAnswer } from '../json-schemas.ts';
import { failureOf } from '../failure-of.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { connected, sent } from './raw-client.ts';

const DRILL = { handle: 'drill-1', since: '', until: 'later', scrapes: 2, lastScraped: 'then' };

/** What an agent that shows this gives its socket; drills run for the seconds in `drills`. */
const optionsOf = (
  socketPath: string,
  change: Partial<StatusOptions> = {},
  drills: number[] = [],
): StatusOptions => ({
  socketPath,
  state: () => state(),
  health: () => null,
  onChange: () => undefined,
  drill: {
    start: (seconds) => {
      drills.push(seconds);
      return DRILL;
    },
    running: () => (drills.length === 0 ? null : DRILL),
    end: () => (drills.pop() === undefined ? null : DRILL),
  },
  names: () => noNames(0),
  namesSocket: () => null,
  retryMilliseconds: 20,
  ...change,
});

/** A status socket that shows this, until the end of the test. */
async function served(shown: AgentState, change: Partial<StatusOptions> = {}) {
  const path = join(temporaryFolder(), 'rollcall.sock');
  const drills: number[] = [];
  const server = await serveStatus(optionsOf(path, { state: () => shown, ...change }, drills));
  atEndOfTest(() => server.close());
  const ask = async (start: string, more = '', body = '') => {
    const head = [
      `${start} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    const answer = await sent({ path }, `${head.join('\r\n')}\r\n${more}\r\n${body}`);
    const end = answer.indexOf('\r\n\r\n');
    const status = Number(answer.slice(9, 12));
    const text = answer.slice(end + 4);
    if (status === 200) expectDocumentedAnswer(start.replace('GET ', ''), text);
    return { status, head: answer.slice(0, end).toLowerCase(), body: text };
  };
  return { path, drills, ask, close: () => server.close() };
}

/** A status socket in a directory until the end of the test, and what it reports. */
async function servedIn(directory: string) {
  const path = join(directory, 's');
  fs.mkdirSync(directory, { recursive: true });
  const changes: (string | null)[] = [];
  const onChange = (error: string | null): unknown => changes.push(error);
  const server = await serveStatus(optionsOf(path, { onChange }));
  atEndOfTest(() => server.close());
  return { path, server, changes };
}

/**
 * Another process that listens at this path while `use` lasts, and is killed then: its socket
 * stays.
 */
async function listeningElsewhere(path: string, use: () => void | Promise<void>): Promise<void> {
  const code = `const server = require('node:net').createServer();
    server.listen(${JSON.stringify(path)}, () => console.log('up'));`;
  const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(other.stdout, 'data');
    await use();
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
}

const expectServed = async (path: string): Promise<void> => {
  expect(await sent({ path }, 'GET /v1/events HTTP/1.0\r\n\r\n')).to.contain('200 OK');
};

const reportedSoFar = async (
  changes: readonly (string | null)[],
  times: number,
): Promise<string | null | undefined> => {
  await waitFor('a report', () => changes.length >= times);
  expect(changes).to.have.length(times);
  return changes.at(-1);
};

const whyNot = async (socketPath: string): Promise<unknown> => {
  const [code, message] = await failureOf(serveStatus(optionsOf(socketPath)));
  expect(code).to.equal('STATUS_SOCKET');
  return message;
};

const PAGE = 'Origin: http://evil.example\r\n';

interface Answered {
  readonly gives: string;
  /** What the agent shows. */
  readonly shown: () => AgentState;
  readonly request: string;
  /** It is a web page that asks, with its Origin. */
  readonly isOfPage?: boolean;
  readonly body?: string;
  readonly status: number;
  /** The beginning of the answer. */
  readonly begins: string;
}

const ANSWERS: readonly Answered[] = [
  {
    gives: 'the same report as check',
    shown: STATES.untracked,
    request: 'GET /v1/report',
    status: 200,
    begins: '{"schemaVersion":1,"takenAt":"2026-',
  },
  {
    gives: 'no report before the first pass',
    shown: STATES['first pass'],
    request: 'GET /v1/report',
    status: 503,
    begins: '{"error":"the first pass has not completed yet"}',
  },
  {
    gives: 'no page to save before it',
    shown: STATES['first pass'],
    request: 'GET /v1/page',
    status: 503,
    begins: '{"error":"the first pass has not completed yet"}',
  },
  {
    gives: 'the page before it',
    shown: STATES['first pass'],
    request: 'GET /',
    status: 200,
    begins: '<!doctype html>',
  },
  {
    gives: 'the events before it',
    shown: STATES['first pass'],
    request: 'GET /v1/events',
    status: 200,
    begins: '[]',
  },
  {
    gives: 'why passes fail',
    shown: STATES['looks fail'],
    request: 'GET /v1/report',
    status: 503,
    begins: '{"error":"Cannot read /proc/1/mountinfo (EMFILE): <too many open files>"}',
  },
  {
    gives: 'no drill where none runs',
    shown: STATES['all tracked'],
    request: 'GET /v1/drill',
    status: 404,
    begins: '{"error":"no drill is running"}',
  },
  {
    gives: 'no end of one',
    shown: STATES['all tracked'],
    request: 'DELETE /v1/drill',
    status: 404,
    begins: '{"error":"no drill is running"}',
  },
  {
    gives: 'no drill of no seconds',
    shown: STATES['all tracked'],
    request: 'POST /v1/drill',
    body: '{"forSeconds": 0}',
    status: 400,
    begins: '{"error":"a drill takes',
  },
  {
    gives: 'no drill to a page',
    shown: STATES['all tracked'],
    request: 'POST /v1/drill',
    isOfPage: true,
    status: 403,
    begins: '{"error":"a web page cannot start a drill"}',
  },
  {
    gives: 'no end of a drill to a page',
    shown: STATES['all tracked'],
    request: 'DELETE /v1/drill',
    isOfPage: true,
    status: 403,
    begins: '{"error":"a web page cannot end a drill"}',
  },
];

describe('the status socket', () => {
  for (const { gives, shown, request, isOfPage = false, body, status, begins } of ANSWERS)
    it(`gives ${gives}: ${request}`, async () => {
      const { ask, drills } = await served(shown());
      const answer = await ask(request, isOfPage ? PAGE : '', body);
      expect(answer.status).to.equal(status);
      expect(answer.body.slice(0, begins.length)).to.equal(begins);
      expect(drills).to.deep.equal([]);
    });

  it("gives what the names' socket was asked for, or that there is none", async () => {
    const off = await served(state());
    expect((await off.ask('GET /v1/names-socket')).body).to.equal(
      '{"schemaVersion":1,"socket":null}\n',
    );
    const socket: NamesSocket = {
      path: '/cri/cri.sock',
      listeningSince: '2026-12-01T12:00:00.000Z',
      eventStreams: 1,
      asked: [
        {
          id: 'garden.servi',
          first: '2026-12-01T12:00:01.000Z',
          last: '2026-12-01T12:00:02.000Z',
          answer: 'unnameable',
        },
      ],
    };
    const { path } = await served(state(), { namesSocket: () => socket });
    expect(await namesSocketOfAgent(path)).to.deep.equal(socket);
  });

  it('accepts its own host names, and rejects others with an explanation', async () => {
    const { path } = await served(STATES.untracked());
    const asked = (host: string): Promise<string> =>
      sent({ path }, `GET /v1/report HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    for (const host of ['agent', 'rollcall', 'localhost:8080', '127.0.0.1:8080', '[::1]'])
      expect(await asked(host), host).to.contain(' 200 OK');
    const refused = await asked('evil.example:8080');
    expect(refused).to.contain(' 421 Misdirected Request');
    expect(refused).to.contain('use one of these names');
  });

  it('says whether passes still complete, like the metrics port', async () => {
    let health: Health = null;
    const { ask } = await served(state(), { health: () => health });
    expect((await ask('GET /healthz')).status).to.equal(200);
    health = { status: 'no-metrics', error: 'port 1 is in use' };
    expect((await ask('GET /healthz')).status).to.equal(503);
  });

  it('gives the events, newest first, with nothing in them that controls a terminal', async () => {
    const [event] = state().events;
    if (event === undefined) throw new Error('no event');
    const events = [{ ...event, sentence: '\u001b[2J\u009b\u202e' }, event];
    const { ask } = await served(state({ events }));
    const { body } = await ask('GET /v1/events');
    expect(body.trimEnd()).not.to.match(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(body)).to.deep.equal(events);
  });

  it('shows the page, and one without a script for a file', async () => {
    const { ask } = await served(STATES.untracked());
    const live = await ask('GET /');
    expect(live.head).to.contain('content-security-policy: ');
    expect(live.body).to.contain('<script');
    const file = await ask('GET /v1/page');
    expect(file.body).to.match(/^<!doctype html>/i);
    expect(file.body).not.to.contain('<script');
  });

  it('starts a drill, five minutes long by default', async () => {
    const { ask, drills } = await served(state());
    const { status, body } = await ask('POST /v1/drill', '', '{"forSeconds": 60}');
    expect(status).to.equal(202);
    const { since: _, ...shown } = { schemaVersion: 1, ...DRILL, exported: false };
    expect(JSON.parse(body)).to.deep.equal(shown);
    await ask('POST /v1/drill');
    await ask('POST /v1/drill', '', '{}');
    expect(drills).to.deep.equal([60, 300, 300]);
  });

  it('says how far a drill has come, and ends it', async () => {
    const { ask } = await served(state());
    await ask('POST /v1/drill');
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await ask(`${method} /v1/drill`);
      expect(status).to.equal(200);
      expect(JSON.parse(body)).to.include({ scrapes: 2, lastScraped: 'then' });
    }
    expect((await ask('GET /v1/drill')).status).to.equal(404);
  });

  it('is only for its user and group from the first moment, and leaves the umask unchanged', async () => {
    const before = process.umask(0o022);
    process.umask(before);
    const { path } = await served(state());
    expect(fs.statSync(path).mode & 0o777).to.equal(0o660);
    expect(process.umask(before)).to.equal(before);
  });

  it('is removed when the agent stops, which open connections do not delay', async () => {
    const { path, close } = await served(state());
    const all = await Promise.all([connected({ path }), connected({ path })]);
    all[0].socket.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(all[0].socket, 'data');
    await close();
    await Promise.all(all.map(({ closed }) => closed));
    expect(fs.existsSync(path)).to.equal(false);
  });

  it('takes the place of the socket that a killed agent left behind', async () => {
    const folder = temporaryFolder();
    await listeningElsewhere(join(folder, 's'), () => undefined);
    expect(fs.existsSync(join(folder, 's'))).to.equal(true);
    await expectServed((await servedIn(folder)).path);
  });

  it('refuses the path of another running agent, of a file, and an impossible path', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 's');
    const other = net.createServer().listen(path);
    await once(other, 'listening');
    try {
      expect(await whyNot(path)).to.contain('another agent answers there');
    } finally {
      other.close();
      await once(other, 'close');
    }

    fs.writeFileSync(path, 'precious');
    expect(await whyNot(path)).to.contain('a file that is not a socket');
    expect(fs.readFileSync(path, 'utf8')).to.equal('precious');

    expect(await whyNot(join(folder, 'none', 's')))
      .to.contain(`there is no directory ${join(folder, 'none')}`)
      .and.contain('status.socketPath');
  });

  it('says that it is missing or replaced by something else, and when it is served again', async () => {
    const directory = join(temporaryFolder(), 'd');
    const { path, server, changes } = await servedIn(directory);
    expect(server.error()).to.equal(null);
    fs.rmSync(path);
    fs.writeFileSync(path, 'precious');
    expect(await reportedSoFar(changes, 1)).to.contain('something else is in its place');
    expect(server.error()).to.equal(changes[0]);
    // Nothing of somebody else's is removed, and nothing is reported twice.
    await sleep(200);
    expect(fs.readFileSync(path, 'utf8')).to.equal('precious');
    fs.rmSync(path);
    expect(await reportedSoFar(changes, 2)).to.equal(null);
    await expectServed(path);
    fs.rmSync(directory, { recursive: true });
    expect(await reportedSoFar(changes, 3)).to.contain(`there is no directory ${directory}`);
    fs.mkdirSync(directory);
    expect(await reportedSoFar(changes, 4)).to.equal(null);
    expect(server.error()).to.equal(null);
  });

  it('comes back after its directory was moved away, and in place of a dead socket', async () => {
    const directory = join(temporaryFolder(), 'd');
    const { path, server, changes } = await servedIn(directory);
    fs.renameSync(directory, `${directory}.away`);
    expect(await reportedSoFar(changes, 1)).to.contain('there is no directory');
    // With the socket of the server that was closed meanwhile.
    fs.renameSync(`${directory}.away`, directory);
    await reportedSoFar(changes, 2);
    await expectServed(path);
    expect(server.error()).to.equal(null);

    await listeningElsewhere(`${path}.other`, async () => {
      fs.renameSync(`${path}.other`, path);
      expect(await reportedSoFar(changes, 3)).to.contain('something else is in its place');
    });
    await reportedSoFar(changes, 4);
    await expectServed(path);
    expect(server.error()).to.equal(null);
  });

  it('is created again after somebody removed it with its directory, and is still removed at the end', async () => {
    const directory = join(temporaryFolder(), 'd');
    const { path, server } = await servedIn(directory);
    fs.rmSync(directory, { recursive: true });
    fs.mkdirSync(directory);
    await waitFor('the socket', () => fs.existsSync(path));
    // Making it anew must not remove it again: closing a server removes what is at its path.
    await sleep(200);
    await expectServed(path);
    expect(fs.statSync(path).mode & 0o777).to.equal(0o660);
    await server.close();
    expect(fs.existsSync(path)).to.equal(false);
  });
});
