import { expect } from 'chai';
import type { Properties } from '../../src/model/garden.ts';
import { asHandle } from '../../src/model/ids.ts';
import { identityOf, MAX_IDENTITY_LENGTH } from '../../src/parse/container-identity.ts';

const INSTANCE = '3e1f0a52-77c4-4b0e-6d1f-90ab';
const TASK = '0d9c3b6e-51f2-4a77-8c3d-2b1a0f9e8d7c';
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
    process_type: 'web',
    space_id: 'space-guid',
    space_name: 'lab',
  },
});

describe('identityOf: kind and owner', () => {
  const IDENTITIES = [
    {
      handle: INSTANCE,
      properties: { 'executor:owner': 'executor' },
      kind: 'app-instance',
      owner: 'present',
    },
    {
      handle: 'free.form',
      properties: { 'executor:owner': 'executor', 'network.container_workload': 'app' },
      kind: 'app-instance',
      owner: 'present',
    },
    { handle: TASK, properties: { 'executor:owner': 'executor' }, kind: 'task', owner: 'present' },
    {
      handle: 'free.form',
      properties: { 'executor:owner': 'executor', 'network.container_workload': 'task' },
      kind: 'task',
      owner: 'present',
    },
    {
      handle: INSTANCE,
      properties: { 'executor:owner': 'executor', 'network.container_workload': 'staging' },
      kind: 'task',
      owner: 'present',
    },
    {
      handle: `check-${TASK}`,
      properties: { 'executor:owner': 'executor-health-check' },
      kind: 'health-check',
      owner: 'present',
    },
    {
      handle: 'x',
      properties: { 'tag:healthcheck-tag': 'healthcheck', 'executor:owner': 'executor' },
      kind: 'health-check',
      owner: 'present',
    },
    {
      handle: `rootfs-c-${TASK}`,
      properties: { 'executor:owner': 'executor' },
      kind: 'other',
      owner: 'present',
    },
    {
      handle: `check-${TASK}`,
      properties: { 'executor:owner': 'executor' },
      kind: 'other',
      owner: 'present',
    },
    { handle: 'x', properties: { 'executor:owner': 'executor' }, kind: 'other', owner: 'present' },
    {
      handle: INSTANCE,
      properties: { 'concourse:volumes': '[]' },
      kind: 'other',
      owner: 'present',
    },
    {
      handle: INSTANCE,
      properties: { 'executor:owner': 'somebody' },
      kind: 'other',
      owner: 'present',
    },
    {
      handle: 'x',
      properties: { 'network.container_workload': 'app' },
      kind: 'other',
      owner: 'present',
    },
    {
      handle: 'x',
      properties: { 'garden.state': 'created', concourse: '' },
      kind: 'other',
      owner: 'present',
    },
    { handle: 'x', properties: { gardener: 'x' }, kind: 'other', owner: 'present' },
    { handle: 'x', properties: { ['__proto__']: 'x' }, kind: 'other', owner: 'present' },
    {
      handle: INSTANCE,
      properties: { 'garden.state': 'created', 'garden.network.host-ip': '' },
      kind: 'other',
      owner: 'none',
    },
    { handle: INSTANCE, properties: null, kind: 'app-instance', owner: 'lost' },
    { handle: TASK, properties: {}, kind: 'task', owner: 'lost' },
    { handle: `check-${TASK}`, properties: null, kind: 'health-check', owner: 'lost' },
    { handle: INSTANCE.toUpperCase(), properties: null, kind: 'other', owner: 'lost' },
    { handle: `${INSTANCE}-envoy`, properties: null, kind: 'other', owner: 'lost' },
  ];
  for (const { handle, properties, ...expected } of IDENTITIES) {
    const { kind, owner } = expected;
    it(`are ${kind} and ${owner} for ${handle} with ${JSON.stringify(properties)}`, () => {
      expect(identityOf(asHandle(handle), properties)).to.include(expected);
    });
  }

  it('do not follow from a handle with a newline', () => {
    expect(identityOf(asHandle(`${INSTANCE}\n`), null).kind).to.equal('other');
  });
});

describe('identityOf: the app', () => {
  const owned = { 'executor:owner': 'executor' };
  const fromNetwork = {
    ...owned,
    'network.app_id': 'app-guid',
    'network.space_id': 'space-guid',
    'network.org_id': 'org-guid',
  };
  const ids = { id: 'app-guid', spaceId: 'space-guid', organizationId: 'org-guid' };
  const names = { name: 'dora', spaceName: 'lab', organizationName: 'research' };
  const noNames = { name: null, spaceName: null, organizationName: null };
  const onlyIds = {
    ...ids,
    ...noNames,
    index: null,
    processType: null,
  };

  it('is read from log_config', () => {
    expect(appOf({ ...owned, log_config: LOG_CONFIG, 'network.app_id': 'other' })).to.deep.equal({
      ...ids,
      ...names,
      index: 3,
      processType: 'web',
    });
  });

  const unusable = `

{
null
[]
7
{"tags":7}
{"tags":[]}
{"index":"x"}
{"guid":7,"index":-1,"tags":{"app_id":"","app_name":["x"],"space_name":{},"process_type":null}}
${LOG_CONFIG.slice(0, -5)}`;
  for (const log_config of unusable.slice(1).split('\n')) {
    it(`falls back to network.* where log_config is ${log_config.slice(0, 30)}`, () => {
      expect(appOf({ ...fromNetwork, log_config })).to.deep.equal(onlyIds);
    });
  }

  it('takes the index from instance_id where index is missing, if it is a number', () => {
    const log = (instance_id: string): string => JSON.stringify({ tags: { instance_id } });
    expect(appOf({ ...fromNetwork, log_config: log('12') })?.index).to.equal(12);
    expect(appOf({ ...fromNetwork, log_config: log('1e3') })?.index).to.equal(null);
  });

  it('bounds every text, and cuts no character in two', () => {
    const text = 'n'.repeat(MAX_IDENTITY_LENGTH - 1);
    const log_config = JSON.stringify({ tags: { app_name: `${text}\u{1f600}` } });
    const app = appOf({ ...fromNetwork, 'network.app_id': 'i'.repeat(10_000), log_config });
    expect(app?.name).to.equal(`${text}\ufffd`);
    expect(app?.id).to.have.length(MAX_IDENTITY_LENGTH);
  });

  it('is null if nothing names one', () => {
    expect(appOf(owned)).to.equal(null);
    expect(appOf({ 'garden.state': 'created' })).to.equal(null);
    expect(appOf({ ...owned, log_config: '{"index":0,"source_name":"HEALTH"}' })).to.equal(null);
    expect(appOf({ 'executor:owner': 'executor-health-check', log_config: LOG_CONFIG })).to.equal(
      null,
    );
  });
});
