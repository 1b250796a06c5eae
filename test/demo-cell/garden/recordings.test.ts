import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loseProperties } from '../../../src/demo-cell/garden/state.ts';
import { recording } from '../../recordings.ts';
import {
  ask,
  parseResponse,
  type Exchange,
  type Response,
  exchangeOf,
  exchangeText,
  MODES,
  recordedGarden,
  type Mode,
  gardenWith,
  serving,
} from './exchanges.ts';

/** Exchanges whose every byte follows from which containers there are and what their properties say. */
const BYTE_FOR_BYTE: Record<string, string> = {
  '01': 'ping',
  '03': 'the default list',
  '04': 'the list of all',
  '05': 'the list of the created',
  '06': 'the list of an owner',
  '07': 'the list of an owner, escaped, of all',
  '08': 'the list of the health check',
  '09': 'a list without a match',
  '10': 'a list with a repeated filter',
  '11': 'info',
  '12': 'info of one with peas',
  '13': 'info of a privileged one',
  '14': 'info of one without a process',
  '15': 'info of an unknown handle',
  '16': 'info of a pea',
  '17': 'bulk_info',
  '18': 'bulk_info with an escaped comma',
  '19': 'bulk_info with an unknown handle',
  '20': 'bulk_info of none',
  '21': 'bulk_info without handles',
  '25': 'bulk_metrics of none',
  '26': 'properties',
  '27': 'properties of an unknown handle',
  '28': 'one property',
  '29': 'one property that is missing',
  '31': 'metrics of an unknown handle',
  '34': 'an unknown route',
  '35': 'a wrong method',
  '36': 'HEAD of the list',
  '37': 'a slash too much',
  '38': 'destruction of an unknown handle',
};

/** Exchanges with measured numbers in them: the same fields, of the same types, in the same framing. */
const SAME_SHAPE: Record<string, string> = {
  '02': 'capacity',
  '22': 'bulk_metrics',
  '23': 'bulk_metrics with an unknown handle',
  '30': 'metrics',
};

/** Limits are not part of its state: they can be compared only where the runtime knew of none either. */
const WITHOUT_LIMITS: Partial<Record<Mode, Record<string, string>>> = {
  'v2-containerd': { '32': 'the memory limit', '33': 'the CPU limit' },
};

/** `Allow` comes in the order of a Go map, which is random: it differs between the recordings too. */
const allowSorted = (response: Response | null): Response | null =>
  response === null
    ? null
    : {
        ...response,
        headers: response.headers.map((line) =>
          line.startsWith('Allow: ')
            ? `Allow: ${line.slice(7).split(', ').toSorted().join(', ')}`
            : line,
        ),
      };

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]);
}

const framingOf = (response: Response | null): readonly string[] =>
  (response?.headers ?? []).map((line) => line.replace(/^(Content-Length): \d+$/, '$1'));

function replayed(recorded: Exchange, mode: Mode): Promise<Exchange> {
  return serving(recordedGarden(mode), (socketPath) =>
    ask(socketPath, recorded.method, recorded.target),
  );
}

for (const mode of MODES) {
  describe(`gardenApi answers as the gdn recorded in ${mode}`, () => {
    for (const [number, title] of Object.entries({ ...BYTE_FOR_BYTE, ...WITHOUT_LIMITS[mode] })) {
      it(title, async () => {
        const recorded = exchangeOf(mode, number);
        const { response } = await replayed(recorded, mode);
        expect(allowSorted(response)).to.deep.equal(allowSorted(recorded.response));
      });
    }

    for (const [number, title] of Object.entries(SAME_SHAPE)) {
      it(`${title}, apart from the numbers`, async () => {
        const recorded = exchangeOf(mode, number);
        const { response } = await replayed(recorded, mode);
        expect(response?.status).to.equal(recorded.response?.status);
        expect(framingOf(response)).to.deep.equal(framingOf(recorded.response));
        expect(shapeOf(JSON.parse(response?.body ?? ''))).to.deep.equal(
          shapeOf(JSON.parse(recorded.response?.body ?? '')),
        );
      });
    }
  });
}

describe('gardenApi answers as the recorded gdn in trouble', () => {
  const text = (name: string): string => readFileSync(recording(`garden/${name}`), 'utf8');

  it('to creations that it refuses', async () => {
    const used = '00653e55-2a56-4ab7-ae1d-79ce';
    const bodies = ['{"handle":"one-too-many"}', `{"handle":"${used}"}`, '{"handle":'];
    const recorded = exchangeText('containerd', '40')
      .split(/^> .*\n/m)
      .slice(1)
      .map(parseResponse);
    const full = Array.from({ length: 249 }, (_, i) => `h${i}`).concat(used);
    const state = gardenWith(full.map((handle) => ({ handle, properties: null, created: true })));
    await serving(state, async (socketPath) => {
      const answers = [];
      for (const body of bodies) {
        answers.push((await ask(socketPath, 'POST', '/containers', body)).response);
      }
      expect(answers).to.deep.equal(recorded);
    });
  });

  it('when its properties are gone after a crash', async () => {
    const after = text('crash-restart.txt');
    const lists = [
      '/containers',
      '/containers?garden.state=all',
      '/containers?executor:owner=executor',
      '/containers?executor:owner=executor&garden.state=all',
    ];
    const state = recordedGarden('runc');
    state.containers.forEach(loseProperties);
    await serving(state, async (socketPath) => {
      const get = async (target: string): Promise<Response | null> =>
        (await ask(socketPath, 'GET', target)).response;
      const bodies: string[] = [];
      for (const target of lists) bodies.push((await get(target))?.body ?? '');
      expect(bodies.join('')).to.equal(after.split('\n').slice(1, 5).join('\n') + '\n');
      const info = await get('/containers/8a37cb6f-385b-4dd3-732c-34d6/info');
      const recorded = parseResponse(after.slice(after.indexOf('HTTP/1.1')));
      expect(info?.headers).to.deep.equal(recorded?.headers);
      expect(recorded?.body.startsWith(info?.body ?? '?')).to.equal(true);
    });
  });

  it('when a destruction fails in the network plugin, or is already under way', async () => {
    const story = text('failed-destruction.txt');
    const handle = '33333333-aaaa-4bbb-8ccc-0003';
    const state = gardenWith([{ handle, properties: null, created: true }]);
    const begun = Promise.withResolvers<void>();
    const plugin = Promise.withResolvers<void>();
    const hooks = {
      create: () => Promise.resolve(),
      destroy: () => {
        begun.resolve();
        return plugin.promise;
      },
    };
    await serving(
      state,
      async (socketPath) => {
        const bodyOf = async (method: string, target: string): Promise<string> =>
          (await ask(socketPath, method, target)).response?.body ?? '';
        const first = bodyOf('DELETE', `/containers/${handle}`);
        await begun.promise;
        const bodies = [
          await bodyOf('DELETE', `/containers/${handle}`),
          await bodyOf('GET', `/containers/${handle}/info`),
        ];
        plugin.reject(
          new Error("external networker encountered an error running 'down' action: exit status 1"),
        );
        bodies.push(await first);
        for (const body of bodies) expect(story).to.include(body);
        expect(await bodyOf('GET', '/containers')).to.equal(`{"Handles":["${handle}"]}\n`);
      },
      hooks,
    );
  });
});
