import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import { asHandle } from '../../src/model/ids.ts';
import { containerNamed, lostNameHint } from '../../src/cli/container-named.ts';
import { container } from '../present/agent-state-builder.ts';

const app = (name: string, id: string, index: number) => {
  const known = container(0).app ?? expect.fail('no app');
  return { ...known, id, name, index };
};
const CONTAINERS = [
  { handle: asHandle('8a37cb6f-385b'), app: app('shop', 'guid-1', 0) },
  { handle: asHandle('8a37cb6f-999c'), app: app('shop', 'guid-1', 1) },
  { handle: asHandle('c0ffee00-1234'), app: app('team/api', 'guid-2', 0) },
  { handle: asHandle('c0ffee01-1234'), app: app('team/api', 'guid-2', 0) },
  { handle: asHandle('8a'), app: null },
];
const named = (text: string) => containerNamed(text, CONTAINERS)?.handle ?? null;

describe('which container a person means', () => {
  it('prefers a whole handle to others that begin with it', () => {
    expect(named('8a')).to.equal('8a');
  });

  it('accepts the beginning of a handle if only one has it', () => {
    expect(named('8a37cb6f-9')).to.equal('8a37cb6f-999c');
  });

  it('accepts app/index, by name or guid, even if the name contains a slash', () => {
    expect(named('shop/1')).to.equal('8a37cb6f-999c');
    expect(named('guid-1/0')).to.equal('8a37cb6f-385b');
  });

  it('finds nothing if nothing matches', () => {
    for (const text of ['', 'x', 'shop/', 'shop/2', '/0']) {
      expect(named(text), text).to.equal(null);
    }
  });

  it('says where the handle is needed, because Garden forgets the app of a lost container', () => {
    expect(lostNameHint('billing/0')).to.equal(
      ' A container that Garden lost may have no app: give its handle.',
    );
    expect(lostNameHint('8a37')).to.equal('');
  });

  it('accepts an app that has one instance here', () => {
    const [only] = CONTAINERS;
    expect(containerNamed('shop', only === undefined ? [] : [only])).to.equal(only);
  });

  it('names the instances of an app that has several', () => {
    expect(() => named('shop')).to.throw(
      KnownFailure,
      '"shop" has 2 instances here: shop/0 (8a37cb6f-385b), shop/1 (8a37cb6f-999c). ' +
        'Give one of them.',
    );
  });

  it('takes a few characters for the name of an app, never for the beginning of a handle', () => {
    const [first, ...others] = CONTAINERS;
    const apps = [{ ...first, handle: asHandle('8a37cb6f-385b'), app: app('8a3', 'guid-1', 0) }];
    expect(containerNamed('8a3', [...apps, ...others])?.handle).to.equal('8a37cb6f-385b');
    for (const text of ['8', '8a37cb'])
      expect(() => named(text), text)
        .to.throw(KnownFailure, `"${text}" is too short: give at least 7 characters of a handle.`)
        .with.property('code', 'HANDLE_TOO_SHORT');
  });

  it('lists the candidates if several match', () => {
    expect(() => named('8a37cb6')).to.throw(
      KnownFailure,
      /^"8a37cb6" matches 2 containers: 8a37cb6f-385b, 8a37cb6f-999c\. Give one handle\.$/,
    );
    expect(() => named('team/api/0')).to.throw(KnownFailure, 'c0ffee00-1234, c0ffee01-1234');
  });
});
