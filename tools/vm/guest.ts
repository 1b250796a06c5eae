import { NODE } from './requirements.ts';

const CLOCK_SECONDS = 5;
/** Where the checkout is in the machine. */
const CHECKOUT = '/checkout';
const UNIT = 'rollcall-vm.service';

/** Set on a machine that is discarded afterwards, so that a test may change anything. */
export const VM_VARIABLE = 'ROLLCALL_VM';

/**
 * What a line of the second serial port says of the machine itself, after a mark; null if it is one of
 * the tests. `up` has no number, `clock` has seconds, and `exit` the exit code of the tests.
 */
export function guestLine(line: string): { readonly word: string; readonly number: number } | null {
  const said = /^@vm (?:up|(clock|exit) (\d+))$/.exec(line);
  return said === null ? null : { word: said[1] ?? 'up', number: Number(said[2] ?? 0) };
}

/**
 * What the machine gets in addition to its image, so that the image contains only Debian's
 * packages: a unit and its script, as systemd credentials.
 * @see systemd.system-credentials(7), systemd.extra-unit.*
 */
export function credentials(tests: readonly string[]): Readonly<Record<string, string>> {
  return { [`systemd.extra-unit.${UNIT}`]: unit, 'rollcall.script': script(tests) };
}

export const UNIT_KERNEL_ARGUMENT = `systemd.wants=${UNIT}`;

/** The machine ends whatever happens to the script. */
const unit = `[Unit]
Description=Tests of rollcall
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ImportCredential=rollcall.*
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
ExecStart=/bin/sh %d/rollcall.script
ExecStopPost=/bin/systemctl poweroff --force --force
`;

/**
 * Tests write to an overlay of the checkout, for example the bundle that they build. The script
 * runs in a scope of its own, like the session of an operator. The clock shows that the machine is
 * alive: on an emulated processor that is shared with others one test may take half an hour.
 */
const script = (tests: readonly string[]): string => `
stty -F /dev/ttyS1 -opost
echo '@vm up'
while sleep ${CLOCK_SECONDS}; do read -r up idle </proc/uptime; echo "@vm clock \${up%.*}"; done &
must() { "$@" || { echo "failed: $*"; echo '@vm exit 2'; exit 2; }; }
must mkdir -p /run/below /run/layer ${CHECKOUT}
must mount -t virtiofs -o ro checkout /run/below
must mount -t tmpfs layer /run/layer
must mkdir /run/layer/upper /run/layer/work
must mount -t overlay -o lowerdir=/run/below,upperdir=/run/layer/upper,workdir=/run/layer/work \\
  checkout ${CHECKOUT}
must cd ${CHECKOUT}
export ${VM_VARIABLE}=yes
# Through a pipe, because mocha colours what it writes to a terminal.
{
  systemd-run --quiet --scope --slice=user-0.slice --unit=session-1.scope -- \\
    ${NODE} tools/vm/run-tests.ts ${tests.map(quoted).join(' ')} </dev/null
  echo "@vm exit $?"
} 2>&1 | cat
`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
