import { expect } from 'chai';
import fc from 'fast-check';
import { parseAgentEvents } from '../../src/parse/agent-events.ts';

const told = {
  at: '2026-03-02T10:09:09.000Z',
  message: 'rollcall.container.untracked',
  handle: 'a',
  reason: 'unowned',
  sentence: 'It runs.',
  data: { pids: 2 },
};

describe('the events of the agent', () => {
  it('are read as they were told; those of no container have neither handle nor reason', () => {
    const { handle: _, reason: __, ...started } = told;
    expect(parseAgentEvents(JSON.stringify([told, started]))).to.deep.equal({
      ok: true,
      events: [told, { ...told, handle: null, reason: null }],
    });
  });

  it('are refused, with the place that is wrong', () => {
    expect(parseAgentEvents('[')).to.deep.equal({ ok: false, why: 'it is no JSON' });
    const wrong = JSON.stringify([told, { ...told, sentence: 7 }]);
    expect(parseAgentEvents(wrong)).to.deep.include({
      ok: false,
      why: 'it has a wrong value at 1.sentence',
    });
    const deep = JSON.stringify([told]).replace(
      '{"pids":2}',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    );
    expect(parseAgentEvents(deep)).to.deep.include({
      ok: false,
      why: 'it has a wrong value at 0.data',
    });
    const many = JSON.stringify(Array.from({ length: 10_001 }, () => told));
    expect(parseAgentEvents(many).ok).to.equal(false);
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        expect(parseAgentEvents(json).ok).to.be.a('boolean');
      }),
    );
  });
});
