import { statSync } from 'node:fs';
import { MAX_SOCKET_PATH } from '../model/agent-config.ts';
import { MAX_WHY, type GardenFailure, type GardenFailureCode } from '../model/garden.ts';
import { oneLine } from '../model/text.ts';
import { parseGardenError } from '../parse/garden-answers.ts';
import type { GetOutcome } from './unix-http-get.ts';

/** What was asked, for the sentence that says why there is no answer. */
export interface Asked {
  readonly socketPath: string;
  readonly timeoutMilliseconds: number;
  readonly maxBodyBytes: number;
}

const SETTING = '--garden-socket (garden.socketPath in the configuration)';
const CHECK_SETTING = `check that ${SETTING} names Garden's socket`;
const CHECK_LOG = "see garden's log for a crash or a restart";

/** A failure in one sentence: what happened, and what to do. */
export const gardenFailure = (
  code: GardenFailureCode,
  happened: string,
  todo: string,
): GardenFailure => ({ kind: 'failed', code, why: oneLine(`${happened}: ${todo}.`, MAX_WHY) });

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return true;
  }
}

function connectionFailure(code: string, path: string): GardenFailure {
  const socket = `Garden's socket "${oneLine(path, 120)}"`;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return gardenFailure(
        'socket-missing',
        `${socket} does not exist`,
        `start the garden job, or correct ${SETTING}`,
      );
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return gardenFailure(
        'socket-missing',
        `${socket} cannot exist, a socket's path has at most ${MAX_SOCKET_PATH} bytes`,
        `correct ${SETTING}`,
      );
    case 'EACCES':
    case 'EPERM':
      return gardenFailure(
        'permission',
        `Not allowed to connect to ${socket}`,
        'run as root, or as a user who may enter its directory and write to it',
      );
    case 'EPROTOTYPE':
      return gardenFailure('not-a-socket', `${socket} is no stream socket`, CHECK_SETTING);
    case 'ECONNREFUSED':
      // Linux refuses to connect to a file or a directory in the same way as to a socket that nobody listens on.
      return isSocket(path)
        ? gardenFailure(
            'refused',
            `Nothing listens on ${socket}`,
            'start the garden job, or wait until it is up',
          )
        : gardenFailure('not-a-socket', `${socket} is not a socket`, CHECK_SETTING);
    case 'EAGAIN':
      return gardenFailure(
        'refused',
        `${socket} has a full queue of connections that nobody accepts`,
        'see whether gdn is stopped or overloaded',
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return gardenFailure('reset', `${socket} was closed without an answer`, CHECK_LOG);
    default:
      return code.startsWith('HPE_')
        ? gardenFailure('not-http', `What listens on ${socket} speaks no HTTP`, CHECK_SETTING)
        : gardenFailure(
            'refused',
            `Connecting to ${socket} failed with ${oneLine(code, 40)}`,
            'see whether this machine is short of files or memory',
          );
  }
}

function statusFailure(status: number, body: string | null): GardenFailure {
  const message = body === null ? null : parseGardenError(body);
  return message === null
    ? gardenFailure('http-status', `Garden's socket answered with status ${status}`, CHECK_SETTING)
    : gardenFailure(
        'http-status',
        `Garden answered with status ${status} and "${message}"`,
        'see the logs of garden and containerd for what stops it',
      );
}

/** The body of an answer with status 200, or the failure in words. */
export function bodyOf(outcome: GetOutcome, asked: Asked): string | GardenFailure {
  switch (outcome.kind) {
    case 'response':
      if (outcome.status !== 200) return statusFailure(outcome.status, outcome.body);
      return (
        outcome.body ?? gardenFailure('not-json', "Garden's answer is not UTF-8", CHECK_SETTING)
      );
    case 'timeout':
      return gardenFailure(
        'timeout',
        `Garden did not answer within ${asked.timeoutMilliseconds / 1000} s`,
        'it may be starting (a clean-up of 250 containers takes longer) or stuck, see its log; --garden-timeout (garden.timeoutSeconds) allows more',
      );
    case 'too-large':
      return gardenFailure(
        'too-large',
        `Garden's answer is larger than ${asked.maxBodyBytes} bytes`,
        CHECK_SETTING,
      );
    case 'cut-short':
      return gardenFailure('cut-short', "Garden's answer ended in the middle", CHECK_LOG);
    case 'error':
      return connectionFailure(outcome.code, asked.socketPath);
  }
}
