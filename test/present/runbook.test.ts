import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { WARNING_REASONS } from '../../src/model/cell-warning.ts';
import { REASONS } from '../../src/model/finding.ts';
import { colors } from '../../src/present/color.ts';
import { runbookSections, runbookText, sectionNamed } from '../../src/present/runbook.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = runbookSections(RUNBOOK);

describe('the runbook on a terminal', () => {
  it('has a section for every reason, whatever the case', () => {
    for (const reason of REASONS) {
      expect(sectionNamed(reason.toUpperCase(), sections)?.text, reason).to.contain('*Do:*');
    }
    expect(sectionNamed('nothing', sections)).to.equal(null);
  });

  it('has a section for every warning about a cell', () => {
    for (const reason of WARNING_REASONS) {
      expect(sectionNamed(reason, sections)?.text, reason).to.contain('*Do:*');
    }
  });

  it('keeps every command in one line, whatever the width', () => {
    const commands = RUNBOOK.split('\n').filter((line) => line.startsWith('    '));
    const lines = runbookText(RUNBOOK, colors(false), 40).split('\n');
    for (const command of commands) expect(lines).to.include(command);
  });

  it('fills paragraphs to the width and shows no markup', () => {
    const text = runbookText('## a\n\n*Do:* one **two** `three\nfour`\n', colors(false), 18);
    expect(text).to.equal('a\n\nDo: one two\nthree four\n');
  });

  it('fills the items of a list, and indents what follows their first line', () => {
    const text = runbookText('- one two\n  three\n- four\n', colors(false), 9);
    expect(text).to.equal('- one two\n  three\n- four\n');
    expect(runbookText('- one two\n  three\n', colors(false), 40)).to.equal('- one two three\n');
  });

  it('keeps the steps of a numbered list apart', () => {
    const text = runbookText('1. one two\n   three\n2. four\n', colors(false), 10);
    expect(text).to.equal('1. one two\n   three\n2. four\n');
  });
});
