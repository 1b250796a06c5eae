import process from 'node:process';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { KnownFailure } from '../model/failure.ts';
import { runCapture } from './capture-command.ts';
import { runCheck } from './check-command.ts';
import { runDemo } from './demo-command.ts';
import { DEFAULT_GARDEN_SOCKET } from './cell-options.ts';
import { runExplain } from './explain-command.ts';
import { finish } from './fail.ts';
import type { Io } from './io.ts';
import { mountsOptions, runMounts } from './mounts-command.ts';
import { VERSION } from './version.ts';

const io: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTty: process.stdout.isTTY,
  columns: process.stdout.columns ?? (Number(process.env['COLUMNS']) || 80),
  env: process.env,
};

// A reader that has seen enough (`| head`) is no error; without this Node throws EPIPE.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const FORMAT = {
  format: { choices: ['table', 'json'] as const, default: 'table' as const, describe: 'Output' },
  color: {
    choices: ['auto', 'always', 'never'] as const,
    default: 'auto' as const,
    describe: 'Colour; auto: on a terminal without NO_COLOR',
  },
} as const;

const CELL = {
  'garden-socket': {
    type: 'string',
    describe: `Garden's socket [${DEFAULT_GARDEN_SOCKET}]`,
    requiresArg: true,
  },
  'garden-timeout': {
    type: 'string',
    describe: 'Longest wait for Garden [10s]',
    requiresArg: true,
  },
  root: {
    type: 'string',
    describe: 'Where /proc and /sys/fs/cgroup are read from [/]',
    requiresArg: true,
  },
  settle: {
    type: 'string',
    describe: 'How long a difference must last [2s]; 30s or more tells no-cgroup too',
    requiresArg: true,
  },
} as const;

const CAPTURE = {
  capture: { type: 'string', describe: 'Read a saved cell instead of this one', requiresArg: true },
} as const;

/** The daemon's command; given by the program's root, because nobody here may know the agent. */
export type RunAgent = (
  args: { readonly config: string; readonly checkConfig: boolean },
  io: Io,
) => Promise<number>;

const commandsOf = (runAgent: RunAgent) =>
  yargs(hideBin(process.argv))
    .scriptName('rollcall')
    .usage(
      '$0 COMMAND\n\nCompares the containers that the kernel runs on a Diego cell with those that Garden lists.',
    )
    .command(
      'check',
      'Compare once: exit 0 all tracked, 1 something untracked, 2 could not tell',
      (y) =>
        y.options({
          ...CELL,
          ...CAPTURE,
          ...FORMAT,
          all: { type: 'boolean', default: false, describe: 'List the tracked containers too' },
        }),
      (args) => run(() => runCheck(args, io)),
    )
    .command(
      'mounts',
      'Which mount shows each cgroup hierarchy, and why',
      (y) => y.options({ ...mountsOptions, ...FORMAT }),
      (args) => run(() => runMounts(args, io)),
    )
    .command(
      'explain <handle>',
      'All that is known of one container',
      (y) =>
        y
          .positional('handle', { type: 'string', demandOption: true, describe: "Garden's handle" })
          .options({ ...CELL, ...CAPTURE, ...FORMAT }),
      (args) => run(() => runExplain(args, io)),
    )
    .command(
      'capture [file]',
      'Save what one check reads, to be replayed elsewhere with --capture',
      (y) =>
        y
          .positional('file', {
            type: 'string',
            describe: 'A new file; default rollcall-HOST-TIME.json.gz',
          })
          .options({ ...CELL, ...CAPTURE }),
      (args) => run(() => runCapture(args, io)),
    )
    .command(
      'demo',
      'A Diego cell in a box, checked before your eyes',
      (y) =>
        y.options({
          keep: {
            type: 'boolean',
            default: false,
            describe: 'Leave the cell running, and say how to enter it',
          },
          color: FORMAT.color,
        }),
      (args) => run(() => runDemo(args, io)),
    )
    .command(
      'agent',
      'The daemon: looks again and again, remembers, and tells every change once',
      (y) =>
        y.options({
          config: {
            type: 'string',
            demandOption: true,
            requiresArg: true,
            describe: 'The configuration, a JSON file',
          },
          'check-config': {
            type: 'boolean',
            default: false,
            describe: 'Only validate it, and say everything that is wrong',
          },
        }),
      (args) => run(() => runAgent(args, io)),
    )
    .demandCommand(1, 'Give a command.')
    .strict()
    .recommendCommands()
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .version(VERSION)
    .wrap(Math.min(100, io.columns))
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof KnownFailure
        ? error
        : new KnownFailure('USAGE', usageSentence(message ?? error.message));
    });

/** yargs explains over several lines; an error is one. */
const usageSentence = (message: string): string =>
  `${message.replaceAll(/\s+/g, ' ').replace(/[.!]?$/, '.')} See rollcall --help.`;

async function run(command: () => Promise<number>): Promise<void> {
  process.exitCode = await finish(command, io);
}

/** Runs the command of this process; its outcome is the exit code. */
export async function main(runAgent: RunAgent): Promise<void> {
  process.exitCode = await finish(async () => {
    await commandsOf(runAgent).parseAsync();
    return Number(process.exitCode ?? 0);
  }, io);
}

if (import.meta.main) await main(() => Promise.resolve(2));
