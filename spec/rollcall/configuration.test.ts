import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_ACKNOWLEDGED_REASON, MAX_ACKNOWLEDGEMENTS } from '../../src/model/acknowledgement.ts';
import {
  CONFIG,
  LOG_LEVELS,
  MAX_PAGE_ADDRESS,
  MAX_SOCKET_PATH,
  PAGE_ADDRESS,
} from '../../src/model/agent-config.ts';
import { MAX_CONFIGURED_SENSORS, SENSOR_FORMATS } from '../../src/model/observation.ts';
import { declaredBy, jobDir, needs, renderAll } from '../rendered.ts';
import { rangeOf, singleKeys } from './every-property.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function schemaOf(property: string): Schema | undefined {
  const text = readFileSync(join(jobDir('rollcall'), 'properties_schema.json'), 'utf8');
  const whole = JSON.parse(text) as Schema;
  return property
    .split('.')
    .reduce<Schema | undefined>((schema, name) => schema?.properties?.[name], whole);
}

const declared = declaredBy('rollcall');
const keys = singleKeys();

describe('the job has of each key of the configuration what the table says', () => {
  for (const { property, key } of keys) {
    it(`the default and the description: ${property}`, () => {
      const { description = '', default: ofSpec } = declared[property] ?? {};
      // A property without a default is null in the configuration.
      expect(ofSpec ?? null).to.equal(key.default);
      expect(description.startsWith(key.description), description).to.equal(true);
    });

    const range = rangeOf(property, key);
    if (range !== null) {
      const [least, most] = range;
      it(`the range, in words, in the schema and in agent.json: ${property}`, async function () {
        needs(this, 'ruby');
        expect(declared[property]?.description).to.include(`from ${least} to ${most}`);
        expect(schemaOf(property)).to.include({
          type: key.type === 'whole' ? 'integer' : 'number',
          minimum: least,
          maximum: most,
        });
        const values = [least, most, least - 1, most + 1];
        const jobs = await renderAll(
          'rollcall',
          values.map((value) => ({ [property]: value })),
        );
        expect(jobs.map(({ ok }) => ok)).to.deep.equal([true, true, false, false]);
      });
    }
  }

  it('the levels', () => {
    expect(schemaOf('logging.level')).to.have.deep.property('enum', [...LOG_LEVELS]);
    for (const level of LOG_LEVELS) {
      expect(declared['logging.level']?.description).to.match(new RegExp(`\\b${level}\\b`));
    }
  });

  it('the sensors', () => {
    const { description = '', default: ofSpec } = declared['sensors'] ?? {};
    expect(ofSpec).to.deep.equal(CONFIG.sensors.default);
    expect(description.startsWith(CONFIG.sensors.description), description).to.equal(true);
    expect(schemaOf('sensors')).to.include({ maxItems: MAX_CONFIGURED_SENSORS });
    for (const format of SENSOR_FORMATS) expect(description).to.contain(format);
  });

  it('what is acknowledged', () => {
    const { description = '', default: ofSpec } = declared['acknowledged'] ?? {};
    expect(ofSpec).to.deep.equal(CONFIG.acknowledged.default);
    expect(description.startsWith(CONFIG.acknowledged.description), description).to.equal(true);
    expect(schemaOf('acknowledged')).to.include({ maxItems: MAX_ACKNOWLEDGEMENTS });
    expect(schemaOf('acknowledged')).to.have.nested.property(
      'items.properties.reason.maxLength',
      MAX_ACKNOWLEDGED_REASON,
    );
    expect(description).to.contain(`at most ${MAX_ACKNOWLEDGEMENTS}`);
    expect(description).to.contain(`${MAX_ACKNOWLEDGED_REASON} characters`);
  });

  it('the pattern and the length of an address', () => {
    expect(schemaOf('runbook_url')).to.include({
      pattern: PAGE_ADDRESS.source.replaceAll('\\/', '/'),
      maxLength: MAX_PAGE_ADDRESS,
    });
  });

  it('the length of a path of a socket', () => {
    const sockets = keys.filter(({ key }) => key.type === 'socket-path');
    expect(sockets).to.have.length(2);
    for (const { property } of sockets) {
      expect(schemaOf(property)).to.have.property('maxLength', MAX_SOCKET_PATH);
    }
  });

  it('the socket that the errand asks', () => {
    expect(declaredBy('rollcall-report')['status.socket_path']?.default).to.equal(
      declared['status.socket_path']?.default,
    );
  });
});
