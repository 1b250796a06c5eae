import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { MESSAGES } from '../../src/model/agent-state.ts';
import { METRICS } from '../../src/present/metrics.ts';
import { root } from '../../tools/bootstrap/place.mjs';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const PAGE = read('docs/compliance.md');

const defaultOf = (property: string): unknown => {
  const { properties } = parse(read('jobs/rollcall/spec')) as {
    readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
  };
  return properties[property]?.default;
};

/** An auditor looks for the evidence by these names. */
describe('docs/compliance.md', () => {
  it('names only metrics and messages of the log that exist', () => {
    const metrics = Array.from(PAGE.matchAll(/`(rollcall_\w+)`/g), ([, name = '']) => name);
    expect(metrics).to.have.length.above(4);
    expect(METRICS.map(({ name }) => name)).to.include.members(metrics);
    const messages = Array.from(PAGE.matchAll(/`(rollcall\.[a-z.-]+)`/g), ([, name = '']) => name);
    expect(messages).to.have.length.above(2);
    expect(MESSAGES).to.include.members(messages);
  });

  it('has the limits that the job sets', () => {
    expect(PAGE).to.contain(
      `${String(defaultOf('limits.memory')).replace('M', ' MB')} (\`limits.memory\`)`,
    );
    expect(PAGE).to.contain(
      `${String(defaultOf('limits.processes'))} threads (\`limits.processes\`)`,
    );
    expect(PAGE).to.contain(
      `${Number(defaultOf('limits.open_files')).toLocaleString('en')} files (\`limits.open_files\`)`,
    );
  });

  it('names the programs that the scripts of the job run', () => {
    const scripts = ['bpm-pre-start', 'pre-start', 'post-start'].map((name) =>
      read(`jobs/rollcall/templates/${name}.erb`),
    );
    for (const program of ['mkdir', 'chown', 'dirname', 'setpriv', 'curl']) {
      expect(scripts.join('\n')).to.match(new RegExp(`\\b${program} `));
      expect(PAGE).to.contain(`\`${program}\``);
    }
  });
});
