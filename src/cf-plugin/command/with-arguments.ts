import { reportFailure } from './failed.ts';
import type { Io } from './io.ts';
import { failureForm, readArguments, type StatusArguments } from './options.ts';

/** From what was typed to the exit code. What fails is told in the form that was asked for, a wrong option too. */
export async function withArguments(
  typed: readonly string[],
  io: Io,
  run: (args: StatusArguments) => Promise<number>,
): Promise<number> {
  try {
    return await run(readArguments(typed));
  } catch (error) {
    return reportFailure(error, failureForm(typed), io);
  }
}
