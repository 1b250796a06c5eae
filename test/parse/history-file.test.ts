import { expect } from 'chai';
import { historyLine, parseHistory, parseHistoryAnswer } from '../../src/parse/history-file.ts';
import { hour, HISTORY } from '../present/agent-state-builder.ts';

describe('a line of the history file', () => {
  it('comes back as it was, in at most 300 bytes', () => {
    const most = hour({ passes: 36_000, compared: 36_000, containers: 50_000, findings: 50_000 });
    expect(historyLine(most).length).to.be.at.most(300);
    expect(parseHistory(historyLine(most))).to.deep.equal({ hours: [most], damaged: 0 });
  });

  it('may have unknown keys', () => {
    const line = historyLine(hour()).replace('}', ',"later":[1]}');
    expect(parseHistory(line)).to.deep.equal({ hours: [hour()], damaged: 0 });
  });

  it('is looked for among the last ones only', () => {
    const damaged = 'x\n'.repeat(1000);
    const both = (more: number) => parseHistory(historyLine(hour()) + damaged + 'x\n'.repeat(more));
    expect(both(487)).to.deep.equal({ hours: [hour()], damaged: 1487 });
    expect(both(488)).to.deep.equal({ hours: [], damaged: 1488 });
  });

  for (const change of [
    { passes: -1 },
    { to: 'now' },
    { to: '2027-02-31T24:61:00Z' },
    { findings: 0.5 },
    { bootId: 'x'.repeat(65) },
  ])
    it(`is damaged with ${JSON.stringify(change).slice(0, 30)}`, () => {
      expect(parseHistory(historyLine(hour(change)))).to.deep.equal({ hours: [], damaged: 1 });
    });
});

describe("the agent's history as JSON", () => {
  it('comes back as it was', () => {
    const parsed = parseHistoryAnswer(JSON.stringify(HISTORY));
    expect(parsed).to.deep.equal({ ok: true, value: HISTORY });
  });

  for (const text of ['', '[]', '{"error": "x"}', JSON.stringify({ ...HISTORY, hours: [{}] })])
    it(`says why it cannot be read: ${text.slice(0, 20)}`, () => {
      expect(parseHistoryAnswer(text)).to.have.property('why').that.contains('invalid value at');
    });
});
