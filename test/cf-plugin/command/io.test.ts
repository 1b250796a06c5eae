import process from 'node:process';
import { expect } from 'chai';
import { pluginIo } from '../../../src/cf-plugin/command/io.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';

describe('the streams of cf rollcall-status', () => {
  it('are as wide as the terminal, and 80 columns where it says none', () => {
    const before = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
    atEndOfTest(() => {
      Reflect.deleteProperty(process.stdout, 'columns');
      if (before !== undefined) Object.defineProperty(process.stdout, 'columns', before);
    });
    for (const [value, shown] of [
      [200, 200],
      [90, 90],
      [undefined, 80],
      [0, 80],
    ] as const) {
      Object.defineProperty(process.stdout, 'columns', { value, configurable: true });
      expect(pluginIo().columns).to.equal(shown);
    }
  });
});
