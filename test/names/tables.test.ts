import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import type { ContainerName } from '../../src/model/names.ts';
import { shownInTables, TABLE_NAMES, tablesOf, type Tables } from '../../src/names/tables.ts';
import { BILLING, container, namesOf, SHOP } from './named-containers.ts';

const NOON = Date.UTC(2026, 11, 1, 12);
const MINUTE = 60_000;

const billing = container(BILLING, {
  app: 'billing',
  appId: 'app-guid',
  index: 1,
  space: 'production',
  spaceId: 'space-guid',
  org: 'payments',
  orgId: 'org-guid',
  since: NOON,
});

const textOf = (name: keyof Tables, ...containers: readonly ContainerName[]): string =>
  Buffer.concat(tablesOf(containers)[name]).toString();

const csvOf = (...containers: readonly ContainerName[]): readonly string[] =>
  textOf('containers.csv', ...containers).split('\r\n');

const keysIn = (...containers: readonly ContainerName[]): readonly string[] =>
  csvOf(...containers)
    .slice(1, -1)
    .map((line) => line.split(',')[0] ?? '');

const jsonOf = (...containers: readonly ContainerName[]): ReadonlyMap<string, unknown> =>
  new Map(
    [...textOf('containers.json', ...containers).matchAll(/^("[^"]*"):(\{.*\}),?$/gm)].map(
      ([, key = '', value = '']) => [JSON.parse(key) as string, JSON.parse(value) as unknown],
    ),
  );

describe('the table of names', () => {
  it('has a row for each id that a sensor makes of a container', () => {
    const [header, first] = csvOf(billing);
    expect(header).to.equal(
      'key,name,handle,org,space,app,org_id,space_id,app_id,index,kind,since,ended',
    );
    expect(first).to.equal(
      `${BILLING},billing/1,${BILLING},payments,production,billing,org-guid,space-guid,app-guid,1,app-instance,2026-12-01T12:00:00.000Z,`,
    );
    expect(keysIn(billing)).to.deep.equal([
      BILLING,
      `good/${BILLING}`,
      `bad/${BILLING}`,
      `garden/${BILLING}`,
      '479c5b59-177',
      'good/479c5b5',
      'bad/479c5b59',
      'garden/479c5',
    ]);
  });

  it('leaves out an id that two containers have', () => {
    const near = container('479c5b59-177f-4e0a-5d3b-9f21');
    expect(keysIn(billing, near)).to.include.members([BILLING, near.handle]);
    expect(keysIn(billing, near)).not.to.include.members(['479c5b59-177']);
    expect(keysIn(billing, near)).not.to.include.members(['good/479c5b5']);
  });

  it('is whole JSON without a container, and where the first one has no id of its own', () => {
    const near = container('479c5b59-177');
    for (const containers of [[], [container('host')], [near, billing, container(SHOP)]])
      for (const name of ['containers.json', 'containers.rsyslog.json'] as const)
        expect(JSON.parse(textOf(name, ...containers)), name).to.be.an('object');
  });

  it('leaves out an id that Falco gives to processes of many, although a container has it', () => {
    expect(keysIn(container('host'))).not.to.include('host');
    expect(keysIn(container('garden.servi-1'))).not.to.include('garden.servi');
  });

  it('has no control characters, and leaves out a handle that has one', () => {
    const odd = container(SHOP, { app: 'a\u0000b\r\n\u001b[31m\u202e', org: 'x' });
    const tables = TABLE_NAMES.map((name) => textOf(name, odd, container('a\nb'))).join('');
    expect(tables).not.to.match(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/);
    expect(csvOf(odd)[1]).to.contain('a\\u{0}b\\u{d}\\n\\u{1b}[31m\\u{202e}');
    expect(keysIn(container('a\nb'))).to.deep.equal([]);
  });

  it('has no formula in a text of the CSV, and keeps keys as they are', () => {
    const formula = container('-1+1', { app: '=cmd|"/C calc"!A0', space: '@x', org: '+y' });
    expect(csvOf(formula)[1]).to.equal(
      `-1+1,"'=cmd|""/C calc""!A0",'-1+1,'+y,'@x,"'=cmd|""/C calc""!A0",,,,,app-instance,${new Date(formula.since).toISOString()},`,
    );
    expect(jsonOf(formula).get('-1+1')).to.include({ app: '=cmd|"/C calc"!A0', space: '@x' });
  });

  it('is JSON in which any handle is a key like others', () => {
    const proto = { ...billing, handle: asHandle('__proto__') };
    const text = textOf('containers.json', proto, container(SHOP));
    expect(Object.keys(JSON.parse(text) as object)).to.include.members([SHOP, '__proto__']);
    expect(jsonOf(proto).get('__proto__')).to.include({ app: 'billing', handle: '__proto__' });
  });

  it('is a lookup table of rsyslog, with the names that cloud.gov gives to fields', () => {
    const { table, ...rest } = JSON.parse(textOf('containers.rsyslog.json', billing)) as {
      readonly table: readonly { readonly index: string; readonly value: string }[];
    };
    expect(rest).to.deep.equal({ version: 1, nomatch: '', type: 'string' });
    const { value = '' } = table.find(({ index }) => index === 'good/479c5b5') ?? {};
    expect(JSON.parse(value)).to.deep.equal({
      handle: BILLING,
      kind: 'app-instance',
      app: 'billing',
      app_id: 'app-guid',
      app_instance: '1',
      org: 'payments',
      org_id: 'org-guid',
      space: 'production',
      space_id: 'space-guid',
    });
  });

  it('keeps an ended container for ten minutes', () => {
    const names = namesOf(container(SHOP), { ...billing, ended: NOON });
    expect(shownInTables(names, NOON + 9 * MINUTE)).to.have.length(2);
    expect(shownInTables(names, NOON + 10 * MINUTE)).to.have.length(1);
  });
});
