import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REASONS } from '../../../src/model/finding.ts';
import { runbookSections, sectionNamed } from '../../../src/present/runbook.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { alertFiles, RULE_GROUPS, RUNBOOK } from '../../../tools/monitoring/alerts/alert-files.ts';
import { DIRECT, identityOf } from '../../../tools/monitoring/metrics-routes.ts';
import { anchorsOf } from '../../repository/page-links.ts';

const ALERTS = RULE_GROUPS.flatMap(({ alerts }) => alerts);

const EXPLAINED = [...new Set(ALERTS.map(({ anchor }) => anchor))];

describe('the runbook', () => {
  for (const anchor of EXPLAINED) {
    it(`says what ${anchor} means, how to confirm it, and what to do`, () => {
      const text = section(anchor);
      expect(text).not.to.equal('');
      expect(text).to.match(/^\*Confirm by hand:\*\n\n( {4}.+\n){2,}/m);
      expect(text).to.match(/^\*Do:\*/m);
      // A drill is neither true nor false, and nothing about it can be done wrong.
      if (anchor === 'drill') return;
      for (const part of ['Do not:', 'Harmless when:']) {
        expect(text, part).to.contain(`*${part}*`);
      }
    });
  }

  it('is where the annotations of every alert lead, once it has an address', () => {
    const there = new Set([...anchorsOf(runbook()), '{{ $labels.reason }}']);
    const url = 'https://runbooks.example/rollcall';
    for (const text of alertFiles(url).values()) {
      const links = [...text.matchAll(/runbook_url: '?(.+?)'?$/gm)].map(([, link]) => link);
      expect(links).to.have.length([...text.matchAll(/ alert: /g)].length);
      for (const link of links) {
        const [page, anchor = ''] = link?.split(/#(.*)/s) ?? [];
        expect(page).to.equal(url);
        expect(there.has(anchor), anchor).to.equal(true);
      }
    }
    for (const text of alertFiles(null).values()) expect(text).not.to.contain('runbook_url');
  });

  it('has on the cell, under the name of an alert, the section that the alert points to', () => {
    const sections = runbookSections(runbook());
    for (const { name, anchor } of ALERTS) {
      expect(sectionNamed(name, sections)?.title.toLowerCase(), name).to.equal(anchor);
    }
  });

  it('leads from its index to every reason', () => {
    const [index = ''] = runbook().split(/^## /m);
    for (const reason of REASONS) {
      expect(index).to.contain(`[${reason}](#${reason})`);
    }
  });

  it('names in its silences only alerts that exist, and labels that they have', () => {
    const silences = [...runbook().matchAll(/^ {4}amtool silence add (.+)$/gm)].map(
      ([, rest = '']) => rest,
    );
    const silenced = silences.flatMap((line) => /alertname=(\w+)/.exec(line)?.[1] ?? []);
    expect(silenced).not.to.have.length(0);
    expect(ALERTS.map(({ name }) => name)).to.include.members(silenced);
    const labels = [...identityOf(DIRECT), 'severity', 'drill', 'alertname'];
    for (const line of silences) {
      const matchers = line.split(' --')[0]?.replaceAll("'", '').split(' ') ?? [];
      for (const matcher of matchers) expect(labels).to.include(matcher.split(/=~?/)[0]);
      expect(line).to.match(/ --duration=\d+h --author=NAME --comment='.+'$/);
    }
  });

  it('asks who owns a container before it says what ends it', () => {
    // Nobody need have done anything where a destroy fails or gdn throttles.
    const byNobody = new Set(['no-cgroup', 'stuck', 'limit-lost']);
    for (const reason of REASONS.filter((one) => !byNobody.has(one))) {
      expect(section(reason), reason).to.contain('(#not-recognised)');
    }
    for (const reason of ['unknown-to-garden', 'unowned']) {
      expect(paragraph(reason, 'Do')).to.match(
        /Find out whose container it is\..*Save the evidence, then isolate the cell\..*(Recreate the cell|Delete the container)/s,
      );
    }
    expect(section('recognised')).to.contain('-X DELETE http://garden/containers/HANDLE');
  });

  it('never advises to restart Garden, which beside a rep crashes every app of the cell', () => {
    for (const anchor of EXPLAINED) {
      expect(paragraph(anchor, 'Do'), anchor).not.to.match(/restart.{0,10} (Garden|gdn)/);
    }
    for (const anchor of ['unknown-to-garden', 'unowned', 'no-cgroup', 'stuck']) {
      expect(paragraph(anchor, 'Do not'), anchor).to.contain(
        '[Restart Garden](#never-restart-garden)',
      );
    }
    expect(section('never-restart-garden')).to.contain('every app of the cell crashed');
    const documents = [
      RUNBOOK,
      'README.md',
      'docs/situations.md',
      'manifests/dashboards/README.md',
    ];
    for (const document of documents) {
      const text = readFileSync(path.join(root, document), 'utf8');
      expect(text, document).not.to.match(/monit (re)?(start|stop) garden/);
    }
  });
});

const runbook = (): string => readFileSync(path.join(root, RUNBOOK), 'utf8');

/** What stands below one heading, up to the next one of its level. */
const section = (anchor: string): string =>
  runbook()
    .split(/^(?=## )/m)
    .find((text) => [...anchorsOf(text)][0] === anchor) ?? '';

/** What follows `*Do:*` or another mark, up to the next one. */
const paragraph = (anchor: string, mark: string): string =>
  (section(anchor).split(`*${mark}:*`)[1] ?? '').split(/^\*[A-Z]/m)[0] ?? '';
