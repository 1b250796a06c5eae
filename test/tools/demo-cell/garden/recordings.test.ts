import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loseProperties } from '../../../../tools/demo-cell/garden/state.ts';
import { recording } from '../../../recordings.ts';
import { ask, exchangeOf, gardenWith, MODES, recordedGarden, served } from './exchanges.ts';

const RECORDED: Readonly<Record<string, string>> = {
  '01': 'ping',
  '03': 'the default list',
  '04': 'the list of all',
  '05': 'the list of the created',
  '06': 'the list of an owner',
  '07': 'the list of an owner, escaped, of all',
  '08': 'the list of the health check',
  '09': 'a list without a match',
  '10': 'a list with a repeated filter',
  '26': 'properties',
  '27': 'properties of an unknown handle',
  '38': 'destruction of an unknown handle',
};

for (const mode of MODES) {
  describe(`gardenApi answers byte for byte as the gdn recorded in ${mode}`, () => {
    for (const [number, title] of Object.entries(RECORDED)) {
      it(title, async () => {
        const { method, target, response } = exchangeOf(mode, number);
        expect(await ask(await served(recordedGarden(mode)), method, target)).to.deep.equal(
          response,
        );
      });
    }
  });
}

describe('gardenApi answers as the recorded gdn in trouble', () => {
  const recorded = (name: string): string => readFileSync(recording(`garden/${name}`), 'utf8');

  it('when its properties are gone after a crash', async () => {
    const state = recordedGarden('runc');
    state.containers.forEach(loseProperties);
    const socketPath = await served(state);
    let bodies = '';
    for (const query of [
      '',
      '?garden.state=all',
      '?executor:owner=executor',
      '?executor:owner=executor&garden.state=all',
    ])
      bodies += (await ask(socketPath, 'GET', `/containers${query}`)).body;
    const lists = recorded('crash-restart.txt').split('\n').slice(1, 5).join('\n');
    expect(bodies).to.equal(`${lists}\n`);
  });

  it('when a destruction fails in the network plugin, or is already under way', async () => {
    const story = recorded('failed-destruction.txt');
    const handle = '33333333-aaaa-4bbb-8ccc-0003';
    const begun = Promise.withResolvers<void>();
    const plugin = Promise.withResolvers<void>();
    const remove = (): Promise<void> => {
      begun.resolve();
      return plugin.promise;
    };
    const socketPath = await served(
      gardenWith([{ handle, properties: null, created: true }]),
      remove,
    );
    const destroy = () => ask(socketPath, 'DELETE', `/containers/${handle}`);
    const first = destroy();
    await begun.promise;
    const second = await destroy();
    const why = "external networker encountered an error running 'down' action: exit status 1";
    plugin.reject(new Error(why));
    for (const { body } of [await first, second]) expect(story).to.include(body);
    const { body } = await ask(socketPath, 'GET', '/containers');
    expect(body).to.equal(`{"Handles":["${handle}"]}\n`);
  });
});
