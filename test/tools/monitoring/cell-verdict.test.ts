import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERDICTS, verdictOfAll } from '../../../tools/monitoring/dashboards/cell-verdict.ts';
import { ofFoundation } from '../../../tools/monitoring/dashboards/selectors.ts';
import { ROUTES } from '../../../tools/monitoring/routes.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { AWAY, finding, GONE, heard, type Cell } from './cell-story.ts';
import { promtool } from './promtool.ts';
import { inputSeries } from './route-series.ts';

const MINUTE = 60;
const ALL_TRACKED = 0;
const UNTRACKED = 1;
const COULD_NOT_TELL = 2;
const BOTH = 3;

const cellThat = (number: number, at: Cell['at'], ip = `10.0.1.${number}`): Cell => ({
  index: `c${number}`,
  ip,
  at,
});
const well = cellThat(2, (t) => heard(t));
const until20 =
  (then: Cell['at']): Cell['at'] =>
  (t) =>
    t < 20 * MINUTE ? heard(t) : then(t);
const LOST = finding('h-lost', 540);

const CASES: readonly (readonly [what: string, cells: readonly Cell[], verdict: number])[] = [
  ['all is well', [well, cellThat(1, (t) => heard(t))], ALL_TRACKED],
  [
    'a container is untracked',
    [well, cellThat(1, (t) => heard(t, { containers: [LOST] }))],
    UNTRACKED,
  ],
  [
    'a cell does not report any more',
    [
      well,
      cellThat(
        1,
        until20(() => AWAY),
      ),
    ],
    COULD_NOT_TELL,
  ],
  [
    'a cell does not report, and another one has a finding',
    [
      cellThat(2, (t) => heard(t, { containers: [LOST] })),
      cellThat(
        1,
        until20(() => GONE),
      ),
    ],
    BOTH,
  ],
  [
    'a cell has come back under another address',
    [
      well,
      cellThat(
        1,
        until20(() => GONE),
      ),
      cellThat(1, (t) => (t < 24 * MINUTE ? GONE : heard(t)), '10.0.9.9'),
    ],
    ALL_TRACKED,
  ],
];

for (const route of ROUTES) {
  describe(`the verdict on the dashboard for metrics ${route.title}`, () => {
    for (const [what, cells, verdict] of CASES)
      it(`is "${VERDICTS[verdict]?.text}" when ${what}`, function () {
        return inTemporaryFolder((folder) => {
          const times = Array.from({ length: 101 }, (_, at) => at * 30);
          const expr = verdictOfAll(ofFoundation(route)).replaceAll(/\$\w+/g, '.*');
          const file = join(folder, 'verdict.json');
          writeFileSync(
            file,
            JSON.stringify({
              tests: [
                {
                  interval: '30s',
                  input_series: inputSeries(route, cells, times),
                  promql_expr_test: [
                    { expr, eval_time: '50m', exp_samples: [{ labels: '{}', value: verdict }] },
                  ],
                },
              ],
            }),
          );
          const { passes, says } = promtool(this, 'test', 'rules', file);
          expect(passes, says.slice(0, 3000)).to.equal(true);
        });
      });
  });
}
