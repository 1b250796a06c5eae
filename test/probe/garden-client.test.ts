import type { Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { asHandle } from '../../src/model/ids.ts';
import { askedBy } from '../../src/demo-cell/garden/requests.ts';
import { gardenClient, handleSegment } from '../../src/probe/garden-client.ts';
import { LIST, AMPLE, clientOf, codeOf, http } from './asking-garden.ts';

describe('gardenClient: what it asks', () => {
  it('asks for all containers, and for the created ones, over one connection', async () => {
    const targets: string[] = [];
    let connections = 0;
    const serve = http((request, response) => {
      targets.push(`${request.method} ${request.url}`);
      response.end(LIST);
    });
    const counted = (socket: Socket): void => {
      connections += 1;
      serve(socket);
    };
    const client = await clientOf(counted);
    expect(await client.list()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
    expect(await client.listCreated()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
    expect(targets).to.deep.equal([
      'GET /containers?garden.state=all',
      'GET /containers?garden.state=created',
    ]);
    expect(connections).to.equal(1);
  });

  it('gives the same value while Garden gives the same list', async () => {
    const lists = ['{"Handles":["a"]}', '{"Handles":["a"]}', '{"Handles":["a","b"]}'];
    const serve = http((_request, response) => {
      response.end(lists.shift());
    });
    const client = await clientOf(serve);
    const first = await client.list();
    expect(await client.list()).to.equal(first);
    expect(await client.list()).to.deep.equal({ kind: 'answered', value: ['a', 'b'] });
  });

  it('asks for the properties of each handle once, with bounded concurrency', async () => {
    const handles = Array.from({ length: 50 }, (_, i) => asHandle(`h${i}`));
    let under = 0;
    let most = 0;
    const serve = http((request, response) => {
      under += 1;
      most = Math.max(most, under);
      setImmediate(() => {
        under -= 1;
        response.end(`{"asked":"${request.url}"}`);
      });
    });
    const client = await clientOf(serve);
    const answers = await client.properties([...handles, asHandle('h0')], { concurrency: 4 });
    expect([...answers.keys()]).to.deep.equal(handles);
    for (const [handle, answer] of answers) {
      const value = { asked: `/containers/${handle}/properties` };
      expect(answer).to.deep.equal({ kind: 'answered', value });
    }
    expect(most).to.be.within(1, 4);
  });

  it('gives no answers when asked for none', async () => {
    const client = gardenClient({ socketPath: '/nowhere', timeoutMilliseconds: AMPLE });
    expect((await client.properties([], { concurrency: 8 })).size).to.equal(0);
  });
});

describe('gardenClient: handles that look like something else', () => {
  const NOT_ASKABLE = ['', '.', '..', '\ufffd', 'a\ufffdb', '\ud800'];
  const ASKABLE = [
    '../../ping',
    'a/processes',
    'x/info?y=',
    'x?garden.state=all',
    'x#y',
    '%2e%2e',
    '..%2f',
    'a b+c',
    'bulk_info',
    'ü\u202e\n\r\nGET /capacity HTTP/1.1\r\n',
    '\0',
    'x'.repeat(1024),
  ];

  it('reach the server as one segment, and no other route is asked', async () => {
    const targets: string[] = [];
    const serve = http((request, response) => {
      targets.push(request.url ?? '');
      response.end('{}');
    });
    const client = await clientOf(serve);
    const handles = [...ASKABLE, ...NOT_ASKABLE].map(asHandle);
    const answers = await client.properties(handles, { concurrency: 1 });
    for (const handle of ASKABLE) {
      expect(codeOf(answers.get(asHandle(handle))), handle).to.equal('answered');
    }
    for (const handle of NOT_ASKABLE) {
      expect(codeOf(answers.get(asHandle(handle))), handle).to.equal('not-askable');
    }
    expect(targets).to.have.length(ASKABLE.length);
    for (const target of targets) expect(target).to.match(/^\/containers\/[^/?#]+\/properties$/);
    const asked = targets.map((target) => decodeURIComponent(target.split('/')[2] ?? ''));
    expect(asked).to.deep.equal(ASKABLE);
  });

  it("are themselves to gdn's router, whatever they are", () => {
    const odd = fc.string({
      unit: fc.constantFrom('.', '/', '%', '2', 'f', '?', '#', '+', ':', ';'),
    });
    fc.assert(
      fc.property(fc.oneof(odd, anyText()), (text) => {
        const segment = handleSegment(asHandle(text));
        fc.pre(segment !== null);
        const asked = askedBy('GET', `/containers/${segment}/properties`);
        expect(asked).to.include({ name: 'properties', handle: text });
      }),
    );
  });
});
