import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../../../tools/bootstrap/place.mjs';
import { alertFileOf } from '../../../tools/monitoring/alerts/alert-files.ts';
import { METRICS_ROUTES } from '../../../tools/monitoring/metrics-routes.ts';
import { skip } from '../../skip.ts';
import { CELL_SCENARIOS } from './cell-scenarios.ts';
import { DIEGO_SCENARIOS } from './diego-scenarios.ts';
import { FINDING_SCENARIOS } from './finding-scenarios.ts';
import { PASS_SCENARIOS } from './pass-scenarios.ts';
import { promtool, promtoolTests, type Said } from './promtool.ts';
import { testFile } from './scenario.ts';

const SCENARIOS = [...FINDING_SCENARIOS, ...DIEGO_SCENARIOS, ...PASS_SCENARIOS, ...CELL_SCENARIOS];

for (const route of METRICS_ROUTES) {
  describe(`the alerts for metrics ${route.title}`, () => {
    it('are rules that Prometheus accepts', function () {
      const { passes, says } = promtool(this, 'check', 'rules', join(root, alertFileOf(route)));
      expect(passes, says).to.equal(true);
      expect(says).to.match(/SUCCESS: \d+ rules found/);
    });

    const scenarios = SCENARIOS.filter(({ routes }) => routes?.includes(route.id) ?? true);
    let tests: readonly Promise<Said | null>[] = [];
    before(() => {
      tests = promtoolTests(scenarios.map((scenario) => () => testFile(scenario, route, root)));
    });

    for (const [index, { title, fires = [] }] of scenarios.entries()) {
      const what = fires.length === 0 ? 'stay quiet' : 'fire, and nothing else does';
      it(`${what}: ${title}`, async function () {
        const said = await tests[index];
        if (said === undefined || said === null) skip(this, 'no promtool (Debian: prometheus)');
        expect(said.passes, said.says.slice(0, 6000)).to.equal(true);
      });
    }
  });
}
