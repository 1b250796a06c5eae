import { expect } from 'chai';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { reportJson } from '../../src/present/report-json.ts';
import { jsonSchema, SCHEMA_NAMES } from '../../tools/json-schemas.ts';
import { expectDocumented, expectDocumentedAnswer } from '../json-schemas.ts';
import { containers, LOST, report } from '../present/agent-state-builder.ts';

const REPORT = reportJson(report(containers(2, LOST)));

describe('docs/schemas', () => {
  for (const name of SCHEMA_NAMES) {
    it(`has a valid schema of ${name}`, () => {
      const schema = jsonSchema(name);
      const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
      expect(ajv.validateSchema(schema), ajv.errorsText()).to.equal(true);
      ajv.compile(schema);
    });
  }

  it('leaves room for the keys of later versions', () => {
    const validate = new Ajv2020({ formats: { 'date-time': true } }).compile(jsonSchema('report'));
    expect(validate({ ...REPORT, later: 1 })).to.equal(true);
    expect(validate({ ...REPORT, verdict: 'later' })).to.equal(false);
  });
});

describe('JSON that tests see', () => {
  it('must be as its schema says, without keys that it does not name, at any depth', () => {
    const see = (value: unknown) => () =>
      expectDocumented(['check', '--format', 'json'], JSON.stringify(value));
    see(REPORT)();
    expect(see({ ...REPORT, takenAt: 'now' })).to.throw(/\/takenAt must match format/);
    const [first, ...others] = REPORT.containers;
    expect(see({ ...REPORT, containers: [{ ...first, later: 1 }, ...others] })).to.throw(
      '/containers/0 must NOT have additional properties',
    );
    expect(() => expectDocumentedAnswer('/v1/events', '[{}]')).to.throw(/events\.schema\.json/);
  });

  it('must have a schema', () => {
    expect(() => expectDocumented(['later', '--format=json'], '{}')).to.throw(
      /rollcall later writes JSON without a schema/,
    );
  });
});
