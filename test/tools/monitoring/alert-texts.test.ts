import { expect } from 'chai';
import { SEVERITIES } from '../../../src/model/finding.ts';
import { REASON_TEXTS } from '../../../src/present/reason-texts.ts';
import { RULE_GROUPS } from '../../../tools/monitoring/alerts/alert-files.ts';
import { CELL_ALERTS, PASS_ALERTS } from '../../../tools/monitoring/alerts/agent-alerts.ts';
import { UNTRACKED_ALERTS } from '../../../tools/monitoring/alerts/untracked-alerts.ts';
import { METRICS_ROUTES } from '../../../tools/monitoring/metrics-routes.ts';

/** docs/decisions/alerts.md says why. */
const MAX_CHARACTERS = 300;

const withoutNames = (template: string): string => template.replaceAll(/\{\{[^}]*\}\}/g, '');

describe('the expressions of alerts, and of what is recorded for them', () => {
  it('are short enough to be read', () => {
    for (const route of METRICS_ROUTES) {
      for (const { recorded, alerts } of RULE_GROUPS) {
        const named = alerts.map(({ name, expression }) => [name, expression] as const);
        for (const [name, expression] of [...Object.entries(recorded), ...named]) {
          expect(expression(route).length, name).to.be.at.most(MAX_CHARACTERS);
        }
      }
    }
  });
});

describe('the texts of alerts', () => {
  const alertsOfCells = [...PASS_ALERTS, ...CELL_ALERTS];
  const alertsWithReason = UNTRACKED_ALERTS.filter(({ anchor }) => anchor.includes('reason'));

  it('are short enough for a pager', () => {
    for (const route of METRICS_ROUTES) {
      for (const { name, description } of alertsOfCells) {
        expect(withoutNames(description(route)).length, name).to.be.at.most(MAX_CHARACTERS);
      }
    }
  });

  it('are short enough for a pager with the text of any reason', () => {
    expect(alertsWithReason).to.have.length(SEVERITIES.length);
    for (const route of METRICS_ROUTES) {
      for (const { severity, description } of alertsWithReason) {
        const after = withoutNames(description(route).split('{{ end }} Run')[1] ?? '');
        for (const [reason, { alert }] of Object.entries(REASON_TEXTS)) {
          const { length } = `${alert[severity]} Run${after}`;
          expect(length, `${reason} ${severity}`).to.be.at.most(MAX_CHARACTERS);
        }
      }
    }
  });

  it('speak in a drill of the drill only: the cell may have real findings', () => {
    const drill = UNTRACKED_ALERTS.find(({ name }) => name === 'RollcallDrill');
    for (const route of METRICS_ROUTES) {
      const texts = [drill?.summary(route), drill?.description(route)].join('\n');
      expect(texts)
        .to.match(/drill/i)
        .and.not.to.match(/nothing is|no container|untracked/);
    }
  });

  it('advise no restart of Garden', () => {
    for (const [reason, { meaning, alert, advice }] of Object.entries(REASON_TEXTS)) {
      const parts = { handle: 'h', whose: '', byExplain: '', remove: 'delete it' };
      const advised = SEVERITIES.map((severity) => advice(severity, null)(parts));
      for (const text of [meaning, ...Object.values(alert), ...advised]) {
        expect(text, reason).not.to.match(/restart.{0,10} (Garden|gdn)/i);
      }
    }
  });
});
