import { expect } from 'chai';
import { REASONS } from '../../../src/model/finding.ts';
import { alertFiles } from '../../../tools/monitoring/alerts/alert-files.ts';
import { ALERT_GROUPS } from '../../../tools/monitoring/alerts/alert-list.ts';
import { DIRECT } from '../../../tools/monitoring/routes.ts';
import { anchors, runbook, section } from './runbook.ts';

const ALERTS = ALERT_GROUPS.flatMap(({ alerts }) => alerts);

/** An anchor that depends on the finding is a template: every value that it can take. */
const anchorsOf = (anchor: string): readonly string[] =>
  anchor.includes('{{') ? ['drill', ...REASONS] : [anchor];

const EXPLAINED = [...new Set(ALERTS.flatMap(({ anchor }) => anchorsOf(anchor)))];

describe('the runbook', () => {
  for (const anchor of EXPLAINED) {
    it(`says what ${anchor} means, how to confirm it, and what to do`, () => {
      const text = section(anchor);
      expect(text).not.to.equal('');
      expect(text).to.match(/^\*Confirm by hand:\*\n\n( {4}.+\n){2,}/m);
      expect(text).to.match(/^\*Do:\*/m);
      // A drill is nothing that could be true or false, or done wrong.
      if (anchor === 'drill') return;
      for (const part of ['How sure:', 'Do not:', 'Harmless when:']) {
        expect(text, part).to.contain(`*${part}*`);
      }
    });
  }

  it('is where the annotations of every alert lead, in all files', () => {
    const there = new Set(anchors());
    for (const text of alertFiles('https://runbooks.example/rollcall').values()) {
      const links = [...text.matchAll(/runbook(?:_url)?: '?(.+?)'?$/gm)].map(([, link]) => link);
      expect(links).to.have.length(2 * ALERTS.length);
      for (const link of links) {
        const [page, anchor = ''] = link?.split(/#(.*)/s) ?? [];
        expect(page).to.be.oneOf(['docs/runbook.md', 'https://runbooks.example/rollcall']);
        for (const one of anchorsOf(anchor)) expect(there.has(one), one).to.equal(true);
      }
    }
  });

  it('leads nowhere that is not there', () => {
    const there = new Set(anchors());
    for (const [, anchor = ''] of runbook().matchAll(/\]\(#([^)]+)\)/g)) {
      expect(there.has(anchor), anchor).to.equal(true);
    }
  });

  it('names in its silences every alert, and only labels that its alerts have', () => {
    const silences = [...runbook().matchAll(/^ {4}amtool silence add (.+)$/gm)].map(
      ([, rest = '']) => rest,
    );
    const silenced = silences.flatMap((line) => /alertname=(\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(silenced)).to.deep.equal(new Set(ALERTS.map(({ name }) => name)));
    const labels = [...DIRECT.identity, 'handle', 'reason', 'drill', 'alertname'];
    for (const line of silences) {
      const matchers = line.split(' --')[0]?.replaceAll("'", '').split(' ') ?? [];
      for (const matcher of matchers) expect(labels).to.include(matcher.split(/=~?/)[0]);
      expect(line).to.match(/ --duration=\d+h --author=NAME --comment='.+'$/);
    }
  });

  it('warns that deleting an unowned container kills a live app', () => {
    expect(section('unowned')).to.contain('delete the container through Garden');
    expect(section('unowned')).to.contain('kills a live app');
  });
});
