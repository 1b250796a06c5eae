import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { AskedIds } from '../../../src/agent/cri/asked-ids.ts';
import { MisnamedIds } from '../../../src/agent/cri/misnamed-ids.ts';
import { MissedIds } from '../../../src/agent/cri/missed-ids.ts';
import { RequestRate } from '../../../src/agent/cri/requests.ts';
import { UnreadBytes } from '../../../src/agent/cri/unread-bytes.ts';

const MEBIBYTE = 1024 * 1024;

describe('the rate of requests', () => {
  it('lets 300 in at once, then 300 a second, and refuses what would wait longer than 3 seconds', () => {
    const rate = new RequestRate();
    const waits = Array.from({ length: 1300 }, () => rate.waitFor(0));
    const waited = waits.filter((wait) => wait !== null);
    expect(waited.slice(0, 300).every((wait) => wait === 0)).to.equal(true);
    expect(waited.at(-1)).to.be.within(2990, 3000);
    expect(waited).to.have.length.within(1195, 1205);
    expect(rate.waitFor(1000)).to.be.within(1990, 2010);
  });

  it('is not held up by requests that came long ago', () => {
    const rate = new RequestRate();
    for (let n = 0; n < 1000; n++) rate.waitFor(0);
    expect(rate.waitFor(60_000)).to.equal(0);
  });
});

describe('the answers that nobody has read', () => {
  it('have at most 4 MiB together, but one alone may have more', () => {
    const unread = new UnreadBytes();
    const [large, small] = [new EventEmitter(), new EventEmitter()];
    expect(unread.holds(large, 5 * MEBIBYTE)).to.equal(true);
    expect(unread.holds(small, 1)).to.equal(false);
    large.emit('cancelled');
    expect(unread.holds(small, 3 * MEBIBYTE)).to.equal(true);
    expect(unread.holds(small, 2 * MEBIBYTE)).to.equal(false);
    unread.read(small, 3 * MEBIBYTE);
    expect(unread.holds(small, 2 * MEBIBYTE)).to.equal(true);
  });
});

describe('ids that were asked for', () => {
  it('are the last thousand, each with its first and last time', () => {
    const asked = new AskedIds();
    for (let n = 0; n < 1001; n++) asked.asked(`id ${n}`, 'not-found', n);
    asked.asked('id 1', 'named', 5000);
    expect(asked.all()).to.have.length(1000);
    expect(asked.all().at(-1)).to.deep.equal({
      id: 'id 1',
      first: '1970-01-01T00:00:00.001Z',
      last: '1970-01-01T00:00:05.000Z',
      answer: 'named',
    });
    expect(asked.all().map(({ id }) => id)).to.not.include('id 0');
  });

  it('make Garden be asked again only after 10 seconds', () => {
    const missed = new MissedIds();
    expect(missed.missed('id', 0)).to.equal(true);
    expect(missed.missed('id', 1)).to.equal(false);
    missed.wasUnknown('id', 100);
    expect(missed.missed('id', 10_099)).to.equal(false);
    expect(missed.missed('id', 10_100)).to.equal(true);
    missed.found('id');
    expect(missed.all()).to.deep.equal([]);
  });

  it('are logged once an hour if they are misnamed, and 20 of them', () => {
    const misnamed = new MisnamedIds();
    const logged = Array.from({ length: 25 }, (_, n) => misnamed.misnamed(`id ${n}`));
    expect(logged.filter(Boolean)).to.have.length(20);
    expect(misnamed.misnamed('id 1')).to.equal(false);
    expect(misnamed.hourEnded()).to.equal(5);
    expect(misnamed.misnamed('id 1')).to.equal(true);
  });
});
