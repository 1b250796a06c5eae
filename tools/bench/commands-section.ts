import { writeFileSync } from 'node:fs';
import { type Cell, runInCell } from '../../src/demo-cell/cell/cell.ts';
import { GARDEN_SOCKET } from '../../src/demo-cell/gdn/config.ts';
import { startAgent, type BenchAgent } from './agent.ts';
import { timingOf } from './samples.ts';
import { milliseconds, timingText, type Section } from './section.ts';

const ROUNDS = 3;
const REQUESTS = 100;
/** Longer than the requests take, so that no pass is among them. */
const QUIET_INTERVAL_SECONDS = 60;

/** What a script on a cell would do: the handles of all processes beside Garden's list. */
const SCRIPT = `
import http.client, json, os, socket

class Garden(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("${GARDEN_SOCKET}")

garden = Garden("garden")
garden.request("GET", "/containers")
listed = set(json.load(garden.getresponse())["Handles"])
running = set()
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{pid}/cgroup") as lines:
            running.update(line.strip().split("/garden/")[1] for line in lines if "/garden/" in line)
    except OSError:
        pass
print(len(running - listed))
`;

export async function commandsSection(cell: Cell, folder: string): Promise<Section> {
  const agent = await startAgent(cell, folder, QUIET_INTERVAL_SECONDS);
  const rollcall = (...words: string[]) => [process.execPath, `${folder}/start.cjs`, ...words];
  writeFileSync(cell.outside('/var/vcap/untracked.py'), SCRIPT);
  const pids = cell.hierarchies.find(({ controllers }) => controllers.includes('pids'));
  const top = (pids ?? cell.hierarchies[0])?.root ?? '';
  const find = ['find', top, '-name', 'cgroup.procs', '-exec', 'cat', '{}', '+'];
  const list = ['curl', '-fsS', '--unix-socket', GARDEN_SOCKET, 'http://garden/containers'];
  const row = async (what: string, command: readonly string[], misses = nothing) => {
    const { times, stdout } = await timedInCell(cell, command);
    return [what, ...times, misses(stdout.trim())];
  };
  try {
    return {
      title: 'Commands and requests on a cell of 250 app instances',
      about:
        'Milliseconds of wall and CPU time, those of `rollcall` from the package of a cell. A `check` that sees a difference reads again ' +
        "two seconds later. The CPU time of a request is the agent's, that of Garden's list only the client's: a real gdn answers the " +
        'list in 24 ms. Its `bulk_info` of 250 handles takes it 0.8 s and adds nothing about what runs.',
      columns: ['what', 'wall', 'CPU', 'what it does not tell'],
      rows: [
        await row('`rollcall check`', rollcall('check')),
        await row('`rollcall sensors`', rollcall('sensors')),
        await row('`rollcall status`', rollcall('status', '--status-socket', agent.socket)),
        ['a scrape of `/metrics`', ...(await timesOfRequest(agent, '/metrics')), ''],
        ['the page', ...(await timesOfRequest(agent, '/')), ''],
        await row(
          '`find` and `cat` of `cgroup.procs`',
          find,
          () => `which containers Garden lists; ${ONE}`,
        ),
        await row(
          '`systemd-cgls`',
          ['systemd-cgls', '--no-pager', '--all', '--full', top],
          () => `which containers Garden lists; ${ONE}`,
        ),
        await row(
          "Garden's list",
          list,
          () => 'what runs: a container that Garden lost is not in it',
        ),
        await row(
          'a script in Python: the cgroups of all processes that Garden does not list',
          ['python3', '/var/vcap/untracked.py'],
          (count: string) =>
            `the truth: it reports ${count} side processes, and each container that starts while it reads`,
        ),
      ],
      goals: [],
    };
  } finally {
    await agent.end();
  }
}

const nothing = (_answer: string): string => '';
const ONE = 'whether a process has left its container; another hierarchy or mount';

type Times = readonly [wall: string, cpu: string];

async function timesOfRequest(agent: BenchAgent, page: string): Promise<Times> {
  const walls: number[] = [];
  const before = agent.cpu();
  for (let request = 0; request < REQUESTS; request++) {
    const begun = performance.now();
    await agent.get(page);
    walls.push(performance.now() - begun);
  }
  return [timingText(timingOf(walls)), milliseconds((agent.cpu() - before) / REQUESTS)];
}

/** bash measures in milliseconds what a command and its children took. */
const TIMED = `TIMEFORMAT='%R %U %S'; time "$@" 2>/dev/null`;

async function timedInCell(
  cell: Cell,
  command: readonly string[],
): Promise<{ readonly times: Times; readonly stdout: string }> {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (;;) {
    const ran = await runInCell(cell, ['bash', '-c', TIMED, 'bash', ...command]);
    if (ran.exitCode !== 0) throw new Error(`${command.join(' ')} exited with ${ran.exitCode}`);
    const [wall = 0, user = 0, system = 0] = ran.stderr.trim().split(' ').map(Number);
    walls.push(wall * 1000);
    cpus.push((user + system) * 1000);
    if (walls.length < ROUNDS) continue;
    return { times: [timingText(timingOf(walls)), timingText(timingOf(cpus))], stdout: ran.stdout };
  }
}
