import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { CONFIG } from '../../src/model/agent-config.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { rendered, suiteNeeds } from '../rendered.ts';
import { run, type Places, type Ran } from '../script.ts';

const SOCKET = CONFIG.status.socketPath.default;

/** post-start beside an agent that answers in this way; null: there is none. */
async function postStart(
  timeoutSeconds: number,
  agent: RequestListener | null,
  places: Places = {},
): Promise<Ran> {
  const properties = { 'post_start.timeout_seconds': timeoutSeconds };
  const text = await rendered('rollcall', properties, 'bin/post-start');
  const folder = temporaryFolder();
  const socket = join(folder, 's');
  const here = timeoutSeconds === 0 ? places : { [SOCKET]: socket, ...places };
  if (agent === null) return run(text, here, folder);
  const server = createServer(agent).listen(socket);
  await once(server, 'listening');
  try {
    return await run(text, here, folder);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A failure here stops a deploy of the whole foundation, so it must end, and say what to do. */
describe('bin/post-start', () => {
  suiteNeeds('ruby', 'curl');

  it('asks /healthz and nothing else', async () => {
    const asked: (string | undefined)[] = [];
    const { code, stdout, stderr } = await postStart(5, (request, response) => {
      asked.push(request.url);
      response.end('ok');
    });
    expect([code, stdout, stderr]).to.deep.equal([0, 'rollcall answers /healthz', '']);
    expect(asked).to.deep.equal(['/healthz']);
  });

  it('waits for an agent that is not well yet', async () => {
    let asked = 0;
    const { code } = await postStart(8, (_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 503 : 200).end();
    });
    expect([code, asked]).to.deep.equal([0, 2]);
  });

  it('fails for an agent that stays unwell, with what it said', async () => {
    const { code, stderr } = await postStart(1, (_request, response) => {
      response.writeHead(503).end('the loop stands still\n');
    });
    expect(code).to.equal(1);
    expect(stderr).to.match(/did not answer \/healthz on \S+ within 1 seconds/);
    expect(stderr).to.include('the loop stands still').and.include('503');
  });

  it('fails where nobody is, and says where to look and how to go on', async () => {
    const { code, stdout, stderr } = await postStart(1, null);
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(/did not answer \/healthz on \S+\/s within 1 seconds/);
    expect(stderr).to.include('/var/vcap/sys/log/rollcall/rollcall.stderr.log');
    expect(stderr).to.include('Set post_start.timeout_seconds to 0');
  });

  it('fails for an agent that takes the question and never answers', async () => {
    const { code, stderr } = await postStart(1, () => undefined, {
      '--max-time 5': '--max-time 1',
    });
    expect(code).to.equal(1);
    expect(stderr).to.match(/timed out/i);
  });

  it('does not wait with a timeout of 0', async () => {
    const { code, stdout } = await postStart(0, null);
    expect([code, stdout]).to.deep.equal([
      0,
      'post_start.timeout_seconds is 0: not waiting for rollcall',
    ]);
  });
});
