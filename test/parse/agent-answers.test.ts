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
import { rowsOf } from '../rows.ts';
import { BOSH, NOW, STATES } from '../present/agent-state-builder.ts';
import { stateMadeOf } from '../present/state-made-of.ts';

function viewOf(name: keyof typeof STATES): ReportView {
  const { report } = STATES[name]?.() ?? { report: null };
  if (report === null) throw new Error('no report');
  return reportJson(report);
}
/** The keys of 0.1.0, whose agents may run beside this command. */
const FIRST = {
  report:
    'schemaVersion takenAt durationMilliseconds verdict why cell cgroups garden containers seen ignored stale staleOmitted summary',
  cell: 'hostname bootId scopes',
  summary: 'listed tracked pending untracked byReason',
  container:
    'handle kind status reason severity since explanation sentence advice drill app privileged throttled pids processes cgroups peas',
  process: 'pid parentPid uid startedAt command',
};
const only = (value: object, keys: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => keys.split(' ').includes(key)));
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

  it('may be of another version: a missing key has its default, an unknown one is dropped', () => {
    const view = viewOf('untracked');
    const { held: _held, leftovers: _leftovers, sensors: _sensors, ...early } = view;
    for (const [given, read] of [
      [early, { ...view, held: null, leftovers: null, sensors: [] }],
      [{ ...view, future: 1, garden: { ...view.garden, future: 1 } }, view],
    ]) {
      expect(parseReportJson(JSON.stringify(given))).to.deep.equal({ ok: true, value: read });
    }
  });

  it('is read from the first version, so that a new key says what a reader takes without it', () => {
    const view = viewOf('untracked');
    const first = {
      ...only(view, FIRST.report),
      cell: only(view.cell, FIRST.cell),
      summary: only(view.summary, FIRST.summary),
      containers: view.containers.map((container) => ({
        ...only(container, FIRST.container),
        processes: container.processes.map((process) => only(process, FIRST.process)),
      })),
    };
    const parsed = parseReportJson(JSON.stringify(first));
    expect(parsed.ok ? parsed.value.containers.length : parsed.why).to.equal(
      view.containers.length,
    );
  });

  it('has no cell identity if an earlier version or another form gives none', () => {
    const view = viewOf('untracked');
    for (const bosh of [undefined, 'diego_cell/0', { deployment: 'cf' }]) {
      const given = { ...view, cell: { ...view.cell, bosh } };
      expect(parseReportJson(JSON.stringify(given))).to.deep.equal({ ok: true, value: view });
    }
    const known = { ...view, cell: { ...view.cell, bosh: BOSH } };
    expect(parseReportJson(JSON.stringify(known))).to.deep.equal({ ok: true, value: known });
  });

  for (const [what, text, why] of [
    ['no JSON', '<html>', 'not valid JSON'],
    ['half of it', '{"schemaVersion": 1, "verd', 'not valid JSON'],
    ['another schema', '{"schemaVersion": 2}', 'schemaVersion 2, this rollcall reads 1'],
    ['another answer', '{"error": "x"}', 'invalid value at'],
    ['a time that is none', NO_TIME, 'invalid value at takenAt'],
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
  /** The body of a request, and its seconds. */
  const requests = `
 | 300
{} | 300
{"forSeconds": 1} | 1
{"forSeconds": 3600} | 3600
{"forSeconds": 0.5} | null
{"forSeconds": 3601} | null
{"forSeconds": null} | null
{"forSeconds": 5, "handle": "x"} | null
null | null
{ | null
`;
  for (const [body, seconds] of rowsOf(requests)) {
    it(`is asked for by "${body}": ${seconds}`, () => {
      expect(String(parseDrillRequest(`${body} \n`))).to.equal(seconds);
    });
  }

  it('is answered with its handle and end, by an earlier agent with no more', () => {
    const drill = { schemaVersion: 1, handle: 'd', until: NOW };
    const more = { exported: false, scrapes: 0, lastScraped: null };
    expect(parseDrillAnswer(JSON.stringify(drill))).to.deep.equal({ ...drill, ...more });
    const wrong = [{ ...drill, until: 't' }, { ...drill, handle: 1 }, {}, []];
    for (const text of [...wrong.map((one) => JSON.stringify(one)), '', '{'])
      expect(parseDrillAnswer(text)).to.equal(null);
  });
});
