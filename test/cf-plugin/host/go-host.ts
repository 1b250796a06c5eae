import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { makePluginScript } from '../../../tools/packaging/scripts.ts';
import { stateFolder } from '../../../tools/bootstrap/place.mjs';
import { skip } from '../../skip.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';

/** What the host answers and how it misbehaves: host/fixture.go. What is left out works. */
export interface Fixture {
  readonly apiEndpoint?: string;
  readonly accessToken?: string;
  readonly loggedOut?: boolean;
  readonly skipSsl?: boolean;
  readonly errors?: Readonly<Record<string, string>>;
  readonly transport?: {
    readonly pieceBytes?: number;
    readonly pauseMilliseconds?: number;
    readonly closeAfterAnsweredBytes?: number;
  };
}

export interface HostRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The methods that the plugin called, in their order. */
  readonly calls: readonly string[];
}

let folder: string | undefined;
let built: Promise<string> | undefined;
let script: Promise<string> | undefined;

function buildFolder(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'rollcall-host-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  return made;
}

/**
 * The first build in a clone compiles Go's library: 20 s of CPU time, minutes on a busy machine.
 */
const MAX_BUILD = 220_000;

/** The host, built once for all tests; without Go the test is skipped. */
export async function goHost(context: Mocha.Context): Promise<string> {
  const version = await execa('go', ['version'], { reject: false });
  if (version.failed) return skip(context, 'go is not installed');
  context.timeout(MAX_BUILD);
  const env = {
    // Its results are kept.
    GOCACHE: join(stateFolder, 'go-build'),
    GOFLAGS: '-mod=mod',
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    // Each of the compiler's processes needs 0.5 GB without collecting its garbage, and a tenth
    // less CPU time.
    GOGC: 'off',
  };
  built ??= (async () => {
    const host = join(buildFolder(), 'host');
    // Without optimization the library compiles in two thirds of the time.
    const args = ['build', '-gcflags=all=-N -l', '-o', host, '.'];
    await execa('go', args, { cwd: import.meta.dirname, env });
    return host;
  })();
  return built;
}

/** The plugin as it is shipped, made once for all tests. */
export function pluginScript(): Promise<string> {
  script ??= makePluginScript(join(buildFolder(), 'rollcall-cf-plugin')).then(({ file }) => file);
  return script;
}

/** Plays one command of cf to its end. */
export async function runHost(
  host: string,
  args: readonly string[],
  fixture: Fixture = {},
): Promise<HostRun> {
  const notes = mkdtempSync(join(buildFolder(), 'run-'));
  const calls = join(notes, 'calls');
  writeFileSync(calls, '');
  writeFileSync(join(notes, 'fixture.json'), JSON.stringify(fixture));
  const options = ['--fixture', join(notes, 'fixture.json'), '--calls', calls];
  const { exitCode, stdout, stderr } = await execa(host, [...options, ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
  });
  return { exitCode, stdout, stderr, calls: methodsIn(readFileSync(calls, 'utf8')) };
}

/** The port of a host that answers until the end of the test. */
export async function portOfGoHost(host: string, fixture: Fixture): Promise<number> {
  const file = join(mkdtempSync(join(buildFolder(), 'serve-')), 'fixture.json');
  writeFileSync(file, JSON.stringify(fixture));
  // It goes when its standard input ends, also when this process is killed.
  const serving = execa(host, ['--fixture', file, 'serve'], { stdin: 'pipe', timeout: 60_000 });
  atEndOfTest(() => {
    serving.stdin.end();
    return serving;
  });
  const [port] = v.parse(portLine, await once(serving.stdout, 'data'));
  return port;
}

const portLine = v.tuple([v.pipe(v.instance(Buffer), v.transform(String), v.transform(Number))]);

const call = v.pipe(v.string(), v.parseJson(), v.object({ method: v.string() }));

function methodsIn(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => v.parse(call, line).method);
}
