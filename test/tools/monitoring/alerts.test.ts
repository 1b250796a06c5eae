import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../../../tools/bootstrap/place.mjs';
import { alertFileOf } from '../../../tools/monitoring/alerts/alert-files.ts';
import { METRICS_ROUTES, type MetricsRoute } from '../../../tools/monitoring/metrics-routes.ts';
import { skip } from '../../skip.ts';
import { CELL_SCENARIOS } from './cell-scenarios.ts';
import { FINDING_SCENARIOS } from './finding-scenarios.ts';
import { PASS_SCENARIOS } from './pass-scenarios.ts';
import { failureOf, NO_PROMTOOL, promtool, promtoolTest, type Said } from './promtool.ts';
import { testFile, type Scenario } from './scenario.ts';

const SCENARIOS = [...FINDING_SCENARIOS, ...PASS_SCENARIOS, ...CELL_SCENARIOS];

const scenariosOf = (route: MetricsRoute): readonly Scenario[] =>
  SCENARIOS.filter(({ routes }) => routes?.includes(route.id) ?? true);

describe('the alerts', () => {
  let tests: ReadonlyMap<MetricsRoute, Promise<Said | null>>;
  before(() => {
    tests = new Map(
      METRICS_ROUTES.map((route) => [
        route,
        promtoolTest(testFile(scenariosOf(route), route, join(root, alertFileOf(route)))),
      ]),
    );
  });

  for (const route of METRICS_ROUTES) {
    describe(`for metrics ${route.title}`, () => {
      it('are rules that Prometheus accepts', function () {
        const { passes, says } = promtool(this, 'check', 'rules', join(root, alertFileOf(route)));
        expect(passes, says).to.equal(true);
        expect(says).to.match(/SUCCESS: \d+ rules found/);
      });

      for (const { title, fires = [] } of scenariosOf(route)) {
        const what = fires.length === 0 ? 'stay quiet' : 'fire, and nothing else does';
        it(`${what}: ${title}`, async function () {
          const said = await tests.get(route);
          if (said === undefined || said === null) skip(this, NO_PROMTOOL);
          expect(failureOf(title, said)).to.equal('');
        });
      }
    });
  }
});
