import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { root } from '../../../tools/bootstrap/place.mjs';
import { ToolFailure } from '../../../tools/failure.ts';
import {
  completeConfig,
  configText,
  withDownload,
  type RuntimeConfig,
} from '../../../tools/runtime-config/complete-config.ts';

const read = (file: string): string => readFileSync(path.join(root, 'manifests', file), 'utf8');

function made(
  operations: readonly string[],
  variables: Readonly<Record<string, unknown>> = {},
  own?: string,
): RuntimeConfig {
  const files = operations.map((name) => ({ name, text: read(name) }));
  return completeConfig({
    base: read('runtime-config.yml'),
    operations: own === undefined ? files : [...files, { name: 'own.yml', text: own }],
    variables: new Map(Object.entries({ rollcall_version: '1.2.3', ...variables })),
  });
}

const INTERVAL = 'operations/interval.yml';

describe('a complete runtime config', () => {
  it('has its version, and no variable', () => {
    const text = configText(made([]), 'One.\nTwo.');
    expect(text)
      .to.match(/^---\n# One\.\n# Two\.\nreleases:\n/)
      .and.not.to.include('((');
    expect(parse(text)).to.have.nested.property('releases[0].version', '1.2.3');
  });

  it('contains the address of the release for a Director, and its checksum', () => {
    const sha256 = '0'.repeat(64);
    const url = 'https://example.com/rollcall-1.2.3.tgz';
    expect(withDownload(made([]), url, sha256).releases).to.deep.equal([
      { name: 'rollcall', version: '1.2.3', url, sha1: `sha256:${sha256}` },
    ]);
  });

  it('writes a version that YAML would take for a number as text', () => {
    const text = configText(made([], { rollcall_version: '1.0.0' }), '');
    expect(parse(text, { version: '1.1' })).to.have.nested.property('releases[0].version', '1.0.0');
  });

  it('keeps a variable in a property that must be a number, because only the Director knows it', () => {
    const config = made([INTERVAL, 'operations/metrics-tls.yml'], {
      interval_seconds: '((/rollcall_metrics_tls.seconds))',
      director_name: 'p-bosh',
      deployment_name: 'cf-1',
    });
    expect(configText(config, '')).to.include('seconds: ((/rollcall_metrics_tls.seconds))');
  });

  const REFUSALS: readonly {
    readonly what: string;
    readonly operations: readonly string[];
    readonly variables: Readonly<Record<string, unknown>>;
    readonly says: RegExp;
  }[] = [
    {
      what: 'a variable that was forgotten',
      operations: ['operations/exclude-isolation-segment.yml'],
      variables: {},
      says: /^no value for the variable excluded_instance_groups: add -v excluded_instance_groups=VALUE$/,
    },
    {
      what: 'two variables that were forgotten, with both options',
      operations: ['operations/metrics-tls.yml'],
      variables: {},
      says: /^no value for the variables director_name, deployment_name: add -v director_name=VALUE -v deployment_name=VALUE$/,
    },
    {
      what: 'a part of a text that is a variable that was forgotten',
      operations: ['operations/metrics-tls.yml'],
      variables: { director_name: 'p-bosh' },
      says: /^no value for the variable deployment_name:/,
    },
    {
      what: 'a variable inside of a value',
      operations: ['operations/interval.yml'],
      variables: { interval_seconds: '((other))' },
      says: /^no value for the variable other:/,
    },
    {
      what: 'a misspelled variable',
      operations: ['operations/interval.yml'],
      variables: { interval_second: 60 },
      says: /^no file uses the variable interval_second/,
    },
    {
      what: 'a text where a list belongs',
      operations: ['operations/exclude-isolation-segment.yml'],
      variables: { excluded_instance_groups: 'isolated_diego_cell' },
      says: /^addons\.0\.exclude\.instance_groups is wrong/,
    },
    {
      what: 'an empty list, which excludes nothing',
      operations: ['operations/exclude-isolation-segment.yml'],
      variables: { excluded_instance_groups: [] },
      says: /^addons\.0\.exclude\.instance_groups is wrong/,
    },
    {
      what: 'a number that the property does not allow',
      operations: ['operations/interval.yml'],
      variables: { interval_seconds: 600 },
      says: /^jobs\/rollcall\/properties_schema\.json rejects reconcile\.interval_seconds: must be a number of seconds from 1 to 60$/,
    },
    {
      what: 'latest',
      operations: [],
      variables: { rollcall_version: 'latest' },
      says: /^releases\.0\.version is wrong/,
    },
  ];
  for (const { what, operations, variables, says } of REFUSALS)
    it(`is not made with ${what}`, () => {
      expect(() => made(operations, variables)).to.throw(ToolFailure, says);
    });

  const WRONG_PROPERTIES: readonly {
    readonly what: string;
    readonly job: string;
    readonly properties: unknown;
    readonly says: RegExp;
  }[] = [
    {
      what: 'a misspelled property, which a Director would ignore',
      job: 'rollcall',
      properties: { reconcile: { intervall_seconds: 30 } },
      says: /^jobs\/rollcall\/properties_schema\.json rejects reconcile\.intervall_seconds: is not a property$/,
    },
    {
      what: 'a wrong item of a list',
      job: 'rollcall',
      properties: { sensors: [{ name: 'x', format: 'ids' }] },
      says: /^.*rejects sensors\.0: must have required property 'path'$/,
    },
    {
      what: 'a wrong property of the errand',
      job: 'rollcall-report',
      properties: { format: 'xml' },
      says: /^jobs\/rollcall-report\/properties_schema\.json rejects format: must be one of table, json$/,
    },
  ];
  for (const { what, job, properties, says } of WRONG_PROPERTIES)
    it(`is not made with ${what}`, () => {
      const place = `/addons/name=rollcall/jobs/name=${job}/properties`;
      const own = `- {type: replace, path: ${place}, value: ${JSON.stringify(properties)}}`;
      expect(() => made(['operations/report-errand.yml'], {}, own)).to.throw(ToolFailure, says);
    });

  it('is not made with a dev release, or an address that is none', () => {
    expect(() => made(['dev-release.yml'])).to.throw(
      ToolFailure,
      /^an ops file replaces \(\(rollcall_version\)\)/,
    );
    expect(() => withDownload(made([]), 'rollcall.tgz', '')).to.throw(
      ToolFailure,
      /^--url rollcall\.tgz is not the address/,
    );
  });
});
