// `npm run runtime-config`: writes the runtime config of this version with ops files applied, and
// rejects one with an unset variable, which `bosh update-runtime-config` would upload.
import { finish } from '../../src/terminal/failing.ts';
import { processIo } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { writeConfig } from './write-config.ts';

async function makeConfig(): Promise<number> {
  const {
    ops,
    var: variables,
    url,
  } = typedOptions({
    ops: { type: 'string', short: 'o', multiple: true, default: [] },
    var: { type: 'string', short: 'v', multiple: true, default: [] },
    url: { type: 'string' },
  });
  const file = await writeConfig({ ops, variables, url: url ?? null });
  processIo.stdout(`${file}\n`);
  return 0;
}

process.exitCode = await finish(makeConfig, processIo);
