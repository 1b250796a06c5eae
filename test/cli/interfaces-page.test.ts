import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { OPTIONS } from '../../src/cf-plugin/cf/options.ts';
import { MESSAGES } from '../../src/model/agent-state.ts';
import { REASONS } from '../../src/model/finding.ts';
import { RULES } from '../../src/model/hierarchy.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { METRICS } from '../../src/present/metrics.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { RECORDED } from '../../tools/demo-cell/scenes.ts';
import { skip } from '../skip.ts';
import { rollcall, typed } from './rollcall.ts';

const page = readFileSync(join(root, 'docs/interfaces.md'), 'utf8');

const namedOnPage = (pattern: RegExp): ReadonlySet<string> =>
  new Set(Array.from(page.matchAll(pattern), ([, name = '']) => name));

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();

// The page is what people rely on. A name that only one of the two has is a promise that nothing
// keeps, or a change that no note announces.
describe('docs/interfaces.md', () => {
  it('names only metrics that exist', () => {
    const names: readonly string[] = METRICS.map(({ name }) => name);
    for (const name of namedOnPage(/`(rollcall_[a-z_]+)/g)) expect(names).to.include(name);
  });

  it('names every message of the log, and no other', () => {
    const messages = namedOnPage(/`(rollcall\.[a-z][a-z.-]+)`/g);
    expect(sorted(messages)).to.deep.equal(sorted(MESSAGES));
  });

  it('names every reason, and no other', () => {
    const table = page.slice(page.indexOf('| reason |'), page.indexOf('A difference has lasted'));
    const rows = Array.from(table.matchAll(/^\| `([a-z-]+)` \|/gm), ([, reason = '']) => reason);
    expect(rows).to.deep.equal(REASONS);
  });

  it('names every command, and no other', async () => {
    const { stdout } = await rollcall(['--help']);
    const ofProgram = Array.from(stdout.matchAll(/^ {2}rollcall (\w+)/gm), ([, name = '']) => name);
    expect(ofProgram).not.to.have.length(0);
    expect(sorted(namedOnPage(/^\| `rollcall (\w+)` \|/gm))).to.deep.equal(sorted(ofProgram));
  });

  it('names every rule of mounts, and leads to every option of the plugin', () => {
    for (const name of RULES) expect(page).to.contain(`\`${name}\``);
    const plugin = readFileSync(join(root, 'docs/cf-rollcall-status.md'), 'utf8');
    for (const name of Object.keys(OPTIONS))
      expect(plugin).to.match(new RegExp(`^- .*\`--${name}`, 'm'));
  });

  it('has a jq filter that selects the findings, and no drill', async function () {
    if (spawnSync('jq', ['--version']).error !== undefined) skip(this, 'jq is not installed');
    const filter = /jq -r '([^']+)'/.exec(page)?.[1] ?? '';
    const { stdout } = await typed(['check', '--json', '--capture', RECORDED.broken]);
    const input = JSON.parse(stdout) as ReportView;
    const [first, second, ...others] = input.containers;
    const drill = { ...second, drill: true };
    const changed = JSON.stringify({ ...input, containers: [first, drill, ...others] });
    const { stdout: selected } = spawnSync('jq', ['-r', filter], {
      input: changed,
      encoding: 'utf8',
    });
    expect(selected).to.equal(`${first?.handle}\t${first?.reason}\n`);
  });
});
