import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import * as v from 'valibot';
import { parse } from 'yaml';
import { TYPED_ON_CELL } from '../../../src/model/typed-as.ts';
import { REASON_TEXTS } from '../../../tools/reason-texts.ts';
import { RULE_GROUPS } from '../../../tools/monitoring/alerts/alert-files.ts';
import { CELL_ALERTS, PASS_ALERTS } from '../../../tools/monitoring/alerts/agent-alerts.ts';
import {
  FINDING_ALERTS,
  OTHER_FINDING_ALERTS,
} from '../../../tools/monitoring/alerts/untracked-alerts.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import {
  DIRECT,
  FIREHOSE,
  identityOf,
  METRICS_ROUTES,
} from '../../../tools/monitoring/metrics-routes.ts';

/** docs/decisions/alerts.md says why. */
const MAX_CHARACTERS = 300;
const MAX_OF_FINDING = 400;

const withoutNames = (template: string): string => template.replaceAll(/\{\{[^}]*\}\}/g, '');

describe('the expressions of alerts, and of what is recorded for them', () => {
  it('are short enough to be read', () => {
    for (const route of METRICS_ROUTES)
      for (const { recorded, alerts } of RULE_GROUPS)
        for (const expression of [
          ...Object.values(recorded),
          ...alerts.map((one) => one.expression),
        ])
          expect(expression(route)).to.have.length.at.most(MAX_CHARACTERS);
  });
});

describe('the texts of alerts', () => {
  it('are short enough for a pager', () => {
    for (const route of METRICS_ROUTES)
      for (const { description } of [...PASS_ALERTS, ...CELL_ALERTS])
        expect(withoutNames(description(route))).to.have.length.at.most(MAX_CHARACTERS);
  });

  it('about a finding are whole sentences of its reason, names of labels included', () => {
    for (const route of METRICS_ROUTES)
      for (const { name, severity, description } of FINDING_ALERTS)
        expect(description(route), `${name} ${severity}`)
          .to.have.length.at.most(MAX_OF_FINDING)
          .and.not.to.contain('$labels.reason');
  });

  it('name no command that is not on the PATH of a cell', () => {
    for (const route of METRICS_ROUTES)
      for (const { name, description } of RULE_GROUPS.flatMap(({ alerts }) => alerts))
        expect(description(route).replaceAll(TYPED_ON_CELL, ''), name).not.to.match(
          /rollcall (status|runbook|sensors|ledgers)/,
        );
  });

  it('speak in a drill of the drill only: the cell may have real findings', () => {
    const drill = OTHER_FINDING_ALERTS.find(({ name }) => name === 'RollcallDrill');
    for (const route of METRICS_ROUTES) {
      const texts = [drill?.summary(route), drill?.description(route)].join('\n');
      expect(texts)
        .to.match(/drill/i)
        .and.not.to.match(/nothing is|no container|untracked/);
    }
  });

  it('advise no restart of Garden', () => {
    for (const [reason, { meaning, alert }] of Object.entries(REASON_TEXTS)) {
      for (const text of [meaning, ...Object.values(alert)]) {
        expect(text, reason).not.to.match(/restart.{0,10} (Garden|gdn)/i);
      }
    }
  });
});

describe('the inhibition on the page of alerts', () => {
  const page = readFileSync(path.join(root, 'manifests/alerts/README.md'), 'utf8');
  const { inhibit_rules: rules } = v.parse(
    v.object({ inhibit_rules: v.array(v.object({ equal: v.array(v.string()) })) }),
    parse(/^ {4}route:\n(?: {4}.*\n)+/m.exec(page)?.[0] ?? ''),
  );

  it('never reaches from one cell to another', () => {
    for (const { equal } of rules) {
      expect(equal).to.include.members([...identityOf(DIRECT), ...identityOf(FIREHOSE)]);
    }
    expect(rules).not.to.be.empty;
  });
});
