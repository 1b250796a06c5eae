import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../../../src/tooling/bootstrap/place.mjs';
import { alertFileOf } from '../../../src/tooling/operators/alerts/alert-files.ts';
import { ROUTES } from '../../../src/tooling/operators/routes.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { CELL_SCENARIOS } from './cell-scenarios.ts';
import { FINDING_SCENARIOS } from './finding-scenarios.ts';
import { LOOK_SCENARIOS } from './look-scenarios.ts';
import { promtool } from './promtool.ts';
import { testFile } from './scenario.ts';

const SCENARIOS = [...FINDING_SCENARIOS, ...LOOK_SCENARIOS, ...CELL_SCENARIOS];

for (const route of ROUTES) {
  describe(`the alerts for metrics ${route.title}`, () => {
    it('are rules that Prometheus takes', function () {
      const { passes, says } = promtool(this, 'check', 'rules', join(root, alertFileOf(route)));
      expect(passes, says).to.equal(true);
      expect(says).to.match(/SUCCESS: \d+ rules found/);
    });

    for (const scenario of SCENARIOS) {
      if (scenario.routes !== undefined && !scenario.routes.includes(route.id)) continue;
      const what = scenario.fires.length === 0 ? 'stay quiet' : 'fire, and nothing else does';
      it(`${what}: ${scenario.title}`, function () {
        return inTemporaryFolder((folder) => {
          const file = join(folder, 'scenario.json');
          writeFileSync(file, testFile(scenario, route, root));
          const { passes, says } = promtool(this, 'test', 'rules', file);
          expect(passes, says.slice(0, 6000)).to.equal(true);
        });
      });
    }
  });
}
