import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { MESSAGES } from '../../src/model/agent-state.ts';
import { logLineView } from '../../src/model/log-line.ts';
import type { Shape } from '../../src/model/shape.ts';
import { logLine } from '../../src/present/log-line.ts';
import { drillEvents, eventOf } from '../../src/present/events.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { expectLogLine } from '../json-schemas.ts';
import { LOST } from '../present/agent-state-builder.ts';
import { G, reportAfter } from '../reconcile/cell-builder.ts';

const PAGE = readFileSync(join(root, 'docs/siem.md'), 'utf8');

function fenced(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\`$`, 'm').exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`docs/siem.md has no ${language}`);
  return found;
}

/** Whether the schema of a line has this key, such as `data.processes[].pid`. */
function isKey(place: string): boolean {
  let shape: Shape | undefined = logLineView;
  for (const name of place.replaceAll('[]', '.[]').split('.')) {
    while (shape?.kind === 'nullable') shape = shape.of;
    if (name === '[]') shape = shape?.kind === 'list' ? shape.of : undefined;
    else shape = shape?.kind === 'object' ? shape.keys[name]?.shape : undefined;
  }
  return shape !== undefined;
}

type Selection = Readonly<Record<string, unknown>>;

interface Rule {
  readonly title: string;
  readonly level: string;
  readonly status: string;
  readonly logsource: Selection;
  readonly fields: readonly string[];
  readonly detection: Readonly<Record<'selection' | 'filter', Selection>> & { condition: string };
}

const valueAt = (line: unknown, place: string): unknown =>
  place.split('.').reduce<unknown>((value, name) => (value as Selection | undefined)?.[name], line);

/** As Sigma reads a map: all of its fields, each with any of its values. */
const matches = (line: unknown, selection: Selection): boolean =>
  Object.entries(selection).every(([place, wanted]) =>
    [wanted].flat().includes(valueAt(line, place)),
  );

describe('docs/siem.md', () => {
  for (const language of ['spl', 'kql', 'esql'])
    it(`names only keys and messages of the log in its query: ${language}`, () => {
      const query = fenced(language);
      const places = [...query.matchAll(/\bdata\.[\w.]+/g)].map(([place]) => place);
      expect(places).to.include.members(['data.handle', 'data.cell.id', 'data.drill']);
      expect(places.filter((place) => !isKey(place))).to.deep.equal([]);
      const messages = [...query.matchAll(/rollcall\.container\.[a-z]+/g)].map(([name]) => name);
      expect(new Set(messages).size).to.equal(2);
      expect(MESSAGES).to.include.members(messages);
    });

  it('shows a line as the forwarder sends it, from which both queries take the JSON', () => {
    const sent = fenced('syslog').replaceAll('\n', '');
    for (const language of ['spl', 'kql']) {
      const pattern = /\(\?<line>(.*)\)"$|extract\(@'\((.*)\)', 1/m.exec(fenced(language));
      const source = (pattern?.[1] ?? pattern?.[2] ?? '').replaceAll('\\"', '"');
      const [line = ''] = new RegExp(source).exec(sent) ?? [];
      expectLogLine(line);
    }
  });

  it('maps only keys that a line has', () => {
    const keys = [...PAGE.matchAll(/^\| `([^`]+)` \| `[@a-z_.]+` \|$/gm)].map(
      ([, key = '']) => key,
    );
    expect(keys).to.have.length.above(20);
    expect(keys.filter((key) => !isKey(key))).to.deep.equal([]);
  });

  it('has a Sigma rule that matches a critical finding, and neither a drill nor its end', () => {
    const rule = parse(fenced('sigma')) as Rule;
    expect(rule.title).to.have.length.within(1, 256);
    expect(rule.level).to.be.oneOf(['informational', 'low', 'medium', 'high', 'critical']);
    expect(rule.status).to.be.oneOf(['stable', 'test', 'experimental']);
    expect(rule.logsource).to.include({ service: 'rollcall' });
    const { condition, selection, filter } = rule.detection;
    expect(condition).to.equal('selection and not filter');
    const places = [...rule.fields, ...Object.keys(selection), ...Object.keys(filter)];
    expect(places.filter((place) => !isKey(place))).to.deep.equal([]);
    const isFound = (event: Parameters<typeof logLine>[0]): boolean => {
      const line: unknown = JSON.parse(logLine(event, null));
      return matches(line, selection) && !matches(line, filter);
    };
    const at = '2026-03-02T10:21:33.412Z';
    const seen = { trees: { memory: `${G}: 100\n${G}/garden/h: 300` }, listed: [] };
    const [remembered] = reportAfter([seen]).memory.containers.values();
    if (remembered === undefined) throw new Error('nothing is remembered');
    expect(isFound(eventOf({ kind: 'untracked', container: LOST, remembered }, at))).to.equal(true);
    expect(isFound(eventOf({ kind: 'recovered', container: LOST }, at))).to.equal(false);
    const drill = drillEvents({ handle: 'drill-1', since: at, until: at });
    expect(isFound(drill.begin)).to.equal(false);
  });
});
