import { expect } from 'chai';
import { Arrivals } from '../../tools/local-server.ts';
import { failureOf } from '../failure-of.ts';

describe('arrivals', () => {
  it('resolve with an item that has arrived and with one that is yet to', async () => {
    const lines = new Arrivals<string>();
    lines.add('a1');
    const second = lines.until((line) => line.startsWith('a'), 2);
    expect(await lines.until((line) => line.startsWith('a'))).to.equal('a1');
    lines.add('b', 'a2');
    expect(await second).to.equal('a2');
  });

  it('reject what can no longer arrive, as when the program exits', async () => {
    const lines = new Arrivals<string>();
    lines.add('a');
    const waiting = failureOf(lines.until((line) => line === 'b'));
    lines.end(new Error('exited'));
    expect(await waiting).to.deep.equal([undefined, 'exited']);
    expect(await failureOf(lines.until((line) => line === 'c'))).to.deep.equal([
      undefined,
      'exited',
    ]);
    expect(await lines.until((line) => line === 'a')).to.equal('a');
  });
});
