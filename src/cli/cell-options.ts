import { KnownFailure } from '../model/failure.ts';
import { durationOption } from '../terminal/duration.ts';

export const DEFAULT_GARDEN_SOCKET = '/var/vcap/data/garden/garden.sock';
const DEFAULT_GARDEN_TIMEOUT = '10s';
const DEFAULT_SETTLE = '2s';
const LONGEST = 600_000;

/** What `check`, `explain` and `capture` share, as typed. */
export interface CellArguments {
  readonly gardenSocket?: string | undefined;
  readonly gardenTimeout?: string | undefined;
  readonly root?: string | undefined;
  readonly settle?: string | undefined;
  readonly capture?: string | undefined;
}

export type CellSource =
  | {
      readonly kind: 'live';
      readonly root: string;
      readonly gardenSocket: string;
      readonly gardenTimeoutMilliseconds: number;
      readonly settleMilliseconds: number;
    }
  | { readonly kind: 'capture'; readonly path: string };

/** @throws KnownFailure USAGE for options that contradict each other or have no meaning. */
export function cellSource(args: CellArguments): CellSource {
  if (args.capture !== undefined) {
    for (const [option, value] of Object.entries({
      '--garden-socket': args.gardenSocket,
      '--garden-timeout': args.gardenTimeout,
      '--root': args.root,
      '--settle': args.settle,
    })) {
      if (value !== undefined) {
        throw new KnownFailure(
          'USAGE',
          `${option} asks a live cell and --capture a saved one; give one of them.`,
        );
      }
    }
    return { kind: 'capture', path: args.capture };
  }
  const gardenTimeoutMilliseconds = durationOption(
    args.gardenTimeout ?? DEFAULT_GARDEN_TIMEOUT,
    '--garden-timeout',
    LONGEST,
  );
  if (gardenTimeoutMilliseconds <= 0) {
    throw new KnownFailure('USAGE', '--garden-timeout must be more than 0.');
  }
  const root = args.root ?? '/';
  if (!root.startsWith('/')) {
    throw new KnownFailure('USAGE', '--root needs an absolute path to a directory.');
  }
  return {
    kind: 'live',
    root,
    gardenSocket: args.gardenSocket ?? DEFAULT_GARDEN_SOCKET,
    gardenTimeoutMilliseconds,
    settleMilliseconds: durationOption(args.settle ?? DEFAULT_SETTLE, '--settle', LONGEST),
  };
}
