import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../src/model/failure.ts';
import { GARDEN_SOCKET, has, parseOwn } from '../gdn/config.ts';
import { ask } from '../gdn/control.ts';
import { inParallel } from '../in-parallel.ts';
import { BBS_AWAY, REP_STATUS, type RepConfiguration, type RepStatus } from './config.ts';

const POLL_MILLISECONDS = 100;
/** Keeps the stream from being closed as idle. */
const STREAM_MILLISECONDS = 5_000;
const REQUEST_MILLISECONDS = 10_000;
/** The most time that rep takes to stop. */
const STOP_MILLISECONDS = 20_000;
/** As many as the real one destroys at a time. */
const MAX_DESTROYS = 32;
const OWNED = '/containers?executor:owner=executor';

/**
 * Does to Garden's containers what Diego's rep does, and nothing else. Its containers are those
 * that Garden calls created after it began to serve. When the stream to gdn breaks they count as
 * crashed, and it destroys them, whatever their properties are: 404 counts as success, and failures
 * are retried in each bulk pass. It keeps its knowledge only in memory.
 */
class Rep {
  readonly #configuration: RepConfiguration;
  readonly #known = new Set<string>();
  readonly #toDestroy = new Set<string>();
  #state: RepStatus['state'] = 'starting';
  #stream = false;

  constructor(configuration: RepConfiguration) {
    this.#configuration = configuration;
  }

  async run(): Promise<void> {
    process.on('SIGTERM', () => void this.#stop());
    await this.#destroyOwned();
    this.#say('serving');
    let nextBulk = Date.now() + this.#configuration.retryMilliseconds;
    while (this.#state === 'serving') {
      if (!this.#stream) await this.#openStream();
      await this.#look();
      if (Date.now() >= nextBulk) {
        nextBulk = Date.now() + this.#configuration.retryMilliseconds;
        await this.#destroyAll();
      }
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** At its start it finds containers by their owner, and waits until they are destroyed. */
  async #destroyOwned(): Promise<void> {
    this.#say('starting');
    for (;;) {
      const owned = await listed(`${OWNED}&garden.state=all`).catch(() => null);
      if (owned !== null) {
        log(`containers-to-destroy ${owned.length}`);
        for (const handle of owned) {
          if (await destroy(handle)) continue;
          // As rep's initializer does.
          this.#say('failed');
          log(`cannot destroy ${handle}`);
          process.exit(1);
        }
        return;
      }
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** Takes over newly created containers. If Garden lost one, its health check fails. */
  async #look(): Promise<void> {
    try {
      const now = new Set(await listed(OWNED));
      const lost = [...this.#known].filter((handle) => !now.has(handle));
      for (const handle of now) this.#known.add(handle);
      if (lost.length > 0) await this.#crashed(lost);
      else this.#say(this.#state);
    } catch (error) {
      // Garden answers but containerd does not, so all health checks fail.
      if (error instanceof RefusedByGarden) await this.#crashed([...this.#known]);
    }
  }

  async #openStream(): Promise<void> {
    const socket = connect(GARDEN_SOCKET).resume();
    const isOpen = await once(socket, 'connect').catch(() => null);
    if (isOpen === null) return;
    this.#stream = true;
    const ping = (): boolean => socket.write('GET /ping HTTP/1.1\r\nHost: garden\r\n\r\n');
    const timer = setInterval(ping, STREAM_MILLISECONDS);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(timer);
      this.#stream = false;
      log('stream lost');
      void this.#crashed([...this.#known]);
    });
    ping();
  }

  async #crashed(handles: readonly string[]): Promise<void> {
    for (const handle of handles) this.#toDestroy.add(handle);
    await this.#destroyAll();
  }

  async #destroyAll(): Promise<void> {
    if (existsSync(BBS_AWAY)) {
      this.#say(this.#state);
      return;
    }
    await inParallel([...this.#toDestroy], MAX_DESTROYS, async (handle) => {
      if (!(await destroy(handle))) return;
      this.#toDestroy.delete(handle);
      this.#known.delete(handle);
    });
    this.#say(this.#state);
  }

  /** Ends its containers before itself. */
  async #stop(): Promise<void> {
    for (const handle of this.#known) this.#toDestroy.add(handle);
    await Promise.race([this.#destroyAll(), sleep(STOP_MILLISECONDS)]);
    this.#say('stopped');
    process.exit(0);
  }

  #say(state: RepStatus['state']): void {
    this.#state = state;
    const status: RepStatus = { state, known: [...this.#known], toDestroy: [...this.#toDestroy] };
    writeFileSync(`${REP_STATUS}.new`, JSON.stringify(status));
    renameSync(`${REP_STATUS}.new`, REP_STATUS);
  }
}

class RefusedByGarden extends Error {}

type List = { readonly Handles: readonly string[] };

async function listed(path: string): Promise<readonly string[]> {
  const { status, body } = await askGarden('GET', path);
  if (status !== 200) throw new RefusedByGarden(body);
  return parseOwn(body, has<List>('Handles')).Handles;
}

async function destroy(handle: string): Promise<boolean> {
  try {
    const { status } = await askGarden('DELETE', `/containers/${encodeURIComponent(handle)}`);
    log(`destroy ${handle}: ${status}`);
    return status === 200 || status === 404;
  } catch (error) {
    log(`destroy ${handle}: ${messageOf(error)}`);
    return false;
  }
}

const askGarden = (method: 'GET' | 'DELETE', path: string) =>
  ask(GARDEN_SOCKET, { method, path, deadlineMilliseconds: REQUEST_MILLISECONDS });

const log = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
};

// On Linux the title of node becomes the name of the process, by which observers find rep.
process.title = 'rep';
// `RepProcess` starts this file in the cell; its one argument is the configuration.
await new Rep(parseOwn(process.argv[2] ?? '', has<RepConfiguration>('retryMilliseconds'))).run();
