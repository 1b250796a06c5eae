import { expect } from 'chai';
import fc from 'fast-check';
import { parseReportJson } from '../../src/parse/report-json.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { stateMadeOf } from '../present/state-made-of.ts';

describe("the agent's report as JSON", () => {
  for (const [what, make] of Object.entries(STATES)) {
    const { report } = make();
    if (report === null) continue;
    it(`comes back as it was: ${what}`, () => {
      const view = reportJson(report);
      expect(parseReportJson(jsonText(view))).to.deep.equal({ ok: true, view });
    });
  }

  it('comes back as it was, whatever its texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { report } = stateMadeOf(text.toWellFormed());
        if (report === null) return;
        const view = reportJson(report);
        const parsed = parseReportJson(jsonText(view));
        expect(parsed.ok && jsonText(parsed.view)).to.equal(jsonText(view));
      }),
      { numRuns: 50, examples: [['__proto__'], ['constructor']] },
    );
  });

  it('may hold more than we know', () => {
    const { report } = STATES['untracked']?.() ?? { report: null };
    if (report === null) throw new Error('no report');
    const view = reportJson(report);
    const more = { ...view, future: 1, garden: { ...view.garden, future: 1 } };
    expect(parseReportJson(JSON.stringify(more))).to.deep.equal({ ok: true, view });
  });

  for (const [what, text, why] of [
    ['no JSON', '<html>', 'no whole JSON'],
    ['half of it', '{"schemaVersion": 1, "verd', 'no whole JSON'],
    ['another schema', '{"schemaVersion": 2}', 'schemaVersion 2, this rollcall reads 1'],
    ['another answer', '{"error": "x"}', 'wrong value at'],
    ['nothing', 'null', 'wrong value at its top'],
  ] as const) {
    it(`says why it cannot be read: ${what}`, () => {
      expect(parseReportJson(text)).to.have.property('why').that.contains(why);
    });
  }
});
