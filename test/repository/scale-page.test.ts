import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { NO_ACCOUNT } from '../../src/model/ledger.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { containers, report, state } from '../present/agent-state-builder.ts';
import { samplesOf } from '../present/metrics-samples.ts';

const PAGE = readFileSync(path.join(root, 'docs/contributing/scale.md'), 'utf8');
/** What Log Cache keeps of each source by default. */
const MAX_PER_SOURCE = 100_000;
const NEEDED_SECONDS = 180;

const NONE_LEFT = { overlay: 0, namespace: 0, address: 0, reservation: 0, policy: 0, depot: 0 };
const HEALTHY = samplesOf(
  metricsText(
    state({
      report: report(containers(250), { ledgers: { ...NO_ACCOUNT, leftovers: NONE_LEFT } }),
    }),
  ),
);
const BEATS = HEALTHY.filter(({ labels }) => labels['source_id'] === 'rollcall-heartbeat').length;

const kept = (cells: number, intervalSeconds: number): string => {
  const seconds = (MAX_PER_SOURCE * intervalSeconds) / (cells * BEATS);
  return seconds < 180 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
};

describe('docs/contributing/scale.md', () => {
  it('counts the series of a cell without findings', () => {
    expect(PAGE).to.contain(
      `A cell without findings has ${HEALTHY.length} series: ${BEATS} of the heartbeat ` +
        `(source_id \`rollcall-heartbeat\`) and ${HEALTHY.length - BEATS} others`,
    );
  });

  for (const [page, words] of [
    ['README.md', 'A cell has N metric series'],
    ['docs/interfaces.md', '`/metrics` has at most N series'],
  ] as const)
    it(`has the same number as ${page}`, () => {
      const text = readFileSync(path.join(root, page), 'utf8');
      expect(text).to.contain(words.replace('N', String(HEALTHY.length)));
    });

  it('says for how long Log Cache keeps the heartbeat, and when that is enough for the plugin', () => {
    const row = /^\| ([\d,]+) \| (.+) \| (.+) \| (.+) \| (.+) \| (\d+) s \| ([\d,]+) \|$/gm;
    const rows = [...PAGE.matchAll(row)].map((cells) => cells.slice(1));
    expect(rows).to.have.length(6);
    for (const [count = '', ...durations] of rows) {
      const [interval, max] = durations.splice(4);
      const cells = Number(count.replace(',', ''));
      expect(durations).to.deep.equal([15, 30, 60, 120].map((seconds) => kept(cells, seconds)));
      const needed = (NEEDED_SECONDS * cells * BEATS) / MAX_PER_SOURCE;
      expect(Number(interval)).to.equal([15, 30, 60, 120].find((seconds) => seconds >= needed));
      const atFifteen = Math.max(MAX_PER_SOURCE, (NEEDED_SECONDS / 15) * cells * BEATS);
      expect(max).to.equal(atFifteen.toLocaleString('en'));
    }
  });
});
