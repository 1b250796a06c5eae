// `node [FLAGS] keep-code.cjs commands|agent`: runs the program once beside a stand-in of Garden, and
// saves the code that V8 compiled beside the program. Runs when the package is built, with the same Node
// and flags that later start the program.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import v8 from 'node:v8';
import { codeFile, compiled, run } from './program.ts';

const MAX_RUN = 60_000;
/** A container that does not run: a pass comes to most of the code that compares one. */
const LISTED = JSON.stringify({ Handles: ['kept'] });
const PROPERTIES = JSON.stringify({ 'garden.state': 'created', 'executor:owner': 'executor' });

const isAgent = process.argv[2] === 'agent';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rollcall-'));
const at = (name: string): string => path.join(folder, name);
const gardenSocket = at('garden.sock');

if (isAgent)
  fs.writeFileSync(
    at('agent.json'),
    JSON.stringify({
      garden: { socketPath: gardenSocket },
      metrics: { port: 0 },
      status: { socketPath: at('status.sock') },
      memory: { path: at('memory.json') },
    }),
  );
process.argv.splice(
  2,
  Number.POSITIVE_INFINITY,
  ...(isAgent
    ? ['agent', '--config', at('agent.json')]
    : ['check', '--garden-socket', gardenSocket, '--settle', '0s']),
);

// The agent logs this at the end of its first pass.
process.stdout.write = (text) => {
  if (String(text).includes('"rollcall.mounts.chosen"')) process.kill(process.pid, 'SIGTERM');
  return true;
};

http
  .createServer(({ url = '' }, response) => {
    response.end(url.endsWith('/properties') ? PROPERTIES : LISTED);
  })
  .listen(gardenSocket)
  .unref();

// V8 drops bytecode that has not run for some garbage collections: on a busy machine, much of the
// start's. It rejects a cache made under other flags, so the flag is restored before the cache is made.
v8.setFlagsFromString('--no-flush-bytecode');
const script = compiled(undefined);
process.once('exit', () => {
  fs.rmSync(folder, { recursive: true });
  // The agent runs as vcap and sets a strict umask; vcap must be able to read this file.
  process.umask(0o022);
  fs.mkdirSync(path.dirname(codeFile(isAgent)), { recursive: true });
  v8.setFlagsFromString('--flush-bytecode');
  fs.writeFileSync(codeFile(isAgent), script.createCachedData());
  process.exitCode = 0;
});
setTimeout(() => process.exit(), MAX_RUN).unref();
run(script);
