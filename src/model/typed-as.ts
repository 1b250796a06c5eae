/** What operators type on a cell, where the job is (jobs/rollcall/templates/rollcall.erb). */
export const TYPED_ON_CELL = 'sudo /var/vcap/jobs/rollcall/bin/rollcall';
