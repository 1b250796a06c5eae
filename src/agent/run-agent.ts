import process from 'node:process';
import { readFileSync } from 'node:fs';
import type { AgentConfig } from '../model/agent-config.ts';
import type { AgentEvent } from '../model/event.ts';
import { probeCell } from '../probe/cell-probe.ts';
import { DirectoryWatcher, directoryOfSocket } from '../probe/watcher.ts';
import { Agent } from './agent.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { VERSION } from '../cli/version.ts';

/** The daemon without servers, for trying. */
export async function runAgent(args: { config: string }): Promise<number> {
  const config = JSON.parse(readFileSync(args.config, 'utf8')) as AgentConfig;
  const probe = probeCell({
    root: config.root,
    gardenSocket: config.garden.socketPath,
    gardenTimeoutMilliseconds: config.garden.timeoutSeconds * 1000,
  });
  const containers = new DirectoryWatcher(() => agent.containersChanged());
  const socket = new DirectoryWatcher(() => agent.gardenChanged());
  const agent: Agent = new Agent({
    config,
    version: VERSION,
    probe,
    keeper: new MemoryKeeper(config.memory.path),
    log: (event: AgentEvent) => process.stdout.write(`${JSON.stringify(event)}\n`),
    watch: (places) => {
      containers.watch(places);
      socket.watch(directoryOfSocket(config.garden.socketPath));
    },
  });
  const stop = () => {
    agent.stop();
    probe.close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await agent.run();
  containers.close();
  socket.close();
  return 0;
}
