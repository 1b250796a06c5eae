import { expect } from 'chai';
import type { AskedId, NamesSocket } from '../../src/model/names-socket.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { namesSocketBlocks, namesSocketShown } from '../../src/present/names-socket.ts';

const at = (time: string): string => `2026-12-01T${time}.000Z`;

/** A socket that is open since noon, where a client listens for events. */
const socket = (change: Partial<NamesSocket> = {}): NamesSocket => ({
  path: '/cri/cri.sock',
  listeningSince: at('12:00:00'),
  eventStreams: 1,
  asked: [],
  ...change,
});

const asked = (id: string, change: Partial<AskedId> = {}): AskedId => ({
  id,
  first: at('12:30:00'),
  last: at('12:45:00'),
  answer: 'named',
  ...change,
});

/** What is shown at one o'clock. */
const shown = (of: NamesSocket, falcoSince: string | null) =>
  namesSocketShown(of, { falcoSince, now: at('13:00:00') });

const textOf = (of: NamesSocket, falcoSince: string | null = null): string =>
  documentText([namesSocketBlocks(shown(of, falcoSince))], { colors: colors(false), columns: 400 });

describe("what rollcall sensors says of the names' socket", () => {
  it('is since when it is open, and what was asked for', () => {
    expect(textOf(socket())).to.equal(
      "Names' socket: open since 2026-12-01T12:00:00Z; no id asked for since the agent started.\n",
    );
    expect(textOf(socket({ asked: [asked('a'), asked('b', { answer: 'not-found' })] }))).to.equal(
      "Names' socket: open since 2026-12-01T12:00:00Z; 2 ids asked for, the last at 2026-12-01T12:45:00Z.\n",
    );
    const thousand = Array.from({ length: 1000 }, (_, id) => asked(String(id)));
    expect(textOf(socket({ asked: thousand }))).to.contain('; 1000 or more ids asked for, ');
  });

  it('is that it is not open', () => {
    expect(textOf(socket({ listeningSince: null }))).to.contain(
      "Names' socket: not open, and the agent's log says why (rollcall.cri.unavailable); ",
    );
  });

  it('names the ids that stand for no single container, escaped, the latest first', () => {
    const one = [asked('a'), asked('garden.servi', { answer: 'unnameable' })];
    expect(textOf(socket({ asked: one }))).to.contain(
      '1 id asked for stands for no single container, so a sensor misnames its processes: ' +
        'garden.servi.',
    );
    const many = Array.from({ length: 7 }, (_, id) =>
      asked(`\u001B${id}`, { answer: 'ambiguous' }),
    );
    const ids = ['6', '5', '4', '3', '2'].map((id) => String.raw`\u{1b}${id}`);
    expect(textOf(socket({ asked: many }))).to.contain(
      `7 ids asked for stand for no single container, so a sensor misnames their processes: ${ids.join(', ')}, and 2 more.`,
    );
  });

  it('bounds an id that is longer than the agent takes', () => {
    const long = asked('x'.repeat(5000), { answer: 'ambiguous' });
    expect(textOf(socket({ asked: [long] })).length).to.be.below(400);
  });

  it('warns of a Falco 0.41 only where a Falco runs', () => {
    const warning = 'Falco 0.41 crashes or loops when the agent restarts';
    expect(textOf(socket(), at('12:10:00')))
      .to.contain(warning)
      .and.not.contain('restart it');
    expect(textOf(socket())).not.to.contain(warning);
  });

  it('has Falco restarted if it started before the socket was open', () => {
    const text = textOf(socket(), at('11:00:00'));
    expect(text).to.contain(
      'This Falco has no names, or misses those of new containers: restart it.',
    );
    expect(shown(socket(), at('11:00:00')).falco).to.equal('restart');
  });

  it('has Falco restarted if no stream of events is open', () => {
    const silent = socket({ eventStreams: 0 });
    expect(shown(silent, at('12:10:00')).falco).to.equal('restart');
  });

  it('takes no start script that waited for the socket for a Falco that has missed it', () => {
    expect(shown(socket(), at('11:59:00')).falco).to.equal('connected');
  });

  it('gives a Falco that has just started the time to open its stream', () => {
    expect(shown(socket({ eventStreams: 0 }), at('12:59:45')).falco).to.equal('starting');
  });

  it('asks for no restart that cannot help, while the socket is not open', () => {
    const closed = socket({ listeningSince: null, eventStreams: 0 });
    expect(shown(closed, at('12:10:00')).falco).to.equal('unknown');
    expect(textOf(closed, at('12:10:00'))).not.to.contain('restart it');
  });
});
