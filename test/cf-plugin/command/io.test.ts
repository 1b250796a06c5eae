import process from 'node:process';
import { expect } from 'chai';
import { pluginIo } from '../../../src/cf-plugin/command/io.ts';

/** Gives the streams of this process a width while `use` runs. */
function withColumns(columns: number | undefined, use: () => void): void {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'columns'));
  for (const stream of streams) {
    Object.defineProperty(stream, 'columns', { value: columns, configurable: true });
  }
  try {
    use();
  } finally {
    streams.forEach((stream, index) => {
      Reflect.deleteProperty(stream, 'columns');
      const property = before[index];
      if (property !== undefined) Object.defineProperty(stream, 'columns', property);
    });
  }
}

describe('the streams of cf rollcall-status', () => {
  it('are as wide as their window is now, and 80 columns where the terminal says none', () => {
    for (const [columns, shown] of [
      [200, 200],
      [90, 90],
      [undefined, 80],
      [0, 80],
    ] as const) {
      withColumns(columns, () => expect(pluginIo.columns).to.equal(shown));
    }
  });
});
