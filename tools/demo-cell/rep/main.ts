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
const HEALTH_CHECKS = '/containers?tag:healthcheck-tag=healthcheck&garden.state=all';
/**
 * A gdn that is killed and starts again at once gets the destroys of that event, with or without the
 * BBS; one that is away for 45 s does not.
 */
const EVENT_MILLISECONDS = 5_000;
const CHECK_TRIES = 3;
const CHECK_RETRY_MILLISECONDS = 1_000;

/**
 * Does to Garden's containers what Diego's rep does, and nothing else. Its containers are those
 * that Garden calls created after it began to serve. When the stream to gdn breaks they count as
 * crashed, and it destroys them, whatever their properties are: 404 counts as success. For that event
 * it needs no BBS; failures are retried in each bulk pass, for which it does. It finds what its own
 * health checks left by a property, and tries three times to destroy each in every such check. It
 * keeps its knowledge only in memory.
 */
class Rep {
  readonly #configuration: RepConfiguration;
  readonly #known = new Set<string>();
  /** Those of an event that has had its attempt, or has it now. */
  readonly #crashes = new Set<string>();
  /** Those whose attempt failed. */
  readonly #toDestroy = new Set<string>();
  #state: RepStatus['state'] = 'starting';
  #stream = false;

  constructor(configuration: RepConfiguration) {
    this.#configuration = configuration;
  }

  async run(): Promise<void> {
    process.on('SIGTERM', () => void this.#stop());
    await this.#destroyOwned();
    const { healthCheckMilliseconds } = this.#configuration;
    if (healthCheckMilliseconds !== undefined) {
      if (!(await this.#checkHealth())) this.#fail('garden_health_checker exited with error');
      void this.#checkHealthEvery(healthCheckMilliseconds);
    }
    this.#say('serving');
    let nextBulk = Date.now() + this.#configuration.retryMilliseconds;
    while (this.#state === 'serving') {
      if (!this.#stream) await this.#openStream();
      await this.#look();
      if (Date.now() >= nextBulk) {
        nextBulk = Date.now() + this.#configuration.retryMilliseconds;
        await this.#makeBulkPass();
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
          if (await isDestroyed(handle)) continue;
          // As rep's initializer does.
          this.#fail(`cannot destroy ${handle}`);
        }
        return;
      }
      await sleep(POLL_MILLISECONDS);
    }
  }

  async #checkHealthEvery(milliseconds: number): Promise<void> {
    for (;;) {
      await sleep(milliseconds);
      if (!(await this.#checkHealth())) log('set-state-unhealthy');
    }
  }

  /** @returns whether it destroyed what earlier health checks left */
  async #checkHealth(): Promise<boolean> {
    const left = await listed(HEALTH_CHECKS).catch(() => null);
    for (const handle of left ?? []) {
      let tries = 1;
      while (!(await isDestroyed(handle))) {
        if (tries++ === CHECK_TRIES) return false;
        await sleep(CHECK_RETRY_MILLISECONDS);
      }
    }
    return left !== null;
  }

  #fail(why: string): never {
    this.#say('failed');
    log(why);
    process.exit(1);
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

  /** The one attempt for this event. What it cannot destroy waits for the next bulk pass. */
  async #crashed(handles: readonly string[]): Promise<void> {
    const fresh = handles.filter((handle) => !this.#crashes.has(handle));
    for (const handle of fresh) this.#crashes.add(handle);
    await untilGardenAnswers(EVENT_MILLISECONDS);
    await this.#destroy(fresh);
  }

  async #makeBulkPass(): Promise<void> {
    if (!existsSync(BBS_AWAY)) await this.#destroy([...this.#toDestroy]);
  }

  async #destroy(handles: readonly string[]): Promise<void> {
    await inParallel(handles, MAX_DESTROYS, async (handle) => {
      if (!(await isDestroyed(handle))) {
        this.#toDestroy.add(handle);
        return;
      }
      for (const set of [this.#known, this.#crashes, this.#toDestroy]) set.delete(handle);
    });
    this.#say(this.#state);
  }

  /** Ends its containers before itself. */
  async #stop(): Promise<void> {
    await Promise.race([this.#destroy([...this.#known]), sleep(STOP_MILLISECONDS)]);
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

async function untilGardenAnswers(milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  const answers = () => askGarden('GET', '/ping').then(Boolean, () => false);
  while (!(await answers()) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
}

async function isDestroyed(handle: string): Promise<boolean> {
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
