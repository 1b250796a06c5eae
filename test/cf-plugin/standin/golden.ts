import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const folder = new URL('../../fixtures/cf-plugin/', import.meta.url);

/** Compares a whole output with the one that was read and found good; ROLLCALL_WRITE_GOLDEN=1 writes it anew, to be read again. */
export function expectGolden(name: string, output: string): void {
  const file = fileURLToPath(new URL(name, folder));
  if (process.env['ROLLCALL_WRITE_GOLDEN'] === '1') writeFileSync(file, output);
  expect(existsSync(file), file).to.equal(true);
  expect(output).to.equal(readFileSync(file, 'utf8'));
}
