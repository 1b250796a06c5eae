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
import { rowsOf } from '../../rows.ts';

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

  /** What is wrong, with which ops files and variables, and what is said. */
  const refusals = String.raw`
a variable that was forgotten | exclude-isolation-segment | {} | no value for the variable excluded_instance_groups: add -v excluded_instance_groups=VALUE$
two variables that were forgotten, with both options | metrics-tls | {} | no value for the variables director_name, deployment_name: add -v director_name=VALUE -v deployment_name=VALUE$
a part of a text that is a variable that was forgotten | metrics-tls | {"director_name": "p-bosh"} | no value for the variable deployment_name:
a variable inside of a value | interval | {"interval_seconds": "((other))"} | no value for the variable other:
a misspelled variable | interval | {"interval_second": 60} | no file uses the variable interval_second
a text where a list belongs | exclude-isolation-segment | {"excluded_instance_groups": "isolated_diego_cell"} | addons\.0\.exclude\.instance_groups is wrong
an empty list, which excludes nothing | exclude-isolation-segment | {"excluded_instance_groups": []} | addons\.0\.exclude\.instance_groups is wrong
a number that the property does not allow | interval | {"interval_seconds": 600} | jobs/rollcall/properties_schema\.json rejects reconcile\.interval_seconds: must be a number of seconds from 1 to 60$
latest | | {"rollcall_version": "latest"} | releases\.0\.version is wrong
`;
  for (const [what, operations = '', variables = '', says] of rowsOf(refusals))
    it(`is not made with ${what}`, () => {
      const files = operations === '' ? [] : [`operations/${operations}.yml`];
      const make = () => made(files, JSON.parse(variables) as Record<string, unknown>);
      expect(make).to.throw(ToolFailure, new RegExp(`^${says}`));
    });

  /** An ops file of an operator's own. */
  const wrongProperties = String.raw`
a misspelled property, which a Director would ignore | rollcall | {"reconcile": {"intervall_seconds": 30}} | jobs/rollcall/properties_schema\.json rejects reconcile\.intervall_seconds: is not a property$
a wrong item of a list | rollcall | {"sensors": [{"name": "x", "format": "ids"}]} | .*rejects sensors\.0: must have required property 'path'$
a wrong property of the errand | rollcall-report | {"format": "xml"} | jobs/rollcall-report/properties_schema\.json rejects format: must be one of table, json$
`;
  for (const [what, job, properties = '', says] of rowsOf(wrongProperties))
    it(`is not made with ${what}`, () => {
      const place = `/addons/name=rollcall/jobs/name=${job}/properties`;
      const own = `- {type: replace, path: ${place}, value: ${properties}}`;
      expect(() => made(['operations/report-errand.yml'], {}, own)).to.throw(
        ToolFailure,
        new RegExp(`^${says}`),
      );
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
