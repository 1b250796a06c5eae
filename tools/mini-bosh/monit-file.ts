import { expected } from './expected.ts';

export interface MonitProcess {
  readonly pidFile: string;
  readonly start: string;
  readonly stop: string;
}

/** The one process of a monit file: what monit itself would read of it. */
export function monitProcess(job: string, text: string): MonitProcess {
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(text)?.[1];
    expected(found !== undefined, `the monit file of ${job} has no ${pattern.source}`);
    return found;
  };
  return {
    pidFile: find(/with pidfile (\S+)/),
    start: find(/start program "([^"]+)"/),
    stop: find(/stop program "([^"]+)"/),
  };
}
