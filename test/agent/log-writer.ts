import process from 'node:process';
import type { LogLevel } from '../../src/model/agent-config.ts';
import { createLog } from '../../src/agent/log.ts';

/* A program that writes log lines as the agent does and ends: `log-writer.ts COUNT LEVEL...`. */

const [count = '0', ...levels] = process.argv.slice(2);
for (const level of levels) {
  const log = createLog(level as LogLevel, null);
  for (let n = 0; n < Number(count); n++) {
    log({
      at: '2026-03-02T10:21:33.412Z',
      message: n % 2 === 0 ? 'rollcall.container.gone' : 'rollcall.container.untracked',
      level: n % 2 === 0 ? 'info' : 'error',
      sentence: 'x'.repeat(200),
      data: { n, logged: level },
    });
  }
}
