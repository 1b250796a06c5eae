/** What operators type on a cell, where the job is (jobs/rollcall/templates/rollcall.erb). */
export const TYPED_ON_CELL = 'sudo /var/vcap/jobs/rollcall/bin/rollcall';

/**
 * A text whose commands begin as its reader types them. Reports, errors and the log name a command as
 * it is typed on a cell, because most who read them are there.
 * @param typedAs `rollcall` if nothing says it
 */
export const asTyped = (text: string, typedAs = 'rollcall'): string =>
  text.replaceAll(TYPED_ON_CELL, typedAs);
