import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { CONTAINER_KINDS, type Properties } from '../../src/model/garden.ts';
import { asHandle } from '../../src/model/ids.ts';
import { identityOf, MAX_IDENTITY_LENGTH } from '../../src/parse/container-identity.ts';

const INSTANCE = '3e1f0a52-77c4-4b0e-6d1f-90ab';
const TASK = '0d9c3b6e-51f2-4a77-8c3d-2b1a0f9e8d7c';
const CHECK = `check-${TASK}`;

const kindOf = (handle: string, properties: Properties): string =>
  identityOf(asHandle(handle), properties).kind;
const appOf = (properties: Properties): ReturnType<typeof identityOf>['app'] =>
  identityOf(asHandle(INSTANCE), properties).app;

const LOG_CONFIG = JSON.stringify({
  guid: 'log-guid',
  index: 3,
  source_name: 'CELL',
  tags: {
    app_id: 'app-guid',
    app_name: 'dora',
    instance_id: '3',
    organization_id: 'org-guid',
    organization_name: 'research',
    process_id: 'app-guid',
    process_instance_id: INSTANCE,
    process_type: 'web',
    source_id: 'app-guid',
    space_id: 'space-guid',
    space_name: 'lab',
  },
});

describe('identityOf: the kind', () => {
  const owned = { 'executor:owner': 'executor' };
  const workload = (value: string): Properties => ({
    ...owned,
    'network.container_workload': value,
  });
  const cases: [handle: string, properties: Properties, kind: string][] = [
    [INSTANCE, owned, 'app-instance'],
    ['free.form', workload('app'), 'app-instance'],
    [TASK, owned, 'task'],
    ['free.form', workload('task'), 'task'],
    [INSTANCE, workload('staging'), 'task'],
    [CHECK, { 'executor:owner': 'executor-health-check' }, 'health-check'],
    ['x', { 'tag:healthcheck-tag': 'healthcheck', 'executor:owner': 'executor' }, 'health-check'],
    [`rootfs-c-${TASK}`, owned, 'other'],
    [CHECK, owned, 'other'],
    ['x', owned, 'other'],
    [INSTANCE, { 'concourse:volumes': '[]' }, 'other'],
    [INSTANCE, { 'executor:owner': 'somebody' }, 'other'],
    ['x', { 'network.container_workload': 'app' }, 'other'],
  ];
  for (const [handle, properties, kind] of cases) {
    it(`is ${kind} for ${handle} with ${JSON.stringify(properties)}`, () => {
      expect(kindOf(handle, properties)).to.equal(kind);
    });
  }

  it('follows from the handle alone if the properties are lost', () => {
    expect(kindOf(INSTANCE, null)).to.equal('app-instance');
    expect(kindOf(TASK, {})).to.equal('task');
    expect(kindOf(CHECK, null)).to.equal('health-check');
    expect(kindOf(INSTANCE.toUpperCase(), null)).to.equal('other');
    expect(kindOf(`${INSTANCE}-envoy`, null)).to.equal('other');
    expect(kindOf(`${INSTANCE}\n`, null)).to.equal('other');
  });
});

describe('identityOf: the owner', () => {
  const ownerOf = (properties: Properties): string =>
    identityOf(asHandle(INSTANCE), properties).owner;

  it('is lost with all properties', () => {
    expect(ownerOf(null)).to.equal('lost');
    expect(ownerOf({})).to.equal('lost');
  });

  it('never existed where only Garden itself set properties', () => {
    const ofGarden = { 'garden.state': 'created', 'garden.network.host-ip': '' };
    expect(ownerOf(ofGarden)).to.equal('none');
    expect(identityOf(asHandle(INSTANCE), ofGarden).kind).to.equal('other');
  });

  it('is present with any property that a client set', () => {
    expect(ownerOf({ 'executor:owner': 'executor' })).to.equal('present');
    expect(ownerOf({ 'garden.state': 'created', concourse: '' })).to.equal('present');
    expect(ownerOf({ gardener: 'x' })).to.equal('present');
    expect(ownerOf(JSON.parse('{"__proto__":"x"}') as Properties)).to.equal('present');
  });

  it('leaves no app when it is lost', () => {
    expect(appOf({ 'garden.state': 'created' })).to.equal(null);
  });
});

describe('identityOf: the app', () => {
  const owned = { 'executor:owner': 'executor' };

  it('is read from log_config', () => {
    expect(appOf({ ...owned, log_config: LOG_CONFIG, 'network.app_id': 'other' })).to.deep.equal({
      id: 'app-guid',
      name: 'dora',
      spaceId: 'space-guid',
      spaceName: 'lab',
      organizationId: 'org-guid',
      organizationName: 'research',
      index: 3,
      processType: 'web',
    });
  });

  const fromNetwork = {
    ...owned,
    'network.app_id': 'app-guid',
    'network.space_id': 'space-guid',
    'network.org_id': 'org-guid',
  };
  const onlyIds = {
    id: 'app-guid',
    name: null,
    spaceId: 'space-guid',
    spaceName: null,
    organizationId: 'org-guid',
    organizationName: null,
    index: null,
    processType: null,
  };
  for (const log_config of [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"tags":7}',
    '{"tags":[]}',
    '{"index":"x"}',
  ]) {
    it(`falls back to network.* where log_config is ${JSON.stringify(log_config)}`, () => {
      expect(appOf({ ...fromNetwork, log_config })).to.deep.equal(onlyIds);
    });
  }

  it('falls back to network.* where log_config was cut in the middle', () => {
    expect(appOf({ ...fromNetwork, log_config: LOG_CONFIG.slice(0, -5) })).to.deep.equal(onlyIds);
  });

  it('treats a part that is empty or of a wrong type as absent', () => {
    const log_config = JSON.stringify({
      guid: 7,
      index: -1,
      tags: { app_id: '', app_name: ['x'], space_name: {}, process_type: null },
    });
    expect(appOf({ ...fromNetwork, log_config })).to.deep.equal(onlyIds);
  });

  it('takes the index from instance_id where index is missing, if it is a number', () => {
    const log = (instance_id: string): string => JSON.stringify({ tags: { instance_id } });
    expect(appOf({ ...fromNetwork, log_config: log('12') })?.index).to.equal(12);
    expect(appOf({ ...fromNetwork, log_config: log('1e3') })?.index).to.equal(null);
  });

  it('bounds every text', () => {
    const log_config = JSON.stringify({ tags: { app_name: 'n'.repeat(10_000) } });
    const app = appOf({ ...fromNetwork, 'network.app_id': 'i'.repeat(10_000), log_config });
    expect(app?.name).to.equal('n'.repeat(MAX_IDENTITY_LENGTH));
    expect(app?.id).to.have.length(MAX_IDENTITY_LENGTH);
  });

  it('is null if nothing names one', () => {
    expect(appOf(owned)).to.equal(null);
    expect(appOf({ ...owned, log_config: '{"index":0,"source_name":"HEALTH"}' })).to.equal(null);
    const check = { 'executor:owner': 'executor-health-check', log_config: LOG_CONFIG };
    expect(identityOf(asHandle(CHECK), check).app).to.equal(null);
  });
});

describe('identityOf: any properties', () => {
  it('gives typed, bounded values and never throws', () => {
    const key = fc.oneof(
      fc.constantFrom('executor:owner', 'network.app_id', 'garden.state', 'tag:healthcheck-tag'),
      anyText(),
    );
    const text = anyText({ maxLength: 600 });
    const tag = fc.oneof(text, fc.jsonValue());
    const logConfig = fc.oneof(
      text,
      fc.json(),
      fc
        .record({
          guid: tag,
          index: fc.oneof(fc.double(), fc.jsonValue()),
          tags: fc.oneof(
            fc.jsonValue(),
            fc.record({ app_id: tag, app_name: tag, space_id: tag, instance_id: tag }),
          ),
        })
        .map((config) => JSON.stringify(config)),
    );
    const properties = fc.option(
      fc
        .tuple(fc.dictionary(key, text), fc.option(logConfig))
        .map(([map, config]) => (config === null ? map : { ...map, log_config: config })),
    );
    fc.assert(
      fc.property(text, properties, (handle, given) => {
        const { kind, app, owner } = identityOf(asHandle(handle), given);
        expect(CONTAINER_KINDS).to.include(kind);
        expect(owner === 'lost' && app !== null).to.equal(false);
        const { index, ...texts } = app ?? { index: null };
        expect(index === null || (Number.isSafeInteger(index) && index >= 0)).to.equal(true);
        for (const value of Object.values(texts)) {
          if (value === null) continue;
          expect(value).to.be.a('string');
          expect(value.length).to.be.within(1, MAX_IDENTITY_LENGTH);
          expect(value.isWellFormed()).to.equal(true);
        }
      }),
    );
  });
});
