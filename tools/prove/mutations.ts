import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { usageFailure } from '../../src/model/failure.ts';
import { inTemporaryFolder } from '../artifact.ts';
import { root } from '../bootstrap/place.mjs';
import { say } from './search-io.ts';

/** No dependency: it brings 78 packages. */
const INSTRUMENTER = '@stryker-mutator/instrumenter@10.0.0';

/** Reads a source file, and writes it with all its mutants. The instrumenter asks for a log, which nobody reads. */
const INSTRUMENT = `
import { text } from 'node:stream/consumers';
import { createInjector } from 'typed-inject';
import { createInstrumenter } from '@stryker-mutator/instrumenter';
const logger = new Proxy({}, { get: () => () => false });
const injector = createInjector().provideValue('logger', logger).provideValue('options', {});
const source = { name: 'source.ts', mutate: true, content: await text(process.stdin) };
const options = { ignorers: [], excludedMutations: [], plugins: null, noHeader: false };
const { files, mutants } = await injector.injectFunction(createInstrumenter).instrument([source], options);
console.log(JSON.stringify({ content: files[0].content, mutants }));
`;

/** `mutations FILE TESTS…`: changes one expression of FILE after the other, and prints what TESTS do not see. */
export async function proveMutations(
  [file, ...tests]: readonly string[],
  cancelSignal: AbortSignal,
): Promise<number> {
  if (file === undefined || tests.length === 0)
    throw usageFailure('after mutations, give FILE and TESTS');
  for (const one of [file, ...tests])
    if (!existsSync(path.join(root, one))) throw usageFailure(`there is no file ${one}`);
  await inTemporaryFolder(async (cwd) => {
    const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', INSTRUMENTER];
    say(`npm ${install.join(' ')}`);
    await execa('npm', ['--prefix', cwd, ...install], { cancelSignal });
    const input = readFileSync(path.join(root, file), 'utf8');
    const command = ['--input-type=module', '--eval', INSTRUMENT];
    const { stdout } = await execa(process.execPath, command, { cwd, input, cancelSignal });
    const mutated = path.join(cwd, 'mutated.json');
    writeFileSync(mutated, stdout);
    const runner = path.join(import.meta.dirname, 'mutants.ts');
    const options = { cwd: root, stdio: 'inherit', cancelSignal } as const;
    await execa(process.execPath, [runner, mutated, file, ...tests], options);
  });
  return 0;
}
