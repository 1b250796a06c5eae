import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import {
  parseReportJson,
  parseAgentEvents,
  parseDrillAnswer,
  parseDrillRequest,
} from '../../src/parse/agent-answers.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { BOSH, NOW, STATES } from '../present/agent-state-builder.ts';
import { stateMadeOf } from '../present/state-made-of.ts';

function viewOf(name: keyof typeof STATES): ReportView {
  const { report } = STATES[name]?.() ?? { report: null };
  if (report === null) throw new Error('no report');
  return reportJson(report);
}
const NO_VERDICT = JSON.stringify({ ...viewOf('untracked'), verdict: undefined });
const NO_TIME = JSON.stringify({ ...viewOf('untracked'), takenAt: 'now' });

describe("the agent's report as JSON", () => {
  for (const [what, make] of Object.entries(STATES)) {
    const { report } = make();
    if (report === null) continue;
    it(`comes back as it was: ${what}`, () => {
      const view = reportJson(report);
      expect(parseReportJson(jsonText(view))).to.deep.equal({ ok: true, value: view });
    });
  }

  it('comes back as it was, whatever its texts are', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const { report } = stateMadeOf(text.toWellFormed(), NOW);
        if (report === null) return;
        const view = reportJson(report);
        const parsed = parseReportJson(jsonText(view));
        expect(parsed.ok && jsonText(parsed.value)).to.equal(jsonText(view));
      }),
      { numRuns: 50, examples: [['__proto__'], ['constructor']] },
    );
  });

  it('may have keys of a later version, which are dropped', () => {
    const view = viewOf('untracked');
    const later = { ...view, ofLater: 1, garden: { ...view.garden, ofLater: 1 } };
    expect(parseReportJson(JSON.stringify(later))).to.deep.equal({ ok: true, value: view });
  });

  it('says which BOSH instance the cell is, if it knows', () => {
    const view = viewOf('untracked');
    for (const bosh of [null, BOSH]) {
      const known = { ...view, cell: { ...view.cell, bosh } };
      expect(parseReportJson(JSON.stringify(known))).to.deep.equal({ ok: true, value: known });
    }
  });

  for (const [what, text, why] of [
    ['no JSON', '<html>', 'not valid JSON'],
    ['half of it', '{"schemaVersion": 1, "verd', 'not valid JSON'],
    ['another schema', '{"schemaVersion": 2}', 'schemaVersion 2, this rollcall reads 1'],
    ['another answer', '{"error": "x"}', 'invalid value at'],
    ['a time that is none', NO_TIME, 'invalid value at takenAt'],
    ['no verdict', NO_VERDICT, 'invalid value at verdict'],
    ['nothing', 'null', 'invalid value at its top'],
  ] as const) {
    it(`says why it cannot be read: ${what}`, () => {
      expect(parseReportJson(text)).to.have.property('why').that.contains(why);
    });
  }
});

const reported = {
  at: '2026-03-02T10:09:09.000Z',
  message: 'rollcall.container.untracked',
  handle: 'a',
  reason: 'unowned',
  sentence: 'It runs.',
  data: { pids: 2 },
};

describe('the events of the agent', () => {
  it('are read as they were sent; those without a container have neither handle nor reason', () => {
    const { handle: _, reason: __, ...started } = reported;
    expect(parseAgentEvents(JSON.stringify([reported, started]))).to.deep.equal({
      ok: true,
      value: [reported, { ...reported, handle: null, reason: null }],
    });
  });

  it('are refused, with the position of the error', () => {
    expect(parseAgentEvents('[')).to.deep.equal({ ok: false, why: 'it is not valid JSON' });
    const wrong = JSON.stringify([reported, { ...reported, sentence: 7 }]);
    expect(parseAgentEvents(wrong)).to.include({ ok: false, why: 'invalid value at 1.sentence' });
    const lists = '['.repeat(30_000) + ']'.repeat(30_000);
    const deep = JSON.stringify([reported]).replace('{"pids":2}', lists);
    expect(parseAgentEvents(deep)).to.include({ ok: false, why: 'invalid value at 0.data' });
    const many = JSON.stringify(Array.from({ length: 10_001 }, () => reported));
    expect(parseAgentEvents(many).ok).to.equal(false);
  });
});

describe('a drill over the status socket', () => {
  const requests = [
    { body: '', seconds: 300 },
    { body: '{}', seconds: 300 },
    { body: '{"forSeconds": 1}', seconds: 1 },
    { body: '{"forSeconds": 3600}', seconds: 3600 },
    { body: '{"forSeconds": 0.5}', seconds: null },
    { body: '{"forSeconds": 3601}', seconds: null },
    { body: '{"forSeconds": null}', seconds: null },
    { body: '{"forSeconds": 5, "handle": "x"}', seconds: null },
    { body: 'null', seconds: null },
    { body: '{', seconds: null },
  ];
  for (const { body, seconds } of requests) {
    it(`${seconds === null ? 'is not' : `of ${seconds} s is`} asked for by "${body}"`, () => {
      expect(parseDrillRequest(`${body} \n`)).to.equal(seconds);
    });
  }

  it('is answered with its handle, its end, and how often it was read', () => {
    const read = { exported: true, scrapes: 2, lastScraped: NOW };
    const drill = { schemaVersion: 1, handle: 'd', until: NOW, ...read };
    expect(parseDrillAnswer(JSON.stringify(drill))).to.deep.equal(drill);
    const wrong = [{ ...drill, until: 't' }, { ...drill, handle: 1 }, {}, []];
    for (const text of [...wrong.map((one) => JSON.stringify(one)), '', '{'])
      expect(parseDrillAnswer(text)).to.equal(null);
  });
});
