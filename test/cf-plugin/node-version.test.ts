import process from 'node:process';
import { expect } from 'chai';
import { hasProxyEnv } from '../../src/cf-plugin/node-version.ts';

describe('the Node that the plugin needs', () => {
  it('respects https_proxy: 22.21 or newer of 22, and 24.5 or newer', () => {
    const right = ['22.21.0', '22.23.3', '24.5.0', '24.21.0', '25.0.0', '26.10.0', '100.0.0'];
    expect(right.filter((version) => !hasProxyEnv(version))).to.deep.equal([]);
    const wrong = ['20.20.2', '22.9.0', '22.20.1', '23.0.0', '23.21.0', '24.0.0', '24.4.1', ''];
    expect(wrong.filter(hasProxyEnv)).to.deep.equal([]);
    expect(hasProxyEnv(process.versions.node)).to.equal(true);
  });
});
