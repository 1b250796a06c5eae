import { expect } from 'chai';
import type { Properties } from '../../src/model/garden.ts';
import { asHandle } from '../../src/model/ids.ts';
import { identityOf, MAX_IDENTITY_LENGTH } from '../../src/parse/container-identity.ts';
import { rowsOf } from '../rows.ts';

const INSTANCE = '3e1f0a52-77c4-4b0e-6d1f-90ab';
const TASK = '0d9c3b6e-51f2-4a77-8c3d-2b1a0f9e8d7c';
const HANDLES = new Map([
  ['INSTANCE', INSTANCE],
  ['TASK', TASK],
  ['CHECK', `check-${TASK}`],
]);

/** `KEY=VALUE` for each property; `null` if Garden has none. */
const propertiesOf = (text: string): Properties =>
  text === 'null'
    ? null
    : Object.fromEntries(
        text.split(' ').flatMap((one) => (one === '' ? [] : [one.split('=') as [string, string]])),
      );

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
  /** The handle and its properties; the kind and the owner. */
  const cases = `
INSTANCE | executor:owner=executor | app-instance present
free.form | executor:owner=executor network.container_workload=app | app-instance present
TASK | executor:owner=executor | task present
free.form | executor:owner=executor network.container_workload=task | task present
INSTANCE | executor:owner=executor network.container_workload=staging | task present
CHECK | executor:owner=executor-health-check | health-check present
x | tag:healthcheck-tag=healthcheck executor:owner=executor | health-check present
rootfs-c-${TASK} | executor:owner=executor | other present
CHECK | executor:owner=executor | other present
x | executor:owner=executor | other present
INSTANCE | concourse:volumes=[] | other present
INSTANCE | executor:owner=somebody | other present
x | network.container_workload=app | other present
x | garden.state=created concourse= | other present
x | gardener=x | other present
x | __proto__=x | other present
INSTANCE | garden.state=created garden.network.host-ip= | other none
INSTANCE | null | app-instance lost
TASK | | task lost
CHECK | null | health-check lost
${INSTANCE.toUpperCase()} | null | other lost
${INSTANCE}-envoy | null | other lost
`;
  for (const [handle = '', properties = '', expected] of rowsOf(cases)) {
    it(`are ${expected} for ${handle} with ${properties}`, () => {
      const name = asHandle(HANDLES.get(handle) ?? handle);
      const { kind, owner } = identityOf(name, propertiesOf(properties));
      expect(`${kind} ${owner}`).to.equal(expected);
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
